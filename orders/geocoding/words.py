"""The words of street names: kinds of street and their abbreviations, titles, words that carry nothing.

All words are in folded form (`text.fold`). A kind's value is only a label: two words with the same label are
two spellings of the same kind.
"""

from __future__ import annotations

import re

# The kind stands last as its own word: "Bulut Sk.", "Main St", "Alter Weg".
KINDS_LAST: dict[str, str] = {
    # Turkish
    "sokak": "sokak", "sokagi": "sokak", "sokag": "sokak", "sok": "sokak", "sk": "sokak", "skk": "sokak",
    "cadde": "cadde", "caddesi": "cadde", "cad": "cadde", "cd": "cadde", "cadd": "cadde", "caddes": "cadde",
    "bulvar": "bulvar", "bulvari": "bulvar", "bulv": "bulvar", "blv": "bulvar", "bul": "bulvar", "bv": "bulvar",
    "meydan": "meydan", "meydani": "meydan", "meyd": "meydan",
    # German, Dutch, Scandinavian
    "strasse": "strasse", "str": "strasse", "stra": "strasse", "strase": "strasse", "straat": "strasse",
    "weg": "weg", "wg": "weg", "gasse": "gasse", "platz": "platz", "pl": "platz", "allee": "allee", "ring": "ring",
    "laan": "laan", "ln": "laan", "plein": "plein", "pln": "plein", "gracht": "gracht", "kade": "kade", "dijk": "dijk",
    "ufer": "ufer", "damm": "damm", "gata": "gata", "gatan": "gata", "gate": "gata", "gade": "gata",
    "vej": "vej", "vei": "vej", "veien": "vej", "vagen": "vej", "katu": "katu", "tie": "tie",
    # English
    "street": "street", "st": "street", "avenue": "avenue", "ave": "avenue", "av": "avenue", "road": "road",
    "rd": "road", "drive": "drive", "dr": "drive", "lane": "laan", "boulevard": "bulvar", "blvd": "bulvar",
    "court": "court", "ct": "court", "place": "platz", "square": "square", "sq": "square", "terrace": "terrace",
    "ter": "terrace", "close": "close", "crescent": "crescent", "cres": "crescent", "way": "way", "highway": "highway",
    "hwy": "highway", "parkway": "parkway", "pkwy": "parkway", "circle": "circle", "cir": "circle", "trail": "trail",
    # Slavic, Hungarian
    "ulica": "ulica", "ulice": "ulica", "namesti": "namesti", "utca": "utca", "ut": "ut",
}  # fmt: skip

# The kind stands first: "Rue de la Paix", "ul. Długa", "Via Roma".
KINDS_FIRST: dict[str, str] = {
    "rue": "rue", "r": "rue", "avenue": "avenue", "av": "avenue", "ave": "avenue", "boulevard": "bulvar",
    "bd": "bulvar", "bld": "bulvar", "blvd": "bulvar", "boul": "bulvar", "place": "platz", "pl": "platz",
    "chemin": "chemin", "ch": "chemin", "chem": "chemin", "impasse": "impasse", "imp": "impasse", "allee": "allee",
    "all": "allee", "quai": "quai", "route": "route", "rte": "route", "cours": "cours", "passage": "passage",
    "calle": "calle", "c": "calle", "cl": "calle", "avenida": "avenue", "avda": "avenue", "avd": "avenue",
    "plaza": "plaza", "pza": "plaza", "paseo": "paseo", "carrer": "carrer", "carretera": "carretera",
    "via": "via", "viale": "viale", "piazza": "piazza", "corso": "corso", "vicolo": "vicolo", "largo": "largo",
    "rua": "rua", "travessa": "travessa", "praca": "praca", "ulica": "ulica", "ul": "ulica", "aleja": "aleja",
    "al": "aleja", "aleje": "aleja", "plac": "plac", "os": "osiedle", "osiedle": "osiedle", "strada": "strada",
    "str": "strada", "bulevardul": "bulvar",
}  # fmt: skip

# The kind is the end of the last word: "Bahnhofstr.", "Kerkplein", "Storgatan". Longer endings first.
KIND_ENDINGS: tuple[tuple[str, str], ...] = (
    ("strasse", "strasse"), ("straat", "strasse"), ("strase", "strasse"), ("gracht", "gracht"), ("plein", "plein"),
    ("platz", "platz"), ("gasse", "gasse"), ("gatan", "gata"), ("gata", "gata"), ("allee", "allee"), ("laan", "laan"),
    ("vagen", "vej"), ("vej", "vej"), ("vei", "vej"), ("str", "strasse"), ("weg", "weg"), ("katu", "katu"),
    ("pln", "plein"), ("pl", "platz"),
)  # fmt: skip

# Kinds that are recognised with one slip; only words that no street name is near to.
KINDS_GUESSED = ("sokak", "sokagi", "caddesi", "cadde", "bulvari", "strasse")

# "bergstrae", "hauptstrassse": what slips make of an ending in -straße.
STRASSE_MISSPELT = re.compile(r"^(.{2,})str(?:a{0,2}s{0,4}e|a{1,2}s{1,4})$")

# Abbreviations inside names and their long form; titles are also TITLES, which a writer may leave out.
EXPANSIONS: dict[str, str] = {
    "sht": "sehit", "sehid": "sehit", "shit": "sehit", "prof": "profesor", "professor": "profesor", "doc": "docent",
    "doktor": "dr", "gen": "general", "alb": "albay", "yzb": "yuzbasi", "tgm": "tegmen", "mrs": "maresal",
    "mar": "maresal", "sankt": "st", "saint": "st", "sainte": "st", "ste": "st", "bgm": "burgermeister",
    "burgerm": "burgermeister", "pte": "porte", "fbg": "faubourg", "fg": "faubourg",
    "1st": "1", "2nd": "2", "3rd": "3", "maj": "major", "cap": "captain", "capt": "captain", "pres": "president",
    "hz": "hazreti", "mh": "mah",
}  # fmt: skip

TITLES = frozenset({
    "sehit", "dr", "profesor", "docent", "general", "albay", "yuzbasi", "tegmen", "maresal", "st", "burgermeister",
    "sir", "major", "captain", "president", "gazi", "hoca", "hazreti", "pilot", "er", "onbasi", "cavus", "astsubay",
})  # fmt: skip

ARTICLES = frozenset({"de", "la", "le", "les", "du", "des", "del", "della", "dei", "di", "da", "do", "dos", "den", "l"})

# Words that say what a locality is, not which.
LOCALITY_WORDS = frozenset({
    "mah", "mahallesi", "mahalle", "mahllesi", "m", "mh", "koyu", "koy", "ilcesi", "ilce", "beldesi", "belediyesi",
    "stadt", "gemeinde", "ville", "city", "town", "semti", "bolgesi",
})  # fmt: skip

# A part of an address with one of these words names a quarter or a building, not a street.
QUARTER_WORDS = frozenset({"mah", "mahallesi", "mahalle", "mh", "koyu", "semti", "ilcesi", "district", "ortsteil"})
