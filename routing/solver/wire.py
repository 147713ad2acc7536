"""Problems, plans and travel as JSON and bytes: to be stored, and to be sent to the solving process.

The form follows the dataclasses field by field (`format` tells versions apart); fields with their default value may
be missing, sets are sorted lists, so the same problem always gives the same text. Nothing is pickled.

Travel is one line of JSON (how many places, which matrix is what) and then the matrices, row by row, as 32-bit
integers, lowest byte first. A matrix that serves several purposes (metres that are the seconds, an evening with the
traffic of the morning) is written once and shared again when it is read.
"""

from __future__ import annotations

import io
import json
import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from typing import Any, BinaryIO, Union, get_args, get_origin, get_type_hints

import numpy as np

from routing.solver.plan import Plan
from routing.solver.problem import IntMatrix, Problem, ProblemError, Slot, Travel

FORMAT = 1
#: Longest first line of travel: more slots than a plan of 100 days has quarters of an hour.
_LONGEST_HEADER = 1 << 18


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
    """JSON without spaces, keys in order: equal data gives equal text. Raises `ProblemError` bad_json for half letters.

    (Lone surrogates: no encoding can write them.)
    """
    text = json.dumps(data, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    _check_letters(text, "text")
    return text


def travel_to_bytes(travel: Travel) -> bytes:
    """The matrices and their slots, each matrix once. `write_travel` does the same without a copy in memory."""
    header, matrices = _laid_out(travel)
    return b"".join([header, *(_raw(matrix) for matrix in matrices)])


def travel_size(travel: Travel) -> int:
    """How many bytes `write_travel` writes."""
    header, matrices = _laid_out(travel)
    return len(header) + sum(matrix.nbytes for matrix in matrices)


def write_travel(travel: Travel, stream: BinaryIO) -> None:
    """Write what `travel_to_bytes` gives, straight from the matrices."""
    header, matrices = _laid_out(travel)
    stream.write(header)
    for matrix in matrices:
        stream.write(_raw(matrix))


def travel_from_bytes(data: bytes) -> Travel:
    """Travel again. Raises `ProblemError` bad_matrix."""
    return read_travel(io.BytesIO(data), len(data))


def read_travel(stream: BinaryIO, size: int) -> Travel:
    """Travel from the next `size` bytes, read straight into its matrices. Raises `ProblemError` bad_matrix."""
    header = stream.readline(min(size, _LONGEST_HEADER))
    places, count, metres_at, slots = _header(header)
    if size != len(header) + count * places * places * 4:
        raise _unreadable(f"{size} bytes cannot hold {count} matrices of {places} places")
    matrices = []
    for _ in range(count):
        matrix: IntMatrix = np.empty((places, places), dtype="<i4")
        _fill(stream, memoryview(_raw(matrix)))
        matrices.append(matrix)
    return Travel(
        matrices[0], matrices[metres_at], tuple(Slot(from_s, matrices[at]) for from_s, at in slots)
    )  # Travel itself says what else is wrong


def _laid_out(travel: Travel) -> tuple[bytes, list[IntMatrix]]:
    """The first line, and every matrix once, the seconds first."""
    matrices: list[IntMatrix] = []
    numbers: dict[int, int] = {}

    def number(matrix: IntMatrix) -> int:
        if id(matrix) not in numbers:
            numbers[id(matrix)] = len(matrices)
            matrices.append(matrix)
        return numbers[id(matrix)]

    number(travel.seconds)
    metres_at = number(travel.metres)
    slots = [[slot.from_s, number(slot.seconds)] for slot in travel.slots]
    line = {
        "format": FORMAT,
        "places": travel.places,
        "matrices": len(matrices),
        "metres": metres_at,
        "slots": slots,
    }
    return to_text(line).encode() + b"\n", matrices


def _header(line: bytes) -> tuple[int, int, int, list[tuple[int, int]]]:
    """Places, number of matrices, which is the metres, and from when on which one holds."""
    try:
        told = json.loads(line) if line.endswith(b"\n") else None
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise _unreadable("they do not begin as they should")
    places, count, metres_at, slots = (told.get(key) for key in ("places", "matrices", "metres", "slots"))
    if type(places) is not int or type(count) is not int or not isinstance(slots, list) or places < 0 or count < 1:
        raise _unreadable("they do not say how many they are")
    if not all(isinstance(slot, list) and len(slot) == 2 and type(slot[0]) is int for slot in slots):
        raise _unreadable("their slots are not pairs of a time and a matrix")
    if not all(type(at) is int and 0 <= at < count for at in (metres_at, *(slot[1] for slot in slots))):
        raise _unreadable("one is named that is not there")
    return places, count, metres_at, [(from_s, at) for from_s, at in slots]  # type: ignore[return-value]


def _raw(matrix: IntMatrix) -> Any:
    """The bytes of a matrix where they lie."""
    return np.asarray(matrix, dtype="<i4").reshape(-1).view(np.uint8).data


def _fill(stream: BinaryIO, room: memoryview) -> None:
    """Read until `room` is full; a pipe gives what it has."""
    while room:
        more = stream.readinto(room)  # type: ignore[attr-defined]
        if not more:
            raise _unreadable(f"{len(room)} bytes are missing")
        room = room[more:]


def _unreadable(why: str) -> ProblemError:
    return ProblemError("bad_matrix", f"The travel matrices cannot be read: {why}.")


def _without_format(data: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(data, Mapping):
        raise ProblemError("bad_json", f"Expected an object, not {type(data).__name__}.")
    version = data.get("format")
    if type(version) is not int or version != FORMAT:
        raise ProblemError("bad_json", f"This is format {version!r}; format {FORMAT} can be read.")
    return {key: value for key, value in data.items() if key != "format"}


def _plain_fields(thing: Any) -> dict[str, Any]:
    plain = {}
    for one in fields(thing):
        if not one.init:
            continue
        value = getattr(thing, one.name)
        if not _is_default(one, value):
            plain[one.name] = _plain(value)
    return plain


def _is_default(one: Field[Any], value: Any) -> bool:
    if one.default is not MISSING:
        return bool(value == one.default)
    return one.default_factory is not MISSING and bool(value == one.default_factory())


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return _plain_fields(value)
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
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
    if origin is Mapping:
        if not isinstance(data, Mapping):
            raise ProblemError("bad_json", f"{where} must be an object.")
        of_key, of_value = get_args(kind)
        return {
            _read(of_key, key, f"a key of {where}"): _read(of_value, one, f"{where}.{key}") for key, one in data.items()
        }
    if is_dataclass(kind):
        return _read_object(kind, data, where)
    if type(data) is not kind:  # exactly: true is not 1, 1.0 is not 1
        raise ProblemError("bad_json", f"{where} must be {kind.__name__}, not {type(data).__name__}.")
    if kind is str:
        _check_letters(data, where)
    return data


def _check_letters(text: str, where: str) -> None:
    """Half a letter (a lone surrogate) can be written in no encoding, so it may not come in."""
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ProblemError("bad_json", f"{where} holds half a letter at position {error.start}.") from error


def _read_object(kind: Any, data: Any, where: str) -> Any:
    if not isinstance(data, dict):
        raise ProblemError("bad_json", f"{where} must be an object.")
    values, known = {}, set()
    for one, hint in _shape(kind):
        known.add(one.name)
        if one.name in data:
            values[one.name] = _read(hint, data[one.name], f"{where}.{one.name}")
        elif one.default is MISSING and one.default_factory is MISSING:
            raise ProblemError("bad_json", f"{where}.{one.name} is missing.")
    strange = sorted(str(key) for key in data.keys() - known)
    if strange:
        raise ProblemError("bad_json", f"{where} has an unknown field {strange[0]!a}.")
    return kind(**values)
