"""Iterating twice: each step once and in order, or an error that says what to do; in every loader and worker."""

from __future__ import annotations

import copy
import gc
import itertools
import os
import pickle
import time
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

import dyadic
import pytest
import torch
from conftest import Server
from dyadic._batch import Position
from dyadic._progress import Progress, Start
from torch.utils.data import DataLoader
from torchdata.stateful_dataloader import StatefulDataLoader

END, EPOCH = 16, 8

# How long PyTorch waits for each worker that raised, before it ends it by force.
torch.utils.data._utils.MP_STATUS_CHECK_INTERVAL = 1.0

LOADERS: list[dict[str, Any]] = [
    {"kind": "none"},
    {"kind": "plain", "num_workers": 0},
    {"kind": "plain", "num_workers": 1, "persistent_workers": False, "prefetch_factor": 2},
    {"kind": "plain", "num_workers": 2, "persistent_workers": True, "prefetch_factor": 1},
    {"kind": "stateful", "num_workers": 0},
    {"kind": "stateful", "num_workers": 2, "persistent_workers": False, "prefetch_factor": 2},
]


@pytest.fixture(autouse=True)
def nothing_left() -> None:
    """Loaders of earlier tests end here, and not in the workers of this one, which would inherit them."""
    gc.collect()


def dataset(server: Server, run: dyadic.Run, **options: Any) -> dyadic.Dataset:
    return dyadic.Dataset(run.name, sampler=server.sampler, wait=60.0, **{"end_step": END, **options})


def loader_of(data: dyadic.Dataset, options: dict[str, Any]) -> Iterable[dyadic.Batch]:
    given = {name: value for name, value in options.items() if name != "kind"}
    match options["kind"]:
        case "plain":
            return DataLoader(data, batch_size=None, **given)
        case "stateful":
            return StatefulDataLoader(data, batch_size=None, **given)
    return data  # type: ignore[return-value]


def steps_of(batches: Iterator[dyadic.Batch]) -> list[int]:
    return [batch.step for batch in batches]


def described(options: dict[str, Any]) -> str:
    return "-".join(str(value) for value in options.values())


def has_workers(options: dict[str, Any]) -> bool:
    return options.get("num_workers", 0) > 0


@pytest.mark.parametrize("options", LOADERS, ids=described)
@pytest.mark.parametrize("taken", [1, 5, END])
def test_a_second_iteration_begins_where_a_loaded_state_says(
    server: Server, run: dyadic.Run, options: dict[str, Any], taken: int
) -> None:
    data = dataset(server, run)
    loader = loader_of(data, options)
    given: list[int] = []
    for at in (taken, 2, 7):
        batches = list(itertools.islice(loader, at))
        given += steps_of(iter(batches))
        if batches:
            data.load_state_dict(batches[-1].state_dict())
        else:
            data.load_state_dict({"run": run.name, "next_step": END})

    assert given + steps_of(iter(loader)) == list(range(END))


@pytest.mark.parametrize("options", LOADERS, ids=described)
def test_a_second_iteration_goes_on_or_is_an_error(server: Server, run: dyadic.Run, options: dict[str, Any]) -> None:
    loader = loader_of(dataset(server, run), options)
    first = steps_of(itertools.islice(loader, 5))

    if has_workers(options):
        with pytest.raises(dyadic.OutOfOrder, match="load_state_dict"):
            next(iter(loader))
    else:
        assert first + steps_of(iter(loader)) == list(range(END))


@pytest.mark.parametrize("options", LOADERS, ids=described)
@pytest.mark.parametrize("start", [0, 3])
def test_epochs_begin_where_everybody_knows(server: Server, run: dyadic.Run, options: dict[str, Any], start: int) -> None:
    loader = loader_of(dataset(server, run, epoch_steps=EPOCH, start_step=start, end_step=None), options)

    for first, end in ((start, EPOCH), (EPOCH, 2 * EPOCH), (2 * EPOCH, 3 * EPOCH)):
        assert steps_of(iter(loader)) == list(range(first, end))


@pytest.mark.parametrize("options", LOADERS, ids=described)
def test_an_epoch_that_was_left_is_not_taken_for_a_whole_one(
    server: Server, run: dyadic.Run, options: dict[str, Any]
) -> None:
    data = dataset(server, run, epoch_steps=EPOCH)
    loader = loader_of(data, options)
    first = steps_of(itertools.islice(loader, 1))

    assert len(data) == EPOCH
    if has_workers(options):
        with pytest.raises(dyadic.OutOfOrder, match="left before its end"):
            next(iter(loader))
    else:
        assert first + steps_of(iter(loader)) == list(range(EPOCH))


@pytest.mark.parametrize("workers", [0, 2, -2], ids=["0", "2", "2 that live on"])
@pytest.mark.parametrize("taken", [1, 2, 3, EPOCH, EPOCH + 1, EPOCH + 2])
def test_a_stateful_loader_resumes_in_its_epoch(server: Server, run: dyadic.Run, workers: int, taken: int) -> None:
    def make() -> StatefulDataLoader[Any]:
        data = dataset(server, run, epoch_steps=EPOCH, end_step=None)
        return StatefulDataLoader(data, batch_size=None, num_workers=abs(workers), persistent_workers=workers < 0)

    loader = make()
    given: list[int] = []
    state: dict[str, Any] | None = None
    for _ in range(2):
        for batch in loader:
            given.append(batch.step)
            if len(given) == taken:
                state = loader.state_dict()
                break
        if state is not None:
            break
    assert state is not None
    resumed = make()
    resumed.load_state_dict(state)
    rest = [steps_of(iter(resumed)) for _ in range(3)]

    assert given + list(itertools.chain(*rest))[: 2 * EPOCH] == list(range(taken + 2 * EPOCH))


def test_two_iterations_at_once_are_an_error(server: Server, run: dyadic.Run) -> None:
    data = dataset(server, run)
    one = iter(data)
    assert [next(one).step, next(one).step] == [0, 1]
    other = iter(data)
    assert next(other).step == 2
    with pytest.raises(dyadic.OutOfOrder, match="another iteration of this data set has begun"):
        next(one)
    data.load_state_dict({"run": run.name, "next_step": 7})
    with pytest.raises(dyadic.OutOfOrder):
        next(other)
    assert next(iter(data)).step == 7


def test_workers_go_on_after_an_iteration_without_them(server: Server, run: dyadic.Run) -> None:
    data = dataset(server, run)
    first = steps_of(itertools.islice(data, 3))
    assert first + steps_of(iter(DataLoader(data, batch_size=None, num_workers=2))) == list(range(END))
    with pytest.raises(dyadic.OutOfOrder):
        next(iter(data))


def test_another_number_of_workers_is_an_error(server: Server, run: dyadic.Run) -> None:
    data = dataset(server, run, epoch_steps=EPOCH)
    assert len(list(DataLoader(data, batch_size=None, num_workers=2))) == EPOCH
    with pytest.raises(dyadic.OutOfOrder, match="number of workers was 2 before, and is 1 now"):
        list(DataLoader(data, batch_size=None, num_workers=1))


def test_workers_that_are_spawned_share_the_table(server: Server, run: dyadic.Run) -> None:
    data = dataset(server, run, end_step=4)
    loader = DataLoader(data, batch_size=None, num_workers=1, multiprocessing_context="spawn", persistent_workers=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert steps_of(iter(loader)) == [0, 1, 2, 3]
    data.load_state_dict({"run": run.name, "next_step": 2})
    assert steps_of(iter(loader)) == [2, 3]


def test_a_fork_leaves_calls_to_be_made_again(server: Server, run: dyadic.Run) -> None:
    here = iter(dataset(server, run, prefetch=6))
    given = [next(here).step]
    with server.connect() as client:
        for _ in range(3):
            # The loader forks while the client is open, and while calls of the other iteration are in flight.
            loader = DataLoader(dataset(server, run, end_step=4), batch_size=None, num_workers=1)
            assert steps_of(iter(loader)) == [0, 1, 2, 3]
            given.append(next(here).step)
            assert client.describe_run(run.name).run_id == run.run_id
    assert given + steps_of(here) == list(range(END))


def test_a_fork_waits_until_closed_connections_are_taken_apart(client: dyadic.Client, server: Server) -> None:
    from dyadic import _connection

    with server.connect() as own:
        own.list_runs()
    closed = time.monotonic()
    child = os.fork()
    if child == 0:
        os._exit(time.monotonic() - closed < _connection._QUIET_SECONDS / 2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_copy_has_a_table_of_its_own() -> None:
    progress = Progress("any", 3, None)
    position = Position("any", 2**40, 3, "ab" * 32)
    progress.load(4, position)
    for other in (copy.deepcopy(progress), pickle.loads(pickle.dumps(progress))):
        assert (other.step, other.position) == (4, position)
        other.advance(9, None)
        assert (progress.step, progress.position) == (4, position)


def test_the_state_of_a_data_set_whose_workers_iterate_is_an_error(server: Server, run: dyadic.Run) -> None:
    data = dataset(server, run, epoch_steps=EPOCH)
    batches = iter(DataLoader(data, batch_size=None, num_workers=2))
    next(batches)
    with pytest.raises(dyadic.OutOfOrder, match="left before its end"):
        data.state_dict()
    assert len(list(batches)) == EPOCH - 1
    assert data.state_dict() == {"run": run.name, "next_step": EPOCH}


def test_an_iteration_that_was_replaced_changes_nothing() -> None:
    progress = Progress("any", 0, 8)
    late = copy.copy(progress)
    late._begun = None
    progress.load(3, None)
    assert progress.begin_in_worker(0, 1, None) == Start(3, 8, None)
    # A worker of the iteration before, which begins only now, and ends.
    late._head = (1, 0, None)
    assert late.begin_in_worker(0, 1, None) == Start(0, 8, None)
    late.finished_in_worker(0)
    with pytest.raises(dyadic.OutOfOrder, match="left before its end"):
        progress.place()


def test_an_epoch_is_whole_when_all_workers_gave_their_part() -> None:
    progress = Progress("any", 0, 8)
    for worker in (0, 1):
        copied = copy.copy(progress)
        copied.begin_in_worker(worker, 2, None)
        copied.finished_in_worker(worker)
        if worker == 0:
            with pytest.raises(dyadic.OutOfOrder, match="left before its end"):
                progress.place()
    assert progress.place() == (8, None)


def test_a_workers_state_names_the_end_of_its_epoch() -> None:
    progress = Progress("any", 0, 8)
    assert progress.begin_in_worker(1, 2, Start(5, 8, None)) == Start(5, 8, None)
    with pytest.raises(dyadic.OutOfOrder, match="left before its end"):
        progress.begin_in_worker(1, 2, None)
    progress.finished_in_worker(1)
    assert progress.begin_in_worker(1, 2, None) == Start(9, 16, None)


def test_what_follows_is_looked_at(server: Server, run: dyadic.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from dyadic import _dataset

    right = _dataset.batch_request
    monkeypatch.setattr(
        _dataset, "batch_request", lambda name, step, *rest: right(name, step + (step == 3), *rest)
    )
    iterator = iter(dataset(server, run))
    assert [next(iterator).step for _ in range(3)] == [0, 1, 2]
    with pytest.raises(dyadic.OutOfOrder, match="expected step 3 .* but the sampler sent step 4"):
        next(iterator)
