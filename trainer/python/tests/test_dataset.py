"""The data set alone, under loaders, on ranks, and across restarts."""

import itertools

import dyadic
import pytest
import torch
from conftest import Server
from torch.utils.data import DataLoader
from torchdata.stateful_dataloader import StatefulDataLoader

STEPS = 12


@pytest.fixture(scope="module")
def whole(client: dyadic.Client, run: dyadic.Run) -> list[dyadic.Batch]:
    return [client.get_batch(run.name, step) for step in range(STEPS)]


def dataset(server: Server, run: dyadic.Run, **options: object) -> dyadic.Dataset:
    options.setdefault("end_step", STEPS)
    return dyadic.Dataset(run.name, sampler=server.sampler, wait=60.0, **options)  # type: ignore[arg-type]


def require_same(batches: list[dyadic.Batch], expected: list[dyadic.Batch]) -> None:
    assert [batch.step for batch in batches] == [batch.step for batch in expected]
    for batch, other in zip(batches, expected, strict=True):
        assert torch.equal(batch.inputs, other.inputs)
        assert torch.equal(batch.targets, other.targets)
        assert batch.position == other.position


def test_alone_it_gives_every_step_in_order(server: Server, run: dyadic.Run, whole: list[dyadic.Batch]) -> None:
    require_same(list(dataset(server, run)), whole)


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_a_loader_gives_the_same_with_any_number_of_workers(
    server: Server, run: dyadic.Run, whole: list[dyadic.Batch], workers: int
) -> None:
    require_same(list(DataLoader(dataset(server, run), batch_size=None, num_workers=workers)), whole)


def test_it_ends_with_the_run(server: Server, run: dyadic.Run) -> None:
    assert len(list(dataset(server, run, end_step=None))) == run.total_steps


def test_it_goes_on_after_a_state(server: Server, run: dyadic.Run, whole: list[dyadic.Batch]) -> None:
    first = dataset(server, run)
    taken = list(itertools.islice(first, 5))
    for state in (first.state_dict(), taken[-1].state_dict(), taken[-1].position):
        second = dataset(server, run)
        second.load_state_dict(state)
        require_same(list(second), whole[len(taken) :])


@pytest.mark.parametrize("workers", [0, 2])
def test_a_batchs_state_fits_any_number_of_workers(
    server: Server, run: dyadic.Run, whole: list[dyadic.Batch], workers: int
) -> None:
    loader = DataLoader(dataset(server, run), batch_size=None, num_workers=3)
    taken = list(itertools.islice(loader, 5))
    second = dataset(server, run)
    second.load_state_dict(taken[4].state_dict())

    require_same(list(DataLoader(second, batch_size=None, num_workers=workers)), whole[5:])


@pytest.mark.parametrize("workers", [0, 2])
def test_torchdatas_stateful_loader_resumes(
    server: Server, run: dyadic.Run, whole: list[dyadic.Batch], workers: int
) -> None:
    loader = StatefulDataLoader(dataset(server, run), batch_size=None, num_workers=workers)
    iterator = iter(loader)
    taken = [next(iterator) for _ in range(5)]
    state = loader.state_dict()
    resumed = StatefulDataLoader(dataset(server, run), batch_size=None, num_workers=workers)
    resumed.load_state_dict(state)

    require_same(taken + list(resumed), whole)


def test_ranks_change_across_a_restart(server: Server, run: dyadic.Run, whole: list[dyadic.Batch]) -> None:
    state: dict[str, object] | None = None
    at = 0
    for world, steps in ((1, 3), (2, 4), (4, 5)):
        ranks = [dataset(server, run, rank=rank, world=world, end_step=at + steps) for rank in range(world)]
        for rank in ranks:
            if state is not None:
                rank.load_state_dict(state)
        parts = [list(rank) for rank in ranks]
        for step in range(steps):
            together = torch.cat([part[step].targets for part in parts])
            assert torch.equal(together, whole[at + step].targets)
        state = parts[-1][-1].state_dict()
        at += steps
    assert at == STEPS


def test_ranks_are_found_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "2")
    monkeypatch.setenv("WORLD_SIZE", "3")
    found = dyadic.Dataset("pretrain")
    assert (found.rank, found.world) == (2, 3)
    with pytest.raises(ValueError, match="give rank and world both, or neither"):
        dyadic.Dataset("pretrain", rank=1)
    with pytest.raises(ValueError, match="0 <= rank < world, but was rank=3, world=3"):
        dyadic.Dataset("pretrain", rank=3, world=3)


def test_foreign_states_are_refused(server: Server, run: dyadic.Run, whole: list[dyadic.Batch]) -> None:
    with pytest.raises(dyadic.CheckpointMismatch, match="the state is of run 'other'"):
        dataset(server, run).load_state_dict({**whole[3].state_dict(), "run": "other"})
    for change in ({"run_id": run.run_id + 1}, {"manifest_digest": "00" * 32}):
        foreign = dataset(server, run)
        foreign.load_state_dict({**whole[3].state_dict(), **change})
        with pytest.raises(dyadic.CheckpointMismatch):
            next(iter(foreign))


def test_a_workers_state_is_not_taken_for_another(server: Server, run: dyadic.Run) -> None:
    alone = dataset(server, run)
    alone.load_state_dict({"run": run.name, "next_step": 4, "worker": 0, "workers": 2})
    with pytest.raises(dyadic.DyadicError, match="keep batch.state_dict"):
        next(iter(alone))


def test_uint16_and_the_live_end(server: Server, client: dyadic.Client, run: dyadic.Run) -> None:
    batch = next(iter(dataset(server, run, dtype=torch.uint16)))
    assert batch.targets.dtype == torch.uint16
    with pytest.raises(dyadic.RunNotFound):
        next(iter(dyadic.Dataset("nothing", sampler=server.sampler)))


def test_a_loader_that_makes_batches_of_batches_is_told(server: Server, run: dyadic.Run) -> None:
    for options, kind in (({}, "Batch"), ({"mapping": True}, "MappedBatch"), ({"packed": 2}, "PackedBatch")):
        with pytest.raises(dyadic.DyadicError, match=f"batches already, here a {kind}: give the DataLoader batch_size=None"):
            next(iter(DataLoader(dataset(server, run, **options))))


def test_ranks_that_change_after_it_was_made_are_refused(
    server: Server, run: dyadic.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    early = dataset(server, run)
    given = dataset(server, run, rank=0, world=1)
    monkeypatch.setattr(torch.distributed, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.distributed, "get_rank", lambda: 1)
    monkeypatch.setattr(torch.distributed, "get_world_size", lambda: 2)

    with pytest.raises(dyadic.DyadicError, match="this is rank 1 of 2 of torch.distributed, but was rank 0 of 1 when .* was made"):
        iter(early)
    assert next(iter(given)).world == 1
    assert next(iter(dataset(server, run))).world == 2


def test_what_is_too_far_ahead_is_waited_for(server: Server, client: dyadic.Client) -> None:
    live = client.open_run("far", tokens_per_step=1024, extent=dyadic.Live(cycle_tokens=1 << 40, min_cycle_tokens=1 << 39, max_wait=1))
    far = dyadic.Dataset(live.name, sampler=server.sampler, start_step=1000, wait=2)
    with pytest.raises(dyadic.NotReady, match="step 1000 of run far is too far ahead"):
        next(iter(far))
    client.close_run(live.name)
    assert list(dyadic.Dataset(live.name, sampler=server.sampler, start_step=1000, wait=2)) == []
