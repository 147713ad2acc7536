"""Small instances in every format, and the lowest cost of one by trying everything."""

from __future__ import annotations

import itertools
import math

from routing.instances import Instance, judging, solution

SOLOMON = """\
R9

VEHICLE
NUMBER     CAPACITY
  3          50

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

    0      35         35          0          0        230          0
    1      41         49         10         16         97         10
    2      35         17         7          50         60         10
    3      55         45         13        116        126         10
    4      55         20         19        149        159         10
"""
LILIM = """\
3\t200\t1
0\t35\t35\t0\t0\t230\t0\t0\t0
1\t41\t49\t-16\t0\t204\t10\t4\t0
2\t35\t17\t7\t0\t202\t10\t0\t3
3\t55\t45\t-7\t0\t197\t10\t2\t0
4\t55\t20\t16\t100\t159\t10\t0\t1
"""
CVRP = """\
NAME : tiny
COMMENT : "five nodes: a depot and four customers"
TYPE : CVRP
DIMENSION : 5
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 6
NODE_COORD_SECTION
1 0 0
2 3 4
3 6.5 8
4 0 -5
5 0 -9
DEMAND_SECTION
1 0
2 2
3 3
4 4
5 2
DEPOT_SECTION
 1
 -1
EOF
"""
EXPLICIT = """\
NAME: four
TYPE: CVRP
DIMENSION: 4
EDGE_WEIGHT_TYPE: EXPLICIT
EDGE_WEIGHT_FORMAT: {form}
CAPACITY: 3
EDGE_WEIGHT_SECTION
{weights}
DEMAND_SECTION
1 0
2 1
3 1
4 2
DEPOT_SECTION
1
-1
EOF
"""


def explicit(form: str, weights: str) -> str:
    return EXPLICIT.format(form=form, weights=weights)


def best(instance: Instance) -> int:
    """The lowest cost of all ways to serve the customers: every order of them, cut in every way."""
    places = range(1, instance.customers + 1)
    found = math.inf
    for order in itertools.permutations(places):
        for cuts in itertools.product((False, True), repeat=len(order) - 1):
            routes: list[list[int]] = [[order[0]]]
            for place, cut in zip(order[1:], cuts, strict=True):
                if cut:
                    routes.append([])
                routes[-1].append(place)
            if not judging.faults(instance, routes):
                found = min(found, solution.cost(instance, routes))
    assert found < math.inf
    return int(found)


def altered(text: str, before: str, after: str) -> str:
    assert before in text
    return text.replace(before, after, 1)


FULL = explicit("FULL_MATRIX", "0 10 20 40\n10 0 30 50\n20 30 0 60\n40 50 60 0")
BY_FORMAT = {"solomon": SOLOMON, "lilim": LILIM, "cvrplib": CVRP, "explicit": FULL}
