"""A run as a PyTorch data set."""

from __future__ import annotations

import itertools
import logging
import os
from collections.abc import Generator, Iterator
from typing import Any

# PyTorch's workers need it first thing: here it is imported once, and not in each process after its fork.
import numpy.random  # noqa: F401
import torch
import torch.distributed
from torch.utils.data import IterableDataset, get_worker_info
from torch.utils.data._utils.collate import default_collate_fn_map

from dyadic._access import Token
from dyadic._batch import Batch, MappedBatch, Position, to_batch
from dyadic._client import DEFAULT_WAIT, Client, Prefetcher, batch_request, connect, require_dtype
from dyadic._connection import closed_at_exit
from dyadic._errors import CheckpointMismatch, DyadicError, EndOfRun, OutOfOrder
from dyadic._packed import MAX_PACKED, PackedBatch, PackedSteps, to_packed
from dyadic._progress import Progress, Start
from dyadic._types import Run

_LOG = logging.getLogger("dyadic")

AnyBatch = Batch | PackedBatch | MappedBatch


class Dataset(IterableDataset[AnyBatch]):
    """A rank's rows of every step of a run, a `Batch` a step, in the run's order.

    Works alone, and under `DataLoader(dataset, batch_size=None, num_workers=n)`: batches are batches already. With
    n > 0 workers, worker w fetches every n-th step, and the loader puts them in order again.

    Where to go on is in each batch: keep `batch.state_dict()` of the last one that was trained in the checkpoint, and give it to
    `load_state_dict` before iterating. The next batch is then that of the next step, byte for byte, whatever the number of ranks
    and workers is now.

    An iteration begins at the state that was loaded last, else where the last iteration was left. With workers nobody here knows
    where that was, so they allow one iteration for each loaded state; a second raises `OutOfOrder`. With `epoch_steps` the
    next one begins with the next epoch, after one that was taken to its end.

    Args:
        run: name of an open run.
        sampler: `host:port`; default: DYADIC_SAMPLER, else 127.0.0.1:7070.
        rank: this process's, and
        world: how many there are. Default: those of `torch.distributed` if it is initialized, else of the
            environment's RANK and WORLD_SIZE (as torchrun sets them), else 0 of 1. Each rank gets rows
            `[rank * n // world, (rank + 1) * n // world)` of the step's n; one that has none gets a row of the client's own,
            with `loss_weight` 0.
        dtype: of inputs and targets: `torch.int64`, or `torch.uint16` for vocabularies up to 65,536 ids.
        mapping: give `MappedBatch`es, mappings of tensors that models of Hugging Face take, in place of `Batch`es.
        packed: give `PackedBatch`es, each of so many steps of the run (at most 1,024); None: a `Batch` a step. Steps and epochs
            are counted in the run's steps also then, and are multiples of it. Steps at the end of a run that are fewer are
            not given; the logger `dyadic` tells which.
        balance: packed steps: share out rows to ranks so that their attention costs are even.
        prefetch: batches in flight, for each worker.
        pin_memory: whether tensors are in page-locked memory. With workers, use the loader's `pin_memory`.
        with_sources: whether `batch.sources` says where each row comes from.
        start_step: the first, where no state is loaded.
        end_step: the first that is not fetched; default: a bounded run's end, or none.
        epoch_steps: an iteration ends before each multiple of it; and `len(dataset)`, its batches, which frameworks ask for.
        wait: seconds to wait for data, or for a sampler.
        credentials, token: as of `connect`.

    Raises, while iterating:
        RunNotFound: there is no such run.
        CheckpointMismatch: the loaded state is of another run or of other manifests.
        OutOfOrder: where the iteration begins cannot be known, or another one has begun since.
        NotReady: there was no data for `wait` seconds; the message says what is missing.
        DataLoss: rows are gone.
    """

    def __init__(
        self,
        run: str,
        *,
        sampler: str | None = None,
        rank: int | None = None,
        world: int | None = None,
        dtype: torch.dtype = torch.int64,
        mapping: bool = False,
        packed: int | None = None,
        balance: bool = False,
        prefetch: int = 4,
        pin_memory: bool = False,
        with_sources: bool = False,
        start_step: int = 0,
        end_step: int | None = None,
        epoch_steps: int | None = None,
        wait: float = DEFAULT_WAIT,
        credentials: Any = None,
        token: Token | None = None,
    ) -> None:
        super().__init__()
        require_dtype(dtype)
        if mapping and dtype is not torch.int64:
            raise ValueError(f"a mapping's tensors are of torch.int64, but dtype was {dtype}")
        if packed is None and balance:
            raise ValueError("balance=True shares out the rows of packed steps: give packed=G too")
        if packed is not None and (type(packed) is not int or not 1 <= packed <= MAX_PACKED):
            raise ValueError(f"packed must be a whole number within [1, {MAX_PACKED}], but was {packed!r}")
        for name, steps in (("start_step", start_step), ("end_step", end_step), ("epoch_steps", epoch_steps)):
            if packed is not None and steps is not None and steps % packed:
                raise ValueError(f"{name} must be a multiple of packed={packed}, but was {steps}")
        _require_at_least("prefetch", prefetch, 1)
        _require_at_least("start_step", start_step, 0)
        if epoch_steps is not None:
            _require_at_least("epoch_steps", epoch_steps, 1)
        self.run = run
        self.sampler = sampler
        self.rank, self.world = _ranks(rank, world)
        self._ranks_given = rank is not None
        self.dtype = dtype
        self.mapping = mapping
        self.packed = packed
        self.balance = balance
        # Steps of the run in a batch.
        self._group = packed or 1
        self.prefetch = prefetch
        self.pin_memory = pin_memory
        self.with_sources = with_sources
        self.end_step = end_step
        self.wait = wait
        self._credentials = credentials
        self._token = token
        self._progress = Progress(run, start_step, epoch_steps, self._group)
        # In a worker: what a loader gave it to begin with, and where it is.
        self._loaded: Start | None = None
        self._workers: tuple[int, int] | None = None
        self._at = Start(start_step, None, None)

    @property
    def epoch_steps(self) -> int | None:
        """Steps of an epoch, where there are epochs."""
        return self._progress.epoch_steps

    def __len__(self) -> int:
        if self.epoch_steps is None:
            raise TypeError(
                "a run has no length before its end: give epoch_steps=N for epochs of N steps (and no sampler to a loader: ranks are"
                " shared out already)"
            )
        return self.epoch_steps // self._group

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"Dataset({self.run!r}, rank={self.rank}, world={self.world}, packed={self.packed})"

    def state_dict(self) -> dict[str, Any]:
        """Where this process is: what `load_state_dict` takes. Without workers, after the last batch that was given.

        With workers the batches are given in other processes: keep `batch.state_dict()`. (`StatefulDataLoader` of
        torchdata asks each worker, and gives each its own back.)

        Raises:
            OutOfOrder: workers have iterated since the last state was loaded, and not to the end of an epoch.
        """
        if self._workers is None:
            step, position = self._progress.place()
        else:
            step, position = self._at.step, self._at.position
        state: dict[str, Any] = {"run": self.run, "next_step": step}
        if position is not None:
            state.update(position.state_dict())
        if self._workers is not None:
            state["worker"], state["workers"] = self._workers
            state["epoch_end"] = self._at.end
            state["packed"] = self.packed
        return state

    def load_state_dict(self, state: dict[str, Any] | Position) -> None:
        """Goes on after the step of `state`, which is from `Dataset.state_dict` or `Batch.state_dict`, or a batch's position.

        Raises:
            CheckpointMismatch: the state is of another run, or in the middle of a packed step.
        """
        if isinstance(state, Position):
            state = state.state_dict()
        if state.get("run") != self.run:
            raise CheckpointMismatch(f"the state is of run {state.get('run')!r}, but this data set is of run {self.run!r}")
        position = Position.from_state_dict(state) if "step" in state else None
        if "next_step" in state:
            step = int(state["next_step"])
        elif position is not None:
            step = position.step + 1
        else:
            raise DyadicError(f"expected a state with step or next_step, but got {sorted(state)}")
        if step % self._group:
            raise CheckpointMismatch(
                f"the state goes on with step {step}, in the middle of a packed step of {self.packed}: go on with packed=G for a G"
                f" that divides {step}, or without it"
            )
        if "workers" in state and state.get("packed") != self.packed:
            raise CheckpointMismatch(
                f"the state is that of a worker with packed={state.get('packed')}, but this data set has packed={self.packed}: keep"
                " batch.state_dict(), which fits both"
            )
        self._workers = (int(state["worker"]), int(state["workers"])) if "workers" in state else None
        if get_worker_info() is None:
            self._progress.load(step, position)
        else:
            self._loaded = self._at = Start(step, state.get("epoch_end"), position)

    def __iter__(self) -> Iterator[AnyBatch]:
        self._require_ranks()
        info = get_worker_info()
        if self._workers is not None and (info is None or self._workers != (info.id, info.num_workers)):
            this = "there are no workers" if info is None else f"this is worker {info.id} of {info.num_workers}"
            raise DyadicError(
                f"the state is that of worker {self._workers[0]} of {self._workers[1]}, but {this}: keep batch.state_dict(),"
                " which fits any number of workers"
            )
        return closed_at_exit(self._iterate_here()) if info is None else self._iterate_in_worker(info.id, info.num_workers)

    def _require_ranks(self) -> None:
        if self._ranks_given or not (torch.distributed.is_available() and torch.distributed.is_initialized()):
            return
        found = _ranks(None, None)
        if found != (self.rank, self.world):
            raise DyadicError(
                f"this is rank {found[0]} of {found[1]} of torch.distributed, but was rank {self.rank} of {self.world} when the data set"
                " was made: make it after torch.distributed is initialized, or give it rank and world"
            )

    def _iterate_here(self) -> Generator[AnyBatch]:
        start = self._progress.begin_here()
        generation = self._progress.generation
        for batch in self._batches(start, 1):
            if self._progress.generation != generation:
                raise OutOfOrder(
                    "another iteration of this data set has begun, or a state was loaded, since this one began: go on with that one,"
                    " or make a data set for each"
                )
            self._progress.advance(batch.step + 1, batch.position)
            yield batch.as_mapping() if self.mapping else batch

    def _iterate_in_worker(self, worker: int, workers: int) -> Iterator[AnyBatch]:
        # At once, and not with the first batch: a loader may ask for the state before that, and another state may be loaded.
        loaded, self._loaded = self._loaded, None
        try:
            start = self._progress.begin_in_worker(worker, workers, loaded)
        except OutOfOrder as error:
            # With the first batch: a worker that lives on would not survive it here.
            return _raising(error)
        self._workers = worker, workers
        self._at = start
        if start.end is not None and start.step >= start.end:
            self._progress.finished_in_worker(worker)
        return self._given_by_worker(start, worker, workers)

    def _given_by_worker(self, start: Start, worker: int, workers: int) -> Iterator[AnyBatch]:
        for batch in self._batches(start, workers):
            self._at = Start(batch.step + 1 + (workers - 1) * self._group, start.end, batch.position)
            if start.end is not None and self._at.step >= start.end:
                # Before it is given: a loader need not ask whether there is another.
                self._progress.finished_in_worker(worker)
            yield batch.as_mapping() if self.mapping else batch
        self._progress.finished_in_worker(worker)

    def _batches(self, start: Start, workers: int) -> Iterator[Batch | PackedBatch]:
        """Every batch of this process, from the first step on, the next one as many batches on as there are workers."""
        with connect(self.sampler, wait=self.wait, credentials=self._credentials, token=self._token) as client:
            run = client.describe_run(self.run)
            if start.position is not None and start.position.run_id != run.run_id:
                raise CheckpointMismatch(
                    f"the state is of run {start.position.run} with id {start.position.run_id}, but run {self.run} has id"
                    f" {run.run_id}"
                )
            group = self._group
            ends = [end for end in (self.end_step, start.end, run.total_steps) if end is not None]
            stride = workers * group
            steps = iter(range(start.step, min(ends) - group + 1, stride)) if ends else itertools.count(start.step, stride)
            following = start.step
            batches = self._packed_steps(client, run, steps, start, stride) if self.packed else self._plain_steps(client, run, steps, start)
            try:
                for batch in batches:
                    following += stride
                    yield batch
            except EndOfRun:
                # A live run ends where it is closed.
                run = client.describe_run(self.run)
                if not run.closed:
                    raise
                ends.append(run.steps_planned)
            finally:
                batches.close()
            left = min(ends, default=0) - following
            # Told by one process: the one whose turn it would be, of the first rank.
            if 0 < left < group and self.rank == 0:
                _LOG.warning(
                    "steps %d to %d of run %s are not trained: they are fewer than the %d of a packed step",
                    following,
                    following + left - 1,
                    self.run,
                    group,
                )

    def _plain_steps(self, client: Client, run: Run, steps: Iterator[int], start: Start) -> Generator[Batch]:
        expected, asked = itertools.tee(steps)
        requests = (self._request(step, start.position) for step in asked)
        fetched = Prefetcher(client, "GetBatch", lambda _: next(requests, None), self.prefetch)
        try:
            for step, (_, raw) in zip(expected, iter(fetched.next, None)):
                batch = to_batch(raw, self.run, self.dtype, self.world, run.end_of_text, self.pin_memory)
                if (batch.step, batch.position.run_id) != (step, run.run_id):
                    raise OutOfOrder(
                        f"expected step {step} of the run with id {run.run_id}, but the sampler sent step {batch.step} of"
                        f" that with id {batch.position.run_id}"
                    )
                yield batch
        finally:
            fetched.close()

    def _request(self, step: int, position: Position | None) -> Any:
        resume = position if position is not None and step == position.step + 1 else None
        return batch_request(self.run, step, self.rank, self.world, resume, self.with_sources)

    def _packed_steps(self, client: Client, run: Run, steps: Iterator[int], start: Start, stride: int) -> Generator[PackedBatch]:
        group = self._group
        fetched = PackedSteps(
            client,
            run,
            steps,
            group=group,
            rank=self.rank,
            world=self.world,
            balance=self.balance,
            depth=self.prefetch,
            ahead=self.prefetch * stride,
            resume=start.position,
            with_sources=self.with_sources,
        )
        try:
            for first, answer in iter(fetched.next, None):
                last = Position(self.run, run.run_id, first + group - 1, answer.header.manifest_digest.hex())
                yield to_packed(answer, group, run, self.dtype, self.world, last, self.pin_memory)
        finally:
            fetched.close()


def _not_collated(batches: list[Any], **_: Any) -> Any:
    raise DyadicError(f"a data set gives batches already, here a {type(batches[0]).__name__}: give the DataLoader batch_size=None")


for _kind in (Batch, PackedBatch, MappedBatch):
    default_collate_fn_map[_kind] = _not_collated


def _raising(error: DyadicError) -> Iterator[AnyBatch]:
    raise error
    yield  # makes it an iterator


def _require_at_least(name: str, value: int, least: int) -> None:
    if value < least:
        raise ValueError(f"{name} must be at least {least}, but was {value}")


def _ranks(rank: int | None, world: int | None) -> tuple[int, int]:
    if (rank is None) != (world is None):
        raise ValueError(f"give rank and world both, or neither, but got rank={rank}, world={world}")
    if rank is None or world is None:
        if torch.distributed.is_available() and torch.distributed.is_initialized():
            rank, world = torch.distributed.get_rank(), torch.distributed.get_world_size()
        else:
            rank, world = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    if not 0 <= rank < world:
        raise ValueError(f"rank must satisfy 0 <= rank < world, but was rank={rank}, world={world}")
    return rank, world
