"""The roof of the house: settings, addresses, processes and browser code.

This file imports nothing on purpose: `./run` reads `lastmile.local` with a bare Python, before packages are installed.
"""
