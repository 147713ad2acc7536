"""A played day: dispatcher, drivers, recipients and a watcher, all of them clients of the public API and sockets.

    python -m simulation --demo var/demo.json --speed 60

It imports no app: whatever it can do, any client can do. See `docs/simulation.md`.
"""
