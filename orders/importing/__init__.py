"""Order files to order drafts: a pure room (no Django, no clock, no network)."""
