"""Batches as tensors."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy
import torch

from dyadic._errors import DyadicError
from dyadic._wire import RawBatch

_WIRE_DTYPES: dict[int, numpy.dtype[Any]] = {2: numpy.dtype("<u2"), 4: numpy.dtype("<u4")}
DTYPES = (torch.int64, torch.uint16)


@dataclasses.dataclass(frozen=True)
class Position:
    """A place in a run: `step` is done, the next is `step + 1`. What a checkpoint keeps of the data.

    Attributes:
        manifest_digest: SHA-256, in hexadecimal, of the manifest that fixes the step's cycle.
    """

    run: str
    run_id: int
    step: int
    manifest_digest: str

    def state_dict(self) -> dict[str, Any]:
        """As plain values, for `torch.save`."""
        return dataclasses.asdict(self)

    @staticmethod
    def from_state_dict(state: dict[str, Any]) -> Position:
        try:
            return Position(
                str(state["run"]), int(state["run_id"]), int(state["step"]), str(state["manifest_digest"])
            )
        except (KeyError, TypeError, ValueError) as error:
            raise DyadicError(
                f"expected a state of run, run_id, step and manifest_digest, but got {sorted(state)}"
            ) from error


@dataclasses.dataclass
class Batch:
    """A rank's rows of one step. All steps of a run have the same number of positions, and each has one length.

    Attributes:
        inputs: ids `(rows, length)`, of the dataset's dtype.
        targets: ids `(rows, length)`: those that follow the inputs. A view of the same memory, one further.
        step: of the run, from 0.
        cycle: of the run.
        length: positions of a row: a power of two.
        first_row: of the step, that is here.
        rows_in_step: over all ranks.
        position: what a checkpoint after this step keeps.
    """

    inputs: torch.Tensor
    targets: torch.Tensor
    step: int
    cycle: int
    length: int
    first_row: int
    rows_in_step: int
    position: Position

    @property
    def rows(self) -> int:
        return self.inputs.shape[0]

    def micro_batches(self, tokens: int) -> Iterator[Batch]:
        """The rows in parts of at most `tokens` positions, but at least one row each: views, not copies.

        For gradient accumulation, weigh each part's mean loss by `part.rows / batch.rows`.
        """
        if tokens < 1:
            raise ValueError(f"tokens must be at least 1, but was {tokens}")
        at_once = max(1, tokens // self.length)
        for first in range(0, self.rows, at_once):
            end = min(first + at_once, self.rows)
            yield dataclasses.replace(
                self,
                inputs=self.inputs[first:end],
                targets=self.targets[first:end],
                first_row=self.first_row + first,
            )

    def state_dict(self) -> dict[str, Any]:
        """What `Dataset.load_state_dict` takes to go on after this step."""
        return self.position.state_dict()

    def to(self, device: torch.device | str, non_blocking: bool = False) -> Batch:
        """A copy on a device."""
        return self._with(self._whole().to(device, non_blocking=non_blocking))

    def pin_memory(self) -> Batch:
        """A copy in page-locked memory. `DataLoader(pin_memory=True)` calls it."""
        return self._with(self._whole().pin_memory())

    def _whole(self) -> torch.Tensor:
        """Inputs and the last target: `(rows, length + 1)`. Both tensors are views of it."""
        return self.inputs.as_strided(
            (self.rows, self.length + 1), self.inputs.stride(), self.inputs.storage_offset()
        )

    def _with(self, whole: torch.Tensor) -> Batch:
        return dataclasses.replace(self, inputs=whole[:, :-1], targets=whole[:, 1:])

    def __getstate__(self) -> dict[str, Any]:
        # Between processes the memory is sent once, not once a view.
        state = dict(self.__dict__)
        state["inputs"] = self._whole()
        del state["targets"]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        whole = state["inputs"]
        self.__dict__.update(state, inputs=whole[:, :-1], targets=whole[:, 1:])


def to_batch(raw: RawBatch, run: str, dtype: torch.dtype) -> Batch:
    """Tensors from what came.

    Raises:
        DyadicError: the corpus has another layout than next-token, or more ids than `dtype` holds.
    """
    header = raw.header
    if header.row_tokens != header.length + 1:
        raise DyadicError(
            f"run {run} is of a corpus with layout plain: a row of length {header.length} has {header.row_tokens}"
            " tokens, and no target for the last; make the corpus with --layout next-token"
        )
    ids = numpy.frombuffer(raw.tokens, _WIRE_DTYPES[header.token_width])
    if dtype is torch.uint16:
        if header.token_width != 2:
            raise DyadicError(f"the ids of run {run} do not fit uint16: take dtype=torch.int64")
        # A copy: tensors may be written to.
        whole = torch.from_numpy(ids.astype(numpy.uint16))
    else:
        whole = torch.from_numpy(ids.astype(numpy.int64))
    whole = whole.view(header.rows, header.row_tokens)
    return Batch(
        inputs=whole[:, :-1],
        targets=whole[:, 1:],
        step=header.step,
        cycle=header.cycle,
        length=header.length,
        first_row=header.first_row,
        rows_in_step=header.rows_in_step,
        position=Position(run, header.run_id, header.step, header.manifest_digest.hex()),
    )
