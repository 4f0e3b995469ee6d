"""A run as a PyTorch data set."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from typing import Any

import torch
import torch.distributed
from torch.utils.data import IterableDataset, get_worker_info

from dyadic._batch import Batch, Position, to_batch
from dyadic._access import Token
from dyadic._client import DEFAULT_WAIT, Prefetcher, batch_request, connect, require_dtype
from dyadic._errors import CheckpointMismatch, DyadicError, EndOfRun


class Dataset(IterableDataset[Batch]):
    """A rank's rows of every step of a run, a `Batch` a step, in the run's order.

    Works alone, and under `DataLoader(dataset, batch_size=None, num_workers=n)`: batches are batches already. With
    n > 0 workers, worker w fetches every n-th step, and the loader puts them in order again.

    Where to go on is in each batch: keep `batch.state_dict()` (or, without workers, `dataset.state_dict()`) in the
    checkpoint, and give it to `load_state_dict` before iterating. The next batch is then that of the next step, byte for
    byte, whatever the number of ranks and workers is now.

    Args:
        run: name of an open run.
        sampler: `host:port`; default: DYADIC_SAMPLER, else 127.0.0.1:7070.
        rank: this process's, and
        world: how many there are. Default: those of `torch.distributed` if it is initialized, else of the
            environment's RANK and WORLD_SIZE (as torchrun sets them), else 0 of 1. Each rank gets rows
            `[rank * n // world, (rank + 1) * n // world)` of the step's n.
        dtype: of inputs and targets: `torch.int64`, or `torch.uint16` for vocabularies up to 65,536 ids.
        prefetch: batches in flight, for each worker.
        pin_memory: whether tensors are in page-locked memory. With workers, use the loader's `pin_memory`.
        start_step: the first, where no state is loaded.
        end_step: the first that is not fetched; default: a bounded run's end, or none.
        wait: seconds to wait for data, or for a sampler.
        credentials, token: as of `connect`.

    Raises, while iterating:
        RunNotFound: there is no such run.
        CheckpointMismatch: the loaded state is of another run or of other manifests.
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
        prefetch: int = 4,
        pin_memory: bool = False,
        start_step: int = 0,
        end_step: int | None = None,
        wait: float = DEFAULT_WAIT,
        credentials: Any = None,
        token: Token | None = None,
    ) -> None:
        super().__init__()
        require_dtype(dtype)
        if prefetch < 1:
            raise ValueError(f"prefetch must be at least 1, but was {prefetch}")
        if start_step < 0:
            raise ValueError(f"start_step must be at least 0, but was {start_step}")
        self.run = run
        self.sampler = sampler
        self.rank, self.world = _ranks(rank, world)
        self.dtype = dtype
        self.prefetch = prefetch
        self.pin_memory = pin_memory
        self.end_step = end_step
        self.wait = wait
        self._credentials = credentials
        self._token = token
        self._next_step = start_step
        self._position: Position | None = None
        # Of the worker whose state was loaded, where it was a worker's.
        self._workers: tuple[int, int] | None = None

    def state_dict(self) -> dict[str, Any]:
        """Where this process is: what `load_state_dict` takes. Without workers, after the last batch that was given.

        With workers the batches are given in other processes: keep `batch.state_dict()`. (`StatefulDataLoader` of
        torchdata asks each worker, and gives each its own back.)
        """
        state: dict[str, Any] = {"run": self.run, "next_step": self._next_step}
        if self._position is not None:
            state.update(self._position.state_dict())
        if self._workers is not None:
            state["worker"], state["workers"] = self._workers
        return state

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Goes on after the step of `state`, which is from `Dataset.state_dict` or `Batch.state_dict`.

        Raises:
            CheckpointMismatch: the state is of another run.
        """
        if state.get("run") != self.run:
            raise CheckpointMismatch(
                f"the state is of run {state.get('run')!r}, but this data set is of run {self.run!r}"
            )
        self._position = Position.from_state_dict(state) if "step" in state else None
        if "next_step" in state:
            self._next_step = int(state["next_step"])
        elif self._position is not None:
            self._next_step = self._position.step + 1
        else:
            raise DyadicError(f"expected a state with step or next_step, but got {sorted(state)}")
        self._workers = (int(state["worker"]), int(state["workers"])) if "workers" in state else None

    def __iter__(self) -> Iterator[Batch]:
        first, stride = self._next_step, 1
        resume = self._position
        info = get_worker_info()
        if info is not None:
            stride = info.num_workers
            if self._workers is None:
                first += info.id
            elif self._workers != (info.id, info.num_workers):
                raise DyadicError(
                    f"the state is that of worker {self._workers[0]} of {self._workers[1]}, but this is worker"
                    f" {info.id} of {info.num_workers}: keep batch.state_dict(), which fits any number of workers"
                )
            self._workers = (info.id, info.num_workers)
        elif self._workers is not None:
            raise DyadicError(
                f"the state is that of worker {self._workers[0]} of {self._workers[1]}, but there are no workers:"
                " keep batch.state_dict(), which fits any number of workers"
            )
        with connect(self.sampler, wait=self.wait, credentials=self._credentials, token=self._token) as client:
            described = client.describe_run(self.run)
            if resume is not None and resume.run_id != described.run_id:
                raise CheckpointMismatch(
                    f"the state is of run {resume.run} with id {resume.run_id}, but run {self.run} has id"
                    f" {described.run_id}"
                )
            ends = [end for end in (self.end_step, described.total_steps) if end is not None]
            steps = itertools.count(first, stride) if not ends else iter(range(first, min(ends), stride))
            requests = (
                batch_request(
                    self.run,
                    step,
                    self.rank,
                    self.world,
                    resume if resume is not None and step == resume.step + 1 else None,
                )
                for step in steps
            )
            fetched = Prefetcher(client, requests, self.prefetch)
            try:
                while True:
                    try:
                        raw = fetched.next()
                    except EndOfRun:
                        if client.describe_run(self.run).closed:
                            # A live run that was closed ends where its plan does.
                            return
                        raise
                    if raw is None:
                        return
                    batch = to_batch(raw, self.run, self.dtype)
                    self._next_step = batch.step + stride
                    self._position = batch.position
                    yield batch.pin_memory() if self.pin_memory else batch
            finally:
                fetched.close()


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
