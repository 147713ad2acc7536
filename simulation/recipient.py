"""Recipients: whoever has to say a PIN at the door says the one that they were told."""

from __future__ import annotations

from typing import Any

from simulation import inbox
from simulation.door import Door, Refusal


class Recipients:
    """Everybody who waits for a delivery of one organization."""

    def __init__(self, door: Door, key: str, box: inbox.Inbox) -> None:
        self._door, self._key, self._box = door, key, box

    async def pin(self, order: dict[str, Any]) -> str:
        """What the recipient says when asked for the PIN of this order; "" when they do not know it.

        They look into their messages; who lost theirs calls the dispatcher.
        """
        told = inbox.pin_in(await self._box.read(order["reference"]))
        if told:
            return told
        try:
            row = await self._door.ask("GET", f"/api/v1/orders/{order['id']}/", key=self._key)
        except Refusal:
            return ""
        return str(row.get("pin") or "")

    async def link(self, reference: str) -> str:
        """The link that this order's recipient was sent; "" when none has arrived."""
        return inbox.link_in(await self._box.read(reference))
