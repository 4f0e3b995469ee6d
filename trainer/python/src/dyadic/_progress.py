"""Where the iterations of a data set begin, in memory that the data set and its workers share.

A loader's workers are other processes, some of which outlive an iteration, and some of which see only a copy of the data set. What
each of them has begun stands in a table, so that none begins where it must not.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy
import torch

from dyadic._batch import Position
from dyadic._errors import OutOfOrder

MAX_WORKERS = 256
_HEAD = 9
_SLOT = 4


@dataclasses.dataclass(frozen=True)
class Start:
    """Where an iteration begins.

    Attributes:
        step: the first of this process.
        end: the first step that is not of this iteration; None: it has no end of its own.
        position: what the first step follows, where that is known.
    """

    step: int
    end: int | None
    position: Position | None


class Progress:
    """A table of int64: the head (generation, next step, and the position before it), and a slot for each worker.

    A slot: the generation in which the worker began its last iteration, how many workers there were, where that iteration ends, and
    whether it came to its end. A generation begins when a state is loaded, or when the data set is iterated without workers; slots
    of earlier generations count no more.

    Beside it, each process has the head as it was when the process got its copy. A new worker begins there: by the time that it runs,
    another state may stand in the table, for an iteration that comes later.
    """

    def __init__(self, run: str, step: int, epoch_steps: int | None, group: int = 1) -> None:
        """
        Args:
            group: steps that are given as one.
        """
        self._run = run
        self._group = group
        self._epoch_steps = epoch_steps
        self._head: tuple[int, int, Position | None] = (0, step, None)
        # In a worker: the generation of the iteration that it began last.
        self._begun: int | None = None
        self._share(torch.zeros(_HEAD + _SLOT * MAX_WORKERS, dtype=torch.int64))
        self.load(step, None)

    def __getstate__(self) -> dict[str, Any]:
        state = dict(self.__dict__)
        del state["_table"]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        # A process that was spawned for a worker gets the same memory, a copy of the data set one of its own.
        self._share(self._shared)

    def _share(self, table: torch.Tensor) -> None:
        self._shared: torch.Tensor = table if table.is_shared() else table.share_memory_()  # type: ignore[no-untyped-call]
        self._table: numpy.ndarray[Any, numpy.dtype[numpy.int64]] = self._shared.numpy()

    def load(self, step: int, position: Position | None) -> None:
        """What comes next is `step`, for this process and for all workers that begin from now on."""
        self._table[0] += 1
        self.advance(step, position)

    def advance(self, step: int, position: Position | None) -> None:
        """What comes next is `step`."""
        self._table[1:_HEAD] = 0
        self._table[1] = step
        if position is not None:
            digest = bytes.fromhex(position.manifest_digest)
            self._table[2:5] = 1, position.run_id, position.step
            self._table[5:_HEAD] = numpy.frombuffer(digest.ljust(32, b"\0")[:32], "<i8")
        self._head = (self.generation, step, position)

    @property
    def epoch_steps(self) -> int | None:
        return self._epoch_steps

    @property
    def generation(self) -> int:
        return int(self._table[0])

    @property
    def step(self) -> int:
        """The next one, as far as this process can know."""
        return int(self._table[1])

    @property
    def position(self) -> Position | None:
        """What the next step follows, where that is known."""
        if not self._table[2]:
            return None
        return Position(self._run, int(self._table[3]), int(self._table[4]), self._table[5:_HEAD].tobytes().hex())

    def epoch_end(self, step: int) -> int | None:
        """The first step of the epoch after that of `step`."""
        return None if self._epoch_steps is None else (step // self._epoch_steps + 1) * self._epoch_steps

    def begin_here(self) -> Start:
        """Where an iteration without workers begins."""
        step, position = self.place()
        self.load(step, position)
        return Start(step, self.epoch_end(step), position)

    def place(self) -> tuple[int, Position | None]:
        """The next step of this process, which has no workers or is not one; and what it follows, where that is known."""
        slots = [slot for slot in self._slots() if slot[0] == self.generation]
        return (self._after(slots, int(slots[0][1])), None) if slots else (self.step, self.position)

    def begin_in_worker(self, worker: int, workers: int, loaded: Start | None) -> Start:
        """Where an iteration of a worker begins.

        Args:
            loaded: the worker's own state, where a loader gave it one.
        """
        if workers > MAX_WORKERS:
            raise OutOfOrder(f"expected at most {MAX_WORKERS} workers, but there are {workers}")
        generation, first, position = self._head if self._begun is None else (self.generation, self.step, self.position)
        self._begun = generation
        slot = self._slots()[worker]
        if loaded is not None:
            start = loaded
        else:
            begun = [other for other in self._slots() if other[0] == generation]
            if any(other[1] != workers for other in begun):
                raise OutOfOrder(f"the number of workers was {begun[0][1]} before, and is {workers} now. {_WHAT_TO_DO}")
            if slot[0] == generation:
                first, position = self._after([slot], 1), None
            start = Start(first + worker * self._group, self.epoch_end(first), position)
        # A worker of an iteration that another one has replaced leaves the slot to that one.
        if slot[0] <= generation:
            slot[:] = generation, workers, -1 if start.end is None else start.end, 0
        return start

    def finished_in_worker(self, worker: int) -> None:
        """The worker gave every step of its iteration."""
        slot = self._slots()[worker]
        if slot[0] == self._begun:
            slot[3] = 1

    def _after(self, slots: list[Any], workers: int) -> int:
        """Where the next epoch begins, after one that so many workers began, and came to the end of."""
        if self._epoch_steps is None:
            raise OutOfOrder(
                "this data set was iterated by workers since its state was loaded, and how many of their batches were taken is not"
                f" known here. {_WHAT_TO_DO}"
            )
        if len(slots) < workers or not all(slot[3] for slot in slots):
            raise OutOfOrder(f"an epoch was left before its end, and workers do not know where. {_WHAT_TO_DO}")
        return int(slots[0][2])

    def _slots(self) -> list[Any]:
        return list(self._table[_HEAD:].reshape(-1, _SLOT))


_WHAT_TO_DO = (
    "Before each iteration, give dataset.load_state_dict the batch.state_dict() of the last batch that was trained; or iterate without"
    " workers (the data set prefetches by itself); or give the data set epoch_steps=N and take every epoch to its end"
)
