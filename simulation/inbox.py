"""Where recipients read what they were told: the development server's catcher of messages.

In production there is no catcher; then `read` finds nothing and nobody is read over the shoulder.
"""

from __future__ import annotations

import html
import re

import httpx

TIMEOUT_S = 15.0
LINK = re.compile(r"https?://[^\s\"'<>]+/t/[a-z0-9-]+/[A-Za-z0-9_-]+/")
PIN = re.compile(r"\bPIN\b[^0-9]{0,80}?\b([0-9]{4,6})\b")
TAGS = re.compile(r"<[^>]*>")


class Inbox:
    """The caught messages of one organization, opened with a member's log-in."""

    def __init__(
        self, base_url: str, login: dict[str, str], *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._login, self._signed_in = login, False
        self._client = httpx.AsyncClient(
            base_url=base_url, timeout=TIMEOUT_S, transport=transport, trust_env=False, follow_redirects=False)

    async def close(self) -> None:
        """Close the connection."""
        await self._client.aclose()

    async def read(self, reference: str) -> str:
        """The newest message about the order with this reference, as plain text; "" when there is none to be seen."""
        try:
            if not self._signed_in:
                await self._sign_in()
            answer = await self._client.get("/catcher/", params={"q": reference})
        except httpx.HTTPError:
            return ""
        if answer.status_code != 200:
            self._signed_in = answer.status_code not in (302, 401, 403)
            return ""
        page = answer.text
        begins, ends = page.find("<article"), page.find("</article>")
        return html.unescape(TAGS.sub(" ", html.unescape(page[begins:ends]))) if begins >= 0 else ""

    async def _sign_in(self) -> None:
        await self._client.get("/sign-in/")
        answer = await self._client.post("/sign-in/", data={
            "username": self._login["email"], "password": self._login["password"],
            "csrfmiddlewaretoken": self._client.cookies.get("csrftoken", "")},
            headers={"Referer": f"{self._client.base_url}sign-in/"})
        self._signed_in = answer.status_code == 302


def link_in(message: str) -> str:
    """The recipient's link in a message; "" when there is none."""
    found = LINK.search(message)
    return found[0] if found else ""


def pin_in(message: str) -> str:
    """The PIN in a message; "" when there is none."""
    found = PIN.search(message)
    return found[1] if found else ""
