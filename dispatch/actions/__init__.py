"""Changes of plans, routes and stops: planning before the day, driving during it."""
