from django.urls import path

from accounts import pages

urlpatterns = [
    path("", pages.Home.as_view(), name="home"),
    path("sign-in/", pages.SignIn.as_view(), name="sign-in"),
    path("sign-out/", pages.SignOut.as_view(), name="sign-out"),
    path("settings/", pages.Settings.as_view(), name="settings"),
    path("settings/language/", pages.OwnLanguage.as_view(), name="own-language"),
    path("organizations/", pages.Organizations.as_view(), name="organizations"),
]
