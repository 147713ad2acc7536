"""The address book with the doors of orders, for as long as the roof does not list them."""

from django.urls import include, path

import accounts.urls_api
import orders.urls_api
from lastmile.urls import urlpatterns as roof

urlpatterns = [*roof, path("api/v1/", include(orders.urls_api)), path("api/v1/", include(accounts.urls_api))]
try:
    import orders.urls_pages
except ImportError:
    pass
else:
    urlpatterns.append(path("", include(orders.urls_pages)))
