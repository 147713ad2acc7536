"""Problems, plans and travel as JSON and bytes: to be stored, and to be sent to the solving process.

The form follows the dataclasses field by field (`format` tells versions apart); fields with their default value may
be missing, sets are sorted lists, so the same problem always gives the same text. Nothing is pickled.
"""

from __future__ import annotations

import io
import json
import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np

from routing.solver.plan import Plan
from routing.solver.problem import Problem, ProblemError, Travel

FORMAT = 1


def problem_to_json(problem: Problem) -> dict[str, Any]:
    """The problem as plain lists, dicts, strings and integers."""
    return {"format": FORMAT, **_plain_fields(problem)}


def problem_from_json(data: Mapping[str, Any]) -> Problem:
    """The problem again. Raises `ProblemError`: bad_json for a wrong form, else what a wrong problem raises."""
    return _read(Problem, _without_format(data), "problem")  # type: ignore[no-any-return]


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """The plan as plain lists, dicts, strings and integers."""
    return {"format": FORMAT, **_plain_fields(plan)}


def plan_from_json(data: Mapping[str, Any]) -> Plan:
    """The plan again. Raises `ProblemError` bad_json for a wrong form; whether it is a good plan says `check`."""
    return _read(Plan, _without_format(data), "plan")  # type: ignore[no-any-return]


def to_text(data: Mapping[str, Any]) -> str:
    """JSON without spaces, keys in order: equal data gives equal text."""
    return json.dumps(data, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def travel_to_bytes(travel: Travel) -> bytes:
    """Both matrices, one after the other, in NumPy's own file format."""
    buffer = io.BytesIO()
    np.save(buffer, travel.seconds, allow_pickle=False)
    np.save(buffer, travel.metres, allow_pickle=False)
    return buffer.getvalue()


def travel_from_bytes(data: bytes) -> Travel:
    """The matrices again. Raises `ProblemError` bad_matrix."""
    buffer = io.BytesIO(data)
    try:
        seconds = np.load(buffer, allow_pickle=False)
        metres = np.load(buffer, allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise ProblemError("bad_matrix", f"The travel matrices cannot be read: {error}.") from error
    return Travel(seconds, metres)


def _without_format(data: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(data, Mapping):
        raise ProblemError("bad_json", f"Expected an object, not {type(data).__name__}.")
    version = data.get("format")
    if version != FORMAT:
        raise ProblemError("bad_json", f"This is format {version!r}; format {FORMAT} can be read.")
    return {key: value for key, value in data.items() if key != "format"}


def _plain_fields(thing: Any) -> dict[str, Any]:
    plain = {}
    for one in fields(thing):
        value = getattr(thing, one.name)
        if one.init and not (one.default is not MISSING and value == one.default):
            plain[one.name] = _plain(value)
    return plain


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return _plain_fields(value)
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value


@cache
def _shape(kind: type) -> tuple[tuple[Field[Any], Any], ...]:
    hints = get_type_hints(kind)
    return tuple((one, hints[one.name]) for one in fields(kind) if one.init)


def _read(kind: Any, data: Any, where: str) -> Any:
    """`data` as a value of the annotated type `kind`; says where it does not fit."""
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        if data is None:
            return None
        return _read(next(one for one in get_args(kind) if one is not type(None)), data, where)
    if origin in (tuple, frozenset):
        if not isinstance(data, list):
            raise ProblemError("bad_json", f"{where} must be a list.")
        return origin(_read(get_args(kind)[0], one, f"{where}[{at}]") for at, one in enumerate(data))
    if is_dataclass(kind):
        return _read_object(kind, data, where)
    if type(data) is not kind:  # exactly: true is not 1, 1.0 is not 1
        raise ProblemError("bad_json", f"{where} must be {kind.__name__}, not {type(data).__name__}.")
    return data


def _read_object(kind: Any, data: Any, where: str) -> Any:
    if not isinstance(data, dict):
        raise ProblemError("bad_json", f"{where} must be an object.")
    values, known = {}, set()
    for one, hint in _shape(kind):
        known.add(one.name)
        if one.name in data:
            values[one.name] = _read(hint, data[one.name], f"{where}.{one.name}")
        elif one.default is MISSING:
            raise ProblemError("bad_json", f"{where}.{one.name} is missing.")
    strange = sorted(set(data) - known)
    if strange:
        raise ProblemError("bad_json", f"{where} has an unknown field {strange[0]!r}.")
    return kind(**values)
