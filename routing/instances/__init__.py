"""Public routing instances: files of Solomon, Gehring and Homberger, Li and Lim and CVRPLIB, read into our problem.

Pure: no Django, no clock. `read` gives an `Instance`, `model` its `Problem` and `Travel`, `solution` the VRPLIB files.

Conventions, the usual ones for the published best values. The objective is distance alone, in whole units.
VRPTW (Solomon 1987, doi:10.1287/opre.35.2.254; Gehring & Homberger 1999): distance and travel time are
floor(10 x Euclidean), times of the file x 10. PDPTW (Li & Lim 2001, doi:10.1109/ICTAI.2001.974461):
round(1000 x Euclidean), times x 1000. CVRPLIB (Uchoa et al. 2017, doi:10.1016/j.ejor.2016.08.012): the rounding that
EDGE_WEIGHT_TYPE names. The number of vehicles is the file's; a CVRPLIB file without one gets more than it needs.
"""

from routing.instances.errors import InstanceError
from routing.instances.instance import Instance
from routing.instances.modelling import model
from routing.instances.reading import read, read_text

__all__ = ["Instance", "InstanceError", "model", "read", "read_text"]
