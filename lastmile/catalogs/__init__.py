"""The catalogs of translations: reads the sentences out of the sources, keeps them in `lastmile/locale`, judges them,
and writes what Django and the browser read.

It runs by itself (`python -m lastmile.catalogs update | check | compile`), with Babel and without the gettext programs,
a database or settings. `./run words`, `./run check` and `./run build` call it.
"""
