"""What goes on paper: a route's manifest and its load list as PDF. A pure room: sheets in, bytes out.

manifest(sheets, made_at=…)    # the stops in their order, for the driver
load_list(sheets, made_at=…)   # the parcels in the order of loading: what is delivered last goes in first
summary(page, made_at=…)       # headings, lines and tables of any page that is printed
"""

from dispatch.paper.lists import load_list
from dispatch.paper.manifests import manifest
from dispatch.paper.sheets import Parcel, Sheet, StopOnPaper, Trip
from dispatch.paper.summaries import Block, summary

__all__ = ["Block", "Parcel", "Sheet", "StopOnPaper", "Trip", "load_list", "manifest", "summary"]
