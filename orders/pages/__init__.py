"""HTML doors of orders."""
