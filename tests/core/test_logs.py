import logging

from core.logs import Context


def record(message: str, *args: object) -> logging.LogRecord:
    made = logging.LogRecord("django.request", logging.WARNING, "x.py", 1, message, args, None)
    assert Context().filter(made)
    return made


def test_a_recipients_link_never_reaches_the_logs() -> None:
    made = record("Not Found: %s", "/t/amber/Zk3v9QmTgB2y7LwXe1Rr5sUo8pNcHdJf/state")
    assert made.getMessage() == "Not Found: /t/amber/…/state"


def test_every_record_has_its_context() -> None:
    made = record("hello %s", "you")
    assert made.getMessage() == "hello you" and (made.tenant, made.actor, made.request_id) == ("-", "-", "-")
