"""How unlike two street names are, as a negative log-likelihood that one was written for the other."""

from __future__ import annotations

from rapidfuzz.distance import OSA

from orders.geocoding import words
from orders.geocoding.text import StreetKey

KIND_MISSING = 0.7
KIND_DIFFERS = 3.5
UNLIKE = 99.0


def cost(wanted: StreetKey, mapped: StreetKey) -> float:
    """0 for the same street name; about 1.5 for one wrong letter in a long name; UNLIKE for another street.

    A number in a name never counts as misspelt: 593. Cadde and 597. Cadde are two streets.
    Letters are compared by optimal string alignment (Levenshtein with swaps of neighbours).
    """
    if wanted.core == mapped.core:
        return _kinds(wanted.kind, mapped.kind)
    if wanted.full == mapped.full:
        return 0.1
    if wanted.digits != mapped.digits:
        return UNLIKE
    return min(_letters(wanted, mapped), _tokens(wanted, mapped))


def _kinds(a: str, b: str) -> float:
    if a == b:
        return 0.0
    return KIND_DIFFERS if a and b else KIND_MISSING


def _letters(wanted: StreetKey, mapped: StreetKey) -> float:
    best = UNLIKE
    if wanted.core and mapped.core:
        best = _typos(wanted.core, mapped.core) + _kinds(wanted.kind, mapped.kind)
    if wanted.kind != mapped.kind:  # the slip may be in the kind's word itself ("Sokka")
        best = min(best, _typos(wanted.full, mapped.full, len(mapped.core)))
    return best


def _typos(a: str, b: str, length: int = 0) -> float:
    length = length or max(len(a), len(b))
    allowed = 1 if length <= 5 else 2 if length <= 9 else 3
    slips = OSA.distance(a, b, score_cutoff=allowed)
    if slips > allowed:
        return UNLIKE
    first = 1.5 if length >= 6 else 2.2 if length >= 4 else 3.0
    begins = 0.3 if a[:1] != b[:1] else 0.0  # the first letter is seldom wrong
    return first + 1.5 * (slips - 1) + begins


def _tokens(wanted: StreetKey, mapped: StreetKey) -> float:
    """Names of several words: initials ("M. Akif Ersoy"), left-out titles and first names."""
    few, many = sorted((wanted.tokens, mapped.tokens), key=len)
    total, used = 0.0, 0
    rest = list(many)
    for token in few:
        hit = next((t for t in rest if t == token), None)
        if hit is None:
            hit = next((t for t in rest if _initial(token, t) or _initial(t, token)), None)
            total += 0.5
        if hit is None and len(token) >= 5:
            hit = next((t for t in rest if OSA.distance(t, token, score_cutoff=1) <= 1), None)
            total += 1.3
        if hit is None:
            return UNLIKE
        rest.remove(hit)
        used += len(hit) if len(token) > 1 and len(hit) > 1 else 1
    if used < 4:
        return UNLIKE
    total += sum(0.4 if token in words.TITLES else 1.6 for token in rest)
    return total + 0.2 + _kinds(wanted.kind, mapped.kind)


def _initial(a: str, b: str) -> bool:
    return len(a) == 1 and len(b) > 1 and b.startswith(a) and a.isalpha()
