"""JSON doors of orders, merchants and imports."""
