from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import languages, speaking, written
        from core import words

        words.write_with(written.number, written.day, languages.tag, speaking.in_house)
