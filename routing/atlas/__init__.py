"""The atlas: everything made from one OpenStreetMap extract, in one folder.

    <root>/<name>/atlas.json                  what it is: title, box, centre, source, counts
    <root>/<name>/roads/roads.osrm.*          the road engine's data (OSRM, multi-level Dijkstra)
    <root>/<name>/graph.npz                   the same streets for the built-in engine
    <root>/<name>/addresses.sqlite            the address index
    <root>/<name>/public/map/basemap.pmtiles  the background map; `public/` is all that is served

`build.build` makes one, `folder.read` opens one. This package needs no Django.
"""
