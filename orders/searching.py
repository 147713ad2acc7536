"""Orders found by words: in any order, without accents, forgiving a slip of the pen.

Each word must stand somewhere in the order's text (`OrderText`: reference, recipient, phone, address). Where nothing
is written so, a word is taken for the words of the organization's orders that are most like it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from django.contrib.postgres.search import TrigramSimilarity
from django.db import connection
from django.db.models import Q, QuerySet
from rapidfuzz import process
from rapidfuzz.distance import OSA

from orders.models import Order, OrderText, SearchWord

SEARCH_CHARS = 100
_MOST_WORDS = 8
_LIKE_ENOUGH = 0.7
_WORTH_A_LOOK = 0.1
_LOOKED_AT = 200
_LIKELY = 3
_FEWEST_LETTERS = 4
_FEWEST_DIGITS = 5


@dataclass(frozen=True, slots=True)
class Words:
    """What is looked for. `corrected` tells which word was taken for which others; `where` is None without words."""

    where: Q | None
    corrected: dict[str, list[str]] = field(default_factory=dict)


def words_of(text: str) -> Words:
    """The condition for these words; costs up to one look at all texts, to see whether anything is written so."""
    text = text.replace("\0", "").strip()[:SEARCH_CHARS]
    tokens = _folded(text.split()[:_MOST_WORDS])
    if not tokens:
        return Words(None if not text else Q(pk__in=[]))
    condition = _all([Q(text__contains=token) for token in tokens])
    digits = "".join(filter(str.isdigit, text)).lstrip("0")
    if len(digits) >= _FEWEST_DIGITS and not any(letter.isalpha() for letter in text):
        # A phone number, in whatever groups it is written; a part of a reference may look the same.
        phone = Q(text__contains=digits)
        if len(tokens) > 1 and OrderText.objects.filter(phone).exists():
            return Words(_orders(phone))
        condition |= phone
    if OrderText.objects.filter(condition).exists():
        return Words(_orders(condition))
    corrected = {token: near for token in tokens if (near := _near(token))}
    if not corrected:
        return Words(_orders(condition))
    forgiving = _all([_any_of([token, *corrected.get(token, [])]) for token in tokens])
    return Words(_orders(forgiving), corrected)


def find(rows: QuerySet[Order], text: str) -> tuple[QuerySet[Order], Words]:
    """These orders as far as the words match, and how they were read."""
    words = words_of(text)
    return (rows if words.where is None else rows.filter(words.where)), words


def _orders(condition: Q) -> Q:
    return Q(id__in=OrderText.objects.filter(condition).values("order_id"))


def _all(conditions: list[Q]) -> Q:
    whole = Q()
    for condition in conditions:
        whole &= condition
    return whole


def _any_of(words: list[str]) -> Q:
    whole = Q()
    for word in words:
        whole |= Q(text__contains=word)
    return whole


def _folded(tokens: list[str]) -> list[str]:
    """The words as the texts have them: folded by the same function of the database."""
    if not tokens:
        return []
    with connection.cursor() as cursor:
        cursor.execute("select orders_fold(word) from unnest(%s::text[]) as word", [tokens])
        return [row[0] for row in cursor.fetchall() if row[0]]


def _near(token: str) -> list[str]:
    """The words that are a slip of the pen away, the likeliest first: letters left out, doubled, wrong or swapped."""
    if len(token) < _FEWEST_LETTERS or any(map(str.isdigit, token)) or not _forgives():
        return []
    like = SearchWord.objects.annotate(likeness=TrigramSimilarity("word", token)).filter(likeness__gte=_WORTH_A_LOOK)
    words = list(like.order_by("-likeness", "word").values_list("word", flat=True)[:_LOOKED_AT])
    # Trigrams think little of two letters swapped, so they only choose who is looked at closely.
    near = process.extract(
        token, words, scorer=OSA.normalized_similarity, score_cutoff=_LIKE_ENOUGH, limit=_LIKELY, processor=None
    )
    return [word for word, _, _ in near]


@cache
def _forgives() -> bool:
    """Whether the database has pg_trgm."""
    with connection.cursor() as cursor:
        cursor.execute("select to_regprocedure('similarity(text, text)') is not null")
        return bool(cursor.fetchone()[0])
