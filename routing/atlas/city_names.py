"""Names for a generated city: streets, quarters, postcodes. None is meant to be a real place."""

import numpy as np

CITY = "Quillhaven"
DISTRICTS = (
    "Old Town",
    "Tanners' Quarter",
    "Abbeyfield",
    "Saltmarsh",
    "Larkhill",
    "Copperdale",
    "Vine Hill",
    "Eastmere",
    "Harbour Side",
    "Nettlewood",
    "St. Orsola",
    "Weirside",
    "Brückfeld",
    "Foxdene",
    "Millrace",
    "Highmoor",
)
TWINS = ("Church Street", "Mill Lane", "Station Road", "High Street", "School Lane", "Chapel Row")
"""Names that two quarters have each, as in most towns: only the postcode tells them apart."""
_FIRST = (
    "Acorn",
    "Alder",
    "Almond",
    "Amber",
    "Anchor",
    "Apple",
    "Ash",
    "Aster",
    "Badger",
    "Bakehouse",
    "Barley",
    "Basil",
    "Beacon",
    "Beech",
    "Bell",
    "Birch",
    "Blackbird",
    "Bluebell",
    "Boatman",
    "Bramble",
    "Briar",
    "Brook",
    "Butcher",
    "Candle",
    "Cedar",
    "Cherry",
    "Chestnut",
    "Clover",
    "Cobbler",
    "Cooper",
    "Coral",
    "Cornflower",
    "Cowslip",
    "Crane",
    "Cutler",
    "Cypress",
    "Daisy",
    "Dover",
    "Drummer",
    "Dyer",
    "Elder",
    "Elm",
    "Falcon",
    "Fennel",
    "Fern",
    "Finch",
    "Fisher",
    "Flax",
    "Forge",
    "Foundry",
    "Garnet",
    "Glazier",
    "Gorse",
    "Greyfriars",
    "Hawthorn",
    "Hazel",
    "Heather",
    "Heron",
    "Holly",
    "Hop",
    "Iris",
    "Ivy",
    "Jasper",
    "Juniper",
    "Kiln",
    "Kingfisher",
    "Lantern",
    "Larch",
    "Laurel",
    "Lavender",
    "Lilac",
    "Lime",
    "Linnet",
    "Magpie",
    "Mallow",
    "Maple",
    "Mason",
    "Meadow",
    "Mercer",
    "Mint",
    "Moss",
    "Mulberry",
    "Myrtle",
    "Nightingale",
    "Oak",
    "Olive",
    "Osier",
    "Otter",
    "Paddock",
    "Pear",
    "Pewter",
    "Pine",
    "Plover",
    "Plum",
    "Poplar",
    "Potter",
    "Primrose",
    "Quince",
    "Raven",
    "Reed",
    "Robin",
    "Rook",
    "Rope",
    "Rose",
    "Rowan",
    "Rye",
    "Saddler",
    "Saffron",
    "Sage",
    "Sandpiper",
    "Shepherd",
    "Smithy",
    "Sorrel",
    "Spindle",
    "Starling",
    "Stork",
    "Swallow",
    "Swan",
    "Sycamore",
    "Tallow",
    "Teasel",
    "Thistle",
    "Thyme",
    "Tinker",
    "Tulip",
    "Turner",
    "Vesper",
    "Violet",
    "Walnut",
    "Weaver",
    "Wheat",
    "Willow",
    "Wren",
    "Yarrow",
    "Yew",
)
_PEOPLE = (
    "Adaeze Okoro",
    "Amélie Girard",
    "Björn Ahlgren",
    "Çelik",
    "Dvořák",
    "Edith Marlowe",
    "Elif Şahin",
    "Farah Noor",
    "Gökçe",
    "Håkon Lie",
    "Ines Carvalho",
    "Ingrid Vass",
    "Jónsdóttir",
    "Kwame Boateng",
    "Łukasz Zieliński",
    "Maeve Donnelly",
    "Márton Kovács",
    "Noémi Szabó",
    "Núñez",
    "Oskar Lindqvist",
    "Petra Öhman",
    "Priya Raman",
    "Rosa Brandt",
    "Søren Dahl",
    "Tomás Rivera",
    "Ümit Kaya",
    "Wanjiru Kamau",
    "Yuki Tanabe",
    "Zoë Halloran",
    "Željko Horvat",
)
_WHERE = ("Upper", "Lower", "Little", "Great", "North", "South", "East", "West")
_KINDS = {
    "old": ("Lane", "Street", "Row", "Alley", "Steps", "Court"),
    "inner": ("Street", "Street", "Street", "Road", "Place", "Lane"),
    "suburb": ("Road", "Avenue", "Drive", "Way", "Close"),
    "garden": ("Close", "Walk", "Drive", "Crescent", "Grove", "Way"),
    "estate": ("Way", "Drive", "Court", "Road", "Square"),
    "works": ("Works Road", "Wharf Road", "Yard", "Industrial Way", "Depot Road"),
    "green": ("Path",),
}


class StreetNames:
    """Gives every street a name of its own, in the manner of its part of town."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.used: set[str] = set()

    def new(self, zone: str) -> str:
        """A name not given before."""
        kinds = _KINDS[zone]
        for attempt in range(200):
            kind = kinds[int(self.rng.integers(len(kinds)))]
            if self.rng.random() < 0.06 and zone != "works":
                first = _PEOPLE[int(self.rng.integers(len(_PEOPLE)))]
            else:
                first = _FIRST[int(self.rng.integers(len(_FIRST)))]
            if attempt > 12:
                first = f"{_WHERE[attempt % len(_WHERE)]} {first}"
            if attempt > 60:
                first = f"{first} {_FIRST[int(self.rng.integers(len(_FIRST)))]}"
            name = f"{first} {kind}"
            if name not in self.used:
                self.used.add(name)
                return name
        number = len(self.used) + 1
        self.used.add(f"{number}th Street")
        return f"{number}th Street"


def postcode(district: int) -> str:
    """The postcode of a district, such as 4030."""
    return f"40{district + 1:02d}0"[:5]
