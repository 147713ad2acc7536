"""The ways out of the house: e-mail by SMTP, SMS by HTTP, or the catcher, which keeps them for a look (development).

`send` returns when the other side has taken the message, and raises `NotSent` when it has not.
"""

from __future__ import annotations

import smtplib
from email.utils import formataddr, parseaddr

import httpx
from django.conf import settings
from django.core.mail import BadHeaderError, EmailMultiAlternatives

from notifications.models import Message

TIMEOUT_S = 15.0
CATCHER = "catcher"
TRY_AGAIN = (408, 425, 429)


class NotSent(Exception):
    """`final` when trying again cannot help."""

    def __init__(self, why: str, *, final: bool = False) -> None:
        super().__init__(why)
        self.final = final


def send(message: Message, *, sender: str) -> None:
    """Send one message in the name of `sender`."""
    way = settings.MAIL if message.channel == "email" else settings.SMS
    if way == CATCHER:
        # The row itself is what the catcher shows.
        if not (settings.DEVELOPMENT or settings.TESTING):
            raise NotSent(f"No way to send {message.channel} is set up (MAIL_URL, SMS).", final=True)
    elif message.channel == "email":
        _mail(message, sender)
    else:
        _sms(message, sender, way.removeprefix("http:"))


def _mail(message: Message, sender: str) -> None:
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    mail = EmailMultiAlternatives(
        message.subject, message.text, formataddr((one_line(sender) or name, address)), [message.to],
        headers={"Message-ID": f"<{message.id}@{address.rpartition('@')[2]}>", "Auto-Submitted": "auto-generated"},
    )
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        final = all(code >= 500 for code, _ in error.recipients.values())
        raise NotSent("The mail server refused the recipient's address.", final=final) from error
    except smtplib.SMTPResponseException as error:
        raise NotSent(f"The mail server answered {error.smtp_code}.", final=error.smtp_code >= 500) from error
    except BadHeaderError as error:
        raise NotSent("The address or subject cannot be sent.", final=True) from error
    except (smtplib.SMTPException, OSError) as error:
        raise NotSent(f"The mail server could not be reached ({type(error).__name__}).") from error


def _sms(message: Message, sender: str, url: str) -> None:
    body = {"id": str(message.id), "to": message.to, "from": one_line(sender)[:11], "text": message.text}
    try:
        with httpx.Client(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False) as client:
            answer = client.post(url, json=body)
    except httpx.HTTPError as error:
        raise NotSent(f"The SMS service could not be reached ({type(error).__name__}).") from error
    if not answer.is_success:
        final = 400 <= answer.status_code < 500 and answer.status_code not in TRY_AGAIN
        raise NotSent(f"The SMS service answered {answer.status_code}.", final=final)


def one_line(text: str) -> str:
    """Without line breaks and control characters, for headers."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
