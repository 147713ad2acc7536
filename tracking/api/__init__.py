"""JSON doors: the driver's phone, the board's snapshot, proofs and breadcrumbs."""
