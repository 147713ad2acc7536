"""Travel between places: how long and how far, at every time of the day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from routing.solver.errors import ProblemError

IntMatrix = npt.NDArray[np.int32]

#: A travel time (or length) of this size or more says that there is no road between the two places.
UNREACHABLE = 2_000_000_000
#: How finely the share of a leg that is still to be driven is counted when the speed changes on the way.
WHOLE_LEG = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Slot:
    """From `from_s` on (until the next slot) legs take `seconds[i, j]`: another time of day, another traffic."""

    from_s: int
    seconds: IntMatrix


@dataclass(frozen=True, slots=True, eq=False)
class Travel:
    """Travel between places: `seconds[i, j]` and `metres[i, j]` from place i to place j (need not be symmetric).

    `slots`, in order of time, say what legs take later in the day. A leg that is under way when a slot begins is
    finished at the new speed, so nobody arrives earlier by leaving later (Ichoua, Gendreau & Potvin 2003,
    doi:10.1016/S0377-2217(02)00147-9).
    """

    seconds: IntMatrix
    metres: IntMatrix
    slots: tuple[Slot, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "seconds", _checked(self.seconds, "seconds"))
        same = self.metres is self.seconds
        object.__setattr__(self, "metres", self.seconds if same else _checked(self.metres, "metres"))
        if self.seconds.shape != self.metres.shape:
            raise ProblemError(
                "bad_matrix",
                f"Seconds {self.seconds.shape} and metres {self.metres.shape} of travel differ in shape.",
            )
        before = 0
        for slot in self.slots:
            if slot.from_s <= before:
                raise ProblemError("bad_slots", "The slots of travel are not in order of time, after the plan's start.")
            before = slot.from_s
            object.__setattr__(slot, "seconds", _checked(slot.seconds, "seconds"))
            if slot.seconds.shape != self.seconds.shape:
                raise ProblemError("bad_slots", "The slots of travel know other places than the first matrix.")

    @property
    def places(self) -> int:
        """How many places the matrices know."""
        return int(self.seconds.shape[0])

    def leg_s(self, origin: int, to: int, leave_s: int) -> int:
        """Seconds of the leg for someone who leaves at `leave_s`; `UNREACHABLE` or more if there is no road."""
        if not self.slots:
            return int(self.seconds[origin, to])
        begins = [slot.from_s for slot in self.slots]
        matrices = [self.seconds, *(slot.seconds for slot in self.slots)]
        at = sum(begin <= leave_s for begin in begins)
        now, rest = leave_s, WHOLE_LEG
        while True:
            whole = int(matrices[at][origin, to])
            if whole >= UNREACHABLE:
                return UNREACHABLE
            needed = -(-rest * whole // WHOLE_LEG)
            if at == len(begins) or now + needed <= begins[at]:
                return now + needed - leave_s
            rest -= (begins[at] - now) * WHOLE_LEG // whole
            now, at = begins[at], at + 1


def _checked(matrix: IntMatrix, name: str) -> IntMatrix:
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ProblemError("bad_matrix", f"The {name} of travel must be a square matrix, not {matrix.shape}.")
    if not np.issubdtype(matrix.dtype, np.integer):
        raise ProblemError("bad_matrix", f"The {name} of travel must be whole numbers, not {matrix.dtype}.")
    if matrix.size and int(matrix.min()) < 0:
        at = np.unravel_index(int(matrix.argmin()), matrix.shape)
        raise ProblemError("negative_time", f"Travel {name} from place {at[0]} to place {at[1]} are negative.")
    if matrix.size and int(matrix.max()) > np.iinfo(np.int32).max:
        raise ProblemError("bad_matrix", f"The {name} of travel do not fit into 32 bits.")
    return np.ascontiguousarray(matrix, dtype=np.int32)
