"""Batches as tensors."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy
import torch

from dyadic._errors import DyadicError
from dyadic._wire import RawBatch

_WIRE_DTYPES: dict[int, numpy.dtype[Any]] = {2: numpy.dtype("<u2"), 4: numpy.dtype("<u4")}
DTYPES = (torch.int64, torch.uint16)

IGNORED = -100
"""What Hugging Face's losses, and PyTorch's cross entropy, leave out as a target."""


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
    def from_state_dict(state: Mapping[str, Any]) -> Position:
        """The position that `state_dict` gave.

        Raises:
            DyadicError: a value is missing, or is not one.
        """
        try:
            digest = bytes.fromhex(str(state["manifest_digest"])).hex()
            return Position(str(state["run"]), int(state["run_id"]), int(state["step"]), digest)
        except (KeyError, TypeError, ValueError) as error:
            raise DyadicError(f"expected a state of run, run_id, step and manifest_digest, but got {sorted(state)}") from error


@dataclasses.dataclass
class Batch:
    """A rank's rows of one step. All steps of a run have the same number of positions, and each has one length.

    A rank that has no row of a step gets one that the client makes: end-of-text ids, with `loss_weight` 0. So every rank has a
    forward and a backward in every step, and collectives match.

    Attributes:
        inputs: ids `(rows, length)`, of the dataset's dtype, contiguous.
        targets: ids `(rows, length)`: those that follow the inputs; contiguous.
        step: of the run, from 0.
        cycle: of the run.
        length: positions of a row: a power of two.
        first_row: of the step, that is here.
        rows_in_step: over all ranks.
        world: how many ranks the step's rows are shared out to.
        filler: whether the rows are the client's own, and no part of the step.
        position: what a checkpoint after this step keeps.
        end_of_text: the id that ends a document.
        sources: where each row comes from, where it was asked for; else empty.
    """

    inputs: torch.Tensor
    targets: torch.Tensor
    step: int
    cycle: int
    length: int
    first_row: int
    rows_in_step: int
    world: int
    filler: bool
    position: Position
    end_of_text: int
    sources: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """Rows of the tensors, the client's own included."""
        return self.inputs.shape[0]

    @property
    def loss_weight(self) -> float:
        """By what a mean loss over these rows is multiplied, so that the mean over ranks is that over the step's targets.

        That mean is what DDP and FSDP make of gradients. Rows here × ranks ÷ rows of the step: 1 where all ranks have equally
        many; 0 for rows that the client made. Holds for micro-batches too: their weighted losses add up.
        """
        return 0.0 if self.filler else self.rows * self.world / self.rows_in_step

    def micro_batches(self, tokens: int) -> Iterator[Batch]:
        """The rows in parts of at most `tokens` positions, but at least one row each: views, not copies.

        Every rank gets equally many parts of the batch that the data set gave: one that has fewer rows than others gets a part of
        the client's own, of weight 0. For gradient accumulation, multiply each part's mean loss by `part.loss_weight`, and add up.

        Args:
            tokens: positions, at least 1.
        """
        if tokens < 1:
            raise ValueError(f"tokens must be at least 1, but was {tokens}")
        at_once = max(1, tokens // self.length)
        most_rows = max(1, -(-self.rows_in_step // self.world))
        here = 0 if self.filler else self.rows
        for first in range(0, most_rows, at_once):
            end = min(first + at_once, here)
            if first < end:
                yield dataclasses.replace(
                    self,
                    inputs=self.inputs[first:end],
                    targets=self.targets[first:end],
                    first_row=self.first_row + first,
                    sources=self.sources[first:end],
                )
            else:
                yield self if self.filler else self._filler()

    def state_dict(self) -> dict[str, Any]:
        """What `Dataset.load_state_dict` takes to go on after this step."""
        return self.position.state_dict()

    def to(self, device: torch.device | str, non_blocking: bool = False) -> Batch:
        """A copy on a device."""
        return dataclasses.replace(
            self,
            inputs=self.inputs.to(device, non_blocking=non_blocking),
            targets=self.targets.to(device, non_blocking=non_blocking),
        )

    def pin_memory(self) -> Batch:
        """A copy in page-locked memory. `DataLoader(pin_memory=True)` calls it."""
        return dataclasses.replace(self, inputs=self.inputs.pin_memory(), targets=self.targets.pin_memory())

    def as_mapping(self) -> MappedBatch:
        """What models of Hugging Face take as keyword arguments: `model(**batch.as_mapping()).loss`.

        That loss is a sum over the targets here, divided by the mean number of targets of a rank, so the mean over ranks is that
        over the step's targets. It needs no `loss_weight`; the client's own rows have no targets there.
        """
        labels = torch.full_like(self.targets, IGNORED) if self.filler else self.targets
        return MappedBatch(
            {
                "input_ids": self.inputs,
                "labels": labels,
                # The targets are the next ids already, so the model must not shift them.
                "shift_labels": labels,
                "num_items_in_batch": torch.tensor(self.rows_in_step * self.length / self.world),
            },
            self.position,
        )

    def _filler(self) -> Batch:
        ids = torch.full((1, self.length), self.end_of_text, dtype=torch.int64)
        ids = ids.to(self.inputs.dtype).to(self.inputs.device)
        return dataclasses.replace(self, inputs=ids, targets=ids.clone(), filler=True, sources=())


class MappedBatch(dict[str, Any]):
    """A batch as a mapping of tensors, for frameworks that pass it to a model as keyword arguments.

    Keys: `input_ids`, `labels` and `shift_labels`, each `(rows, length)` of int64, and `num_items_in_batch`, a scalar: targets of
    the step ÷ ranks. Of packed steps also what tells models where sequences begin: `position_ids`, `cu_seq_lens_q` and
    `cu_seq_lens_k`, `max_length_q` and `max_length_k`; and `use_cache`, which is False: with a cache, models do not look.

    Attributes:
        position: what a checkpoint after this step keeps; None in copies that frameworks make of the tensors alone.
    """

    def __init__(self, values: Mapping[str, Any], position: Position | None = None) -> None:
        super().__init__(values)
        self.position = position

    def state_dict(self) -> dict[str, Any]:
        """What `Dataset.load_state_dict` takes to go on after this step."""
        if self.position is None:
            raise DyadicError("this copy has tensors only: keep the state of the mapping that the data set gave")
        return self.position.state_dict()

    def to(self, device: torch.device | str, non_blocking: bool = False) -> MappedBatch:
        """A copy on a device."""
        return self._each(lambda tensor: tensor.to(device, non_blocking=non_blocking))

    def pin_memory(self) -> MappedBatch:
        """A copy in page-locked memory. `DataLoader(pin_memory=True)` calls it."""
        return self._each(lambda tensor: tensor.pin_memory())

    def _each(self, change: Callable[[torch.Tensor], torch.Tensor]) -> MappedBatch:
        changed = {name: change(value) if isinstance(value, torch.Tensor) else value for name, value in self.items()}
        return MappedBatch(changed, self.position)


def to_batch(raw: RawBatch, run: str, dtype: torch.dtype, world: int, end_of_text: int, pin_memory: bool = False) -> Batch:
    """Tensors from what came; one row of the client's own where there is none.

    Raises:
        DyadicError: the corpus has another layout than next-token, or more ids than `dtype` holds.
    """
    header = raw.header
    require_layout(header, run, dtype)
    if header.rows == 0:
        ids = numpy.full((1, header.row_tokens), end_of_text, _WIRE_DTYPES[header.token_width])
    else:
        ids = ids_of(raw)
    # One piece of memory for both: a worker's pipe, and a device's copy, have less to do.
    both = torch.empty((2, *ids[:, 1:].shape), dtype=dtype, pin_memory=pin_memory)
    target = both.numpy()
    target[0] = ids[:, :-1]
    target[1] = ids[:, 1:]
    return Batch(
        inputs=both[0],
        targets=both[1],
        step=header.step,
        cycle=header.cycle,
        length=header.length,
        first_row=header.first_row,
        rows_in_step=header.rows_in_step,
        world=world,
        filler=header.rows == 0,
        position=Position(run, header.run_id, header.step, header.manifest_digest.hex()),
        end_of_text=end_of_text,
        sources=tuple(header.sources[number] for number in header.row_sources),
    )


def require_layout(header: Any, run: str, dtype: torch.dtype) -> None:
    """Raises a `DyadicError` where the rows of a batch have no targets, or their ids do not fit."""
    if header.row_tokens != header.length + 1:
        raise DyadicError(
            f"run {run} is of a corpus with layout plain: a row of length {header.length} has {header.row_tokens}"
            " tokens, and no target for the last; make the corpus with --layout next-token"
        )
    if dtype is torch.uint16 and header.token_width != 2:
        raise DyadicError(f"the ids of run {run} do not fit uint16: take dtype=torch.int64")


def ids_of(raw: RawBatch) -> numpy.ndarray[Any, Any]:
    """The ids that came, `(rows, row_tokens)`: a view."""
    header = raw.header
    return numpy.frombuffer(raw.tokens, _WIRE_DTYPES[header.token_width]).reshape(header.rows, header.row_tokens)
