"""What a demonstration needs before anybody signs in: organizations, people, a fleet, a day, and its order file."""
