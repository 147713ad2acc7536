"""Serializers of the API's answers, made from the rows' own types, so that the schema cannot drift from the code."""

from __future__ import annotations

import types
import typing
from typing import Any

from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

_SIMPLE: dict[Any, type[serializers.Field[Any, Any, Any, Any]]] = {
    str: serializers.CharField,
    int: serializers.IntegerField,
    float: serializers.FloatField,
    bool: serializers.BooleanField,
}
_made: dict[type, type[serializers.Serializer[Any]]] = {}
_listings: dict[type, type[serializers.Serializer[Any]]] = {}


def schema_of(row: type) -> type[serializers.Serializer[Any]]:
    """The serializer class that describes a `…_row` TypedDict."""
    if row not in _made:
        hints = typing.get_type_hints(row)
        fields = {name: _field(hint) for name, hint in hints.items()}
        _made[row] = type(inline_serializer(name=row.__name__, fields=fields))
    return _made[row]


def listing_of(row: type) -> type[serializers.Serializer[Any]]:
    """The page of a listing: results, and the addresses of the next and the previous page."""
    if row not in _listings:
        _listings[row] = type(
            inline_serializer(
                name=f"{row.__name__}List",
                fields={
                    "results": schema_of(row)(many=True),
                    "next": serializers.CharField(allow_null=True),
                    "previous": serializers.CharField(allow_null=True),
                },
            )
        )
    return _listings[row]


def _field(hint: Any) -> serializers.Field[Any, Any, Any, Any]:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        inner = [arg for arg in args if arg is not type(None)]
        field = _field(inner[0])
        field.allow_null = len(inner) < len(args)
        return field
    if origin is list:
        item = args[0] if args else str
        if typing.is_typeddict(item):
            return schema_of(item)(many=True)
        return serializers.ListField(child=_field(item))
    if origin is typing.Literal:
        return serializers.ChoiceField(choices=list(args))
    if typing.is_typeddict(hint):
        return schema_of(hint)()
    if origin is dict or hint is dict or hint is Any:
        return serializers.JSONField()
    return _SIMPLE[hint]()
