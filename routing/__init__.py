"""Routing: a problem goes in, a plan comes out. Three rooms: `solver` (search), `atlas` (map data), `roads` (travel
times).

Nothing in here knows an order, a driver or a tenant; `dispatch` translates.
"""
