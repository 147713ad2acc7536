"""Recipients: whoever has to say a PIN at the door says the one that they were told."""

from __future__ import annotations

from typing import Any

from simulation.door import Door, Refusal


class Recipients:
    """Everybody who waits for a delivery of one organization."""

    def __init__(self, door: Door, key: str) -> None:
        self._door, self._key = door, key

    async def pin(self, order: dict[str, Any]) -> str:
        """What the recipient says when asked for the PIN of this order; "" when they were never told one."""
        try:
            row = await self._door.ask("GET", f"/api/v1/orders/{order['id']}/", key=self._key)
        except Refusal:
            return ""
        return str(row.get("pin") or "")
