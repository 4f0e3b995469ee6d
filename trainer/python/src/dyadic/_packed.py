"""Packed steps: several steps of a run as one, of one shape for the whole run."""

from __future__ import annotations

import dataclasses
import heapq
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy
import torch

from dyadic import _wire
from dyadic._batch import IGNORED, MappedBatch, Position, ids_of, require_layout
from dyadic._client import Client, Prefetcher, wire_position
from dyadic._errors import OutOfOrder
from dyadic._types import Run

# Steps that one call may name, and whose lengths it may ask for.
MAX_PACKED = 1024
_MAX_AHEAD = 1 << 16
_METHOD = "GetBatches"


@dataclasses.dataclass
class PackedBatch:
    """A rank's rows of one packed step: each row is a step of the run, its sequences end to end. No position is padding.

    With L = the run's `tokens_per_step`, and l = a row's length: every l positions of the row a sequence begins.

    Attributes:
        tokens: ids `(rows, L)`, contiguous.
        targets: ids `(rows, L)`: what follows each token in its sequence; contiguous.
        lengths: `(rows,)` of int64: of the sequences of each row.
        cu_seqlens: `(N + 1,)` of int32: where each sequence begins in `tokens.view(-1)`, from 0 on, then rows × L to the end.
            N = rows × L ÷ the run's shortest length, so that it has one shape; the sequences at the end have no tokens.
        max_seqlen: the run's longest length, whatever these sequences are.
        sequences: how many there are.
        step: of the run: the last of the packed step.
        rows_in_step: over all ranks.
        world: how many ranks the rows are shared out to.
        filler: whether the row is the client's own, and no part of the step.
        position: what a checkpoint after this packed step keeps.
        sources: where each sequence comes from, where it was asked for; else empty.
    """

    tokens: torch.Tensor
    targets: torch.Tensor
    lengths: torch.Tensor
    cu_seqlens: torch.Tensor
    max_seqlen: int
    sequences: int
    step: int
    rows_in_step: int
    world: int
    filler: bool
    position: Position
    sources: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """Rows of the tensors, the client's own included."""
        return self.tokens.shape[0]

    @property
    def position_ids(self) -> torch.Tensor:
        """Places in the sequences, from 0: `(rows, L)` of int64. Made at each call, where the tokens are."""
        places = torch.arange(self.tokens.shape[1], device=self.tokens.device)
        # Lengths are powers of two, and begin at their multiples.
        return places & (self.lengths - 1)[:, None]

    @property
    def loss_weight(self) -> float:
        """By what a mean loss over these rows is multiplied, so that the mean over ranks is that over the packed step's targets."""
        return 0.0 if self.filler else self.rows * self.world / self.rows_in_step

    def state_dict(self) -> dict[str, Any]:
        """What `Dataset.load_state_dict` takes to go on after this packed step."""
        return self.position.state_dict()

    def to(self, device: torch.device | str, non_blocking: bool = False) -> PackedBatch:
        """A copy on a device."""
        return self._each(lambda tensor: tensor.to(device, non_blocking=non_blocking))

    def pin_memory(self) -> PackedBatch:
        """A copy in page-locked memory. `DataLoader(pin_memory=True)` calls it."""
        return self._each(lambda tensor: tensor.pin_memory())

    def as_mapping(self) -> MappedBatch:
        """What models of Hugging Face take as keyword arguments; `position_ids` tell them where sequences begin.

        The loss is as that of `Batch.as_mapping`: its mean over ranks is that over the packed step's targets.
        """
        labels = torch.full_like(self.targets, IGNORED) if self.filler else self.targets
        return MappedBatch(
            {
                "input_ids": self.tokens,
                "position_ids": self.position_ids,
                "use_cache": False,
                # For FlashAttention, which looks at the position ids of a single row only.
                "cu_seq_lens_q": self.cu_seqlens,
                "cu_seq_lens_k": self.cu_seqlens,
                "max_length_q": self.max_seqlen,
                "max_length_k": self.max_seqlen,
                "labels": labels,
                "shift_labels": labels,
                "num_items_in_batch": torch.tensor(self.rows_in_step * self.tokens.shape[1] / self.world),
            },
            self.position,
        )

    def _each(self, change: Callable[[torch.Tensor], torch.Tensor]) -> PackedBatch:
        return dataclasses.replace(
            self,
            tokens=change(self.tokens),
            targets=change(self.targets),
            lengths=change(self.lengths),
            cu_seqlens=change(self.cu_seqlens),
        )


def share_rows(count: int, rank: int, world: int, lengths: Sequence[int] | None = None) -> list[int]:
    """Which rows of a packed step a rank has, ascending. Every rank has as many as of a plain step with so many rows.

    With lengths, attention costs are even: a row costs its length for each of its positions. Rows go, longest first, to the rank
    that has the least cost of those that have room; of equal ones to that with the least room, then to the first. Of equal rows the
    first goes first. All ranks find the same.
    """
    room = [(r + 1) * count // world - r * count // world for r in range(world)]
    if lengths is None:
        first = rank * count // world
        return list(range(first, first + room[rank]))
    ranks = [(0, room[r], r) for r in range(world) if room[r]]
    heapq.heapify(ranks)
    mine = []
    for row in sorted(range(count), key=lambda row: -lengths[row]):
        cost, left, to = ranks[0]
        if left > 1:
            heapq.heapreplace(ranks, (cost + lengths[row], left - 1, to))
        else:
            heapq.heappop(ranks)
        if to == rank:
            mine.append(row)
    return sorted(mine)


def to_packed(
    answer: Any, group: int, run: Run, dtype: torch.dtype, world: int, last: Position, pin_memory: bool = False
) -> PackedBatch:
    """Tensors from what came; one row of the client's own where there is none.

    Args:
        answer: a `SeveralBatches`.
    """
    width = run.tokens_per_step
    raws = answer.batches
    lengths = [raw.header.length for raw in raws] or [run.max_length]
    both = torch.empty((2, len(lengths), width), dtype=dtype, pin_memory=pin_memory)  # pinned once, and not copied again
    target = both.numpy()
    if not raws:
        target.fill(run.end_of_text)
    for row, raw in enumerate(raws):
        require_layout(raw.header, run.name, dtype)
        ids = ids_of(raw)
        target[0, row].reshape(-1, lengths[row])[:] = ids[:, :-1]
        target[1, row].reshape(-1, lengths[row])[:] = ids[:, 1:]
    starts = numpy.concatenate([numpy.arange(row * width, (row + 1) * width, length) for row, length in enumerate(lengths)])
    bounds = numpy.full(len(lengths) * (width // run.min_length) + 1, len(lengths) * width, numpy.int32)
    bounds[: len(starts)] = starts
    packed = PackedBatch(
        tokens=both[0],
        targets=both[1],
        lengths=torch.tensor(lengths),
        cu_seqlens=torch.from_numpy(bounds),
        max_seqlen=run.max_length,
        sequences=len(starts),
        step=last.step,
        rows_in_step=group,
        world=world,
        filler=not raws,
        position=last,
        sources=tuple(raw.header.sources[number] for raw in raws for number in raw.header.row_sources),
    )
    return packed.pin_memory() if pin_memory else packed


class PackedSteps:
    """The packed steps of a rank that begin at the given steps, fetched ahead.

    Where rows are shared out by their lengths, these have to be known before a call can name its rows: each answer tells those of
    steps to come, and a call without rows asks for them where nothing else is on its way.
    """

    def __init__(
        self,
        client: Client,
        run: Run,
        firsts: Iterator[int],
        *,
        group: int,
        rank: int,
        world: int,
        balance: bool,
        depth: int,
        ahead: int,
        resume: Position | None,
        with_sources: bool,
    ) -> None:
        self._client = client
        self._run = run
        self._firsts = firsts
        self._group = group
        self._rank = rank
        self._world = world
        self._by_length = balance and world > 1
        self._ahead = min(ahead, _MAX_AHEAD) if self._by_length else 0
        self._resume = resume
        self._with_sources = with_sources
        self._next: int | None = next(firsts, None)
        self._lengths: dict[int, int] = {}
        self._fetched = Prefetcher(client, _METHOD, self._next_request, depth)

    def next(self) -> tuple[int, Any] | None:
        """The first step of the next packed step, and what came; None after the last."""
        fetched = self._fetched.next()
        if fetched is None:
            return None
        request, answer = fetched
        came = [(raw.header.run_id, raw.header.step) for raw in answer.batches]
        expected = [(self._run.run_id, request.step + row) for row in request.whole]
        if answer.header.run_id != self._run.run_id or came != expected:
            raise OutOfOrder(f"expected (run id, step) of {expected}, but the sampler sent {came}")
        self._hear(request.step, answer)
        return request.step, answer

    def close(self) -> None:
        self._fetched.close()

    def _next_request(self, others: bool) -> Any:
        first = self._next
        if first is None:
            return None
        lengths = self._lengths_from(first)
        if lengths is None and self._by_length:
            if others:
                return None
            request = self._request(first, [])
            self._hear(first, self._client.finish_call(_METHOD, request, self._client.begin_call(_METHOD, request)))
            lengths = self._lengths_from(first)
        self._next = next(self._firsts, None)
        return self._request(first, share_rows(self._group, self._rank, self._world, lengths))

    def _request(self, first: int, rows: list[int]) -> Any:
        request = _wire.message("GetBatchesRequest")(
            run=self._run.name, step=first, steps=self._group, whole=rows, with_sources=self._with_sources, ahead=self._ahead
        )
        if self._resume is not None and self._resume.step + 1 == first:
            request.resume.CopyFrom(wire_position(self._resume))
        return request

    def _hear(self, first: int, answer: Any) -> None:
        if self._by_length:
            self._lengths = {step: length for step, length in self._lengths.items() if step >= first}
            self._lengths.update(enumerate(answer.header.lengths, first))

    def _lengths_from(self, first: int) -> list[int] | None:
        found = [self._lengths.get(step) for step in range(first, first + self._group)]
        known = [length for length in found if length is not None]
        return known if len(known) == self._group else None
