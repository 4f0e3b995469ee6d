"""Packed steps: what they hold, who gets which row, and where they begin and end."""

import itertools
import logging
import pathlib
from typing import Any

import dyadic
import pytest
import torch
from conftest import MAX_LENGTH, MIN_LENGTH, TOKENS_PER_STEP, Server
from dyadic._packed import PackedSteps, share_rows
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DataLoader
from torchdata.stateful_dataloader import StatefulDataLoader

GROUP = 4


@pytest.fixture(scope="module")
def whole(client: dyadic.Client, run: dyadic.Run) -> list[dyadic.Batch]:
    return [client.get_batch(run.name, step, with_sources=True) for step in range(run.total_steps or 0)]


def dataset(server: Server, run: dyadic.Run, **options: object) -> dyadic.Dataset:
    options.setdefault("packed", GROUP)
    return dyadic.Dataset(run.name, sampler=server.sampler, wait=60.0, **options)  # type: ignore[arg-type]


def require_rows(packed: dyadic.PackedBatch, plain: list[dyadic.Batch]) -> None:
    """The rows are these steps, and what goes with them says so."""
    assert packed.rows == len(plain)
    for row, step in enumerate(plain):
        assert torch.equal(packed.tokens[row], step.inputs.view(-1))
        assert torch.equal(packed.targets[row], step.targets.view(-1))
        assert packed.lengths[row] == step.length
        assert torch.equal(packed.position_ids[row].view(-1, step.length), torch.arange(step.length).repeat(step.rows, 1))
    starts = [row * TOKENS_PER_STEP + i * step.length for row, step in enumerate(plain) for i in range(step.rows)]
    assert packed.sequences == len(starts)
    bounds = packed.cu_seqlens
    assert bounds.dtype is torch.int32
    assert bounds.shape == (packed.rows * TOKENS_PER_STEP // MIN_LENGTH + 1,)
    assert bounds[: len(starts)].tolist() == starts
    assert set(bounds[len(starts) :].tolist()) == {packed.rows * TOKENS_PER_STEP}
    assert packed.max_seqlen == MAX_LENGTH
    assert packed.tokens.is_contiguous()
    assert packed.targets.is_contiguous()


def test_a_row_is_a_step_of_the_run(server: Server, run: dyadic.Run, whole: list[dyadic.Batch]) -> None:
    given = list(dataset(server, run, with_sources=True))

    assert len(given) == len(whole) // GROUP > 3
    assert len({step.length for step in whole}) > 2
    for number, packed in enumerate(given):
        plain = whole[number * GROUP : (number + 1) * GROUP]
        require_rows(packed, plain)
        assert packed.position == plain[-1].position
        assert packed.sources == tuple(source for step in plain for source in step.sources)
        assert (packed.loss_weight, packed.filler) == (1.0, False)


@pytest.mark.parametrize("balance", [False, True])
@pytest.mark.parametrize("world", [2, 3, 6])
def test_ranks_share_the_rows(
    server: Server, run: dyadic.Run, whole: list[dyadic.Batch], world: int, balance: bool
) -> None:
    ranks = [list(dataset(server, run, rank=rank, world=world, balance=balance)) for rank in range(world)]

    for number in range(len(whole) // GROUP):
        plain = whole[number * GROUP : (number + 1) * GROUP]
        lengths = [step.length for step in plain]
        parts = [given[number] for given in ranks]
        seen: list[int] = []
        for rank, part in enumerate(parts):
            rows = share_rows(GROUP, rank, world, lengths if balance else None)
            seen += rows
            if rows:
                require_rows(part, [plain[row] for row in rows])
                assert part.loss_weight == len(rows) * world / GROUP
            else:
                assert (part.filler, part.loss_weight) == (True, 0.0)
                assert part.tokens.shape == (1, TOKENS_PER_STEP)
                assert set(part.tokens.unique().tolist()) == {run.end_of_text}
                assert part.lengths.tolist() == [MAX_LENGTH]
            assert part.position == plain[-1].position
        assert sorted(seen) == list(range(GROUP))


@pytest.mark.parametrize("workers", [1, 3])
def test_workers_change_nothing(server: Server, run: dyadic.Run, whole: list[dyadic.Batch], workers: int) -> None:
    given = list(DataLoader(dataset(server, run, balance=True), batch_size=None, num_workers=workers))

    assert [packed.step for packed in given] == list(range(GROUP - 1, len(whole) // GROUP * GROUP, GROUP))
    for packed in given:
        require_rows(packed, whole[packed.step + 1 - GROUP : packed.step + 1])


@pytest.mark.parametrize("group", [2, 4, 8])
def test_a_state_goes_on_with_any_group_that_divides_its_step(
    server: Server, run: dyadic.Run, whole: list[dyadic.Batch], group: int
) -> None:
    taken = list(itertools.islice(dataset(server, run), 2))
    second = dataset(server, run, packed=group)
    second.load_state_dict(taken[-1].state_dict())

    require_rows(next(iter(second)), whole[2 * GROUP : 2 * GROUP + group])


def test_a_state_in_the_middle_of_a_packed_step_is_refused(server: Server, run: dyadic.Run, whole: list[dyadic.Batch]) -> None:
    with pytest.raises(dyadic.CheckpointMismatch, match="goes on with step 6, in the middle of a packed step of 4"):
        dataset(server, run).load_state_dict(whole[5].state_dict())


def test_a_state_of_other_manifests_is_refused(server: Server, run: dyadic.Run, whole: list[dyadic.Batch]) -> None:
    for rank in range(2):
        foreign = dataset(server, run, rank=rank, world=2, balance=True)
        foreign.load_state_dict({**whole[GROUP - 1].state_dict(), "manifest_digest": "00" * 32})
        with pytest.raises(dyadic.CheckpointMismatch):
            next(iter(foreign))


def test_a_workers_state_is_of_its_group(server: Server, run: dyadic.Run) -> None:
    loader = StatefulDataLoader(dataset(server, run), batch_size=None, num_workers=2)
    list(itertools.islice(loader, 2))
    other = StatefulDataLoader(dataset(server, run, packed=GROUP // 2), batch_size=None, num_workers=2)
    other.load_state_dict(loader.state_dict())
    with pytest.raises(dyadic.CheckpointMismatch, match="with packed=4, but this data set has packed=2"):
        list(other)


@pytest.mark.parametrize("workers", [1, 3])
def test_lengths_are_known_in_time(
    server: Server, run: dyadic.Run, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    begin = dyadic.Client.begin_call
    without_rows = []

    def counted(client: dyadic.Client, method: str, request: Any) -> Any:
        if not request.whole:
            without_rows.append(request.step)
        return begin(client, method, request)

    monkeypatch.setattr(dyadic.Client, "begin_call", counted)
    with server.connect() as client:
        steps = PackedSteps(
            client, client.describe_run(run.name), iter(range(0, 12 * workers, 2 * workers)), group=2, rank=0, world=2, balance=True,
            depth=2, ahead=4 * workers, resume=None, with_sources=False,
        )
        given = list(iter(steps.next, None))

    assert [first for first, _ in given] == list(range(0, 12 * workers, 2 * workers))
    assert without_rows == [0]


@pytest.mark.parametrize("workers", [0, 2])
def test_the_stateful_loader_resumes(server: Server, run: dyadic.Run, whole: list[dyadic.Batch], workers: int) -> None:
    loader = StatefulDataLoader(dataset(server, run), batch_size=None, num_workers=workers)
    taken = list(itertools.islice(loader, 2))
    second = StatefulDataLoader(dataset(server, run), batch_size=None, num_workers=workers)
    second.load_state_dict(loader.state_dict())

    steps = [packed.step for packed in [*taken, *second]]
    assert steps == list(range(GROUP - 1, len(whole) // GROUP * GROUP, GROUP))


def test_epochs_are_counted_in_steps(server: Server, run: dyadic.Run) -> None:
    epochs = dataset(server, run, epoch_steps=2 * GROUP)
    assert len(epochs) == 2
    for workers in (0, 2):
        loader = DataLoader(epochs, batch_size=None, num_workers=workers)
        epochs.load_state_dict({"run": run.name, "next_step": 0})
        assert [[packed.step for packed in loader] for _ in range(2)] == [[3, 7], [11, 15]]


def test_steps_that_are_left_over_are_told(
    server: Server, run: dyadic.Run, whole: list[dyadic.Batch], caplog: pytest.LogCaptureFixture
) -> None:
    group = next(group for group in range(3, 20) if len(whole) % group)
    with caplog.at_level(logging.WARNING, "dyadic"):
        list(dataset(server, run, packed=group))
    left = len(whole) % group
    assert [record.message for record in caplog.records] == [
        f"steps {len(whole) - left} to {len(whole) - 1} of run {run.name} are not trained: they are fewer than the {group}"
        " of a packed step"
    ]
    caplog.clear()
    list(dataset(server, run, end_step=GROUP))
    assert not caplog.records


def test_one_process_tells_of_steps_that_are_left_over(server: Server, run: dyadic.Run, tmp_path: pathlib.Path) -> None:
    # Workers write to it too.
    told = logging.FileHandler(tmp_path / "log")
    logging.getLogger("dyadic").addHandler(told)
    try:
        assert run.total_steps is not None
        for group in (group for group in range(3, 9) if run.total_steps % group):
            end = run.total_steps // group
            for workers in (2, 3):
                for first in range(end - 3, end + 1):
                    (tmp_path / "log").write_text("")
                    packed = dataset(server, run, packed=group, start_step=first * group)
                    given = len(list(DataLoader(packed, batch_size=None, num_workers=workers)))
                    lines = (tmp_path / "log").read_text().splitlines()
                    assert (given, len(lines)) == (end - first, 1), lines
            break
    finally:
        logging.getLogger("dyadic").removeHandler(told)


def test_a_live_run_ends_where_it_is_closed(
    server: Server, client: dyadic.Client, caplog: pytest.LogCaptureFixture
) -> None:
    live = client.open_run(
        "packed-live", tokens_per_step=TOKENS_PER_STEP, extent=dyadic.Live(cycle_tokens=7 * TOKENS_PER_STEP, max_wait=0.5)
    )
    ranks = [dataset(server, live, rank=rank, world=2, balance=True) for rank in range(2)]
    iterators = [iter(rank) for rank in ranks]
    first = [next(iterator) for iterator in iterators]
    assert [packed.step for packed in first] == [GROUP - 1] * 2
    closed = client.close_run(live.name)
    with caplog.at_level(logging.WARNING, "dyadic"):
        rest = [list(iterator) for iterator in iterators]
    assert [len(given) for given in rest] == [closed.steps_planned // GROUP - 1] * 2
    # By one rank.
    assert len([record for record in caplog.records if "are not trained" in record.message]) == bool(closed.steps_planned % GROUP)


def test_what_cannot_be_is_refused() -> None:
    for options, message in (
        ({"balance": True}, "give packed=G too"),
        ({"packed": 0}, r"packed must be a whole number within \[1, 1024\], but was 0"),
        ({"packed": True}, "packed must be a whole number .* but was True"),
        ({"packed": "4"}, "packed must be a whole number .* but was '4'"),
        ({"packed": 4, "start_step": 6}, "start_step must be a multiple of packed=4, but was 6"),
        ({"packed": 4, "end_step": 5}, "end_step must be a multiple of packed=4, but was 5"),
        ({"packed": 4, "epoch_steps": 10}, "epoch_steps must be a multiple of packed=4, but was 10"),
    ):
        with pytest.raises(ValueError, match=message):
            dyadic.Dataset("any", **options)  # type: ignore[arg-type]


def cost(lengths: list[int], shares: list[list[int]]) -> int:
    return max(sum(lengths[row] for row in share) for share in shares)


def least_cost(lengths: list[int], room: list[int]) -> int:
    """By trying everything."""
    if not lengths:
        return 0

    def best(rows: list[int], costs: list[int], left: list[int]) -> int:
        if not rows:
            return max(costs)
        found = []
        for rank in range(len(left)):
            if left[rank]:
                costs[rank] += rows[0]
                left[rank] -= 1
                found.append(best(rows[1:], costs, left))
                costs[rank] -= rows[0]
                left[rank] += 1
        return min(found)

    return best(lengths, [0] * len(room), list(room))


@given(st.lists(st.integers(5, 13).map(lambda log2: 1 << log2), min_size=1, max_size=7), st.integers(1, 4))
def test_costs_are_even(lengths: list[int], world: int) -> None:
    shares = [share_rows(len(lengths), rank, world, lengths) for rank in range(world)]
    plain = [share_rows(len(lengths), rank, world) for rank in range(world)]

    assert sorted(row for share in shares for row in share) == list(range(len(lengths)))
    assert sorted(row for share in plain for row in share) == list(range(len(lengths)))
    # Shapes are those of plain shares, whatever the lengths.
    assert [len(share) for share in shares] == [len(share) for share in plain]
    # By all that there are of up to seven rows: 1.09 at most.
    assert cost(lengths, shares) <= 1.09 * least_cost(lengths, [len(share) for share in plain])


def test_shares_that_were_found_by_hand() -> None:
    lengths = [256, 8192, 256, 8192, 4096, 4096, 1024, 1024]
    assert [share_rows(8, rank, 2, lengths) for rank in range(2)] == [[0, 1, 4, 6], [2, 3, 5, 7]]
    assert [share_rows(8, rank, 4, lengths) for rank in range(4)] == [[0, 1], [2, 3], [4, 6], [5, 7]]
    assert [share_rows(3, rank, 4, [32, 64, 64]) for rank in range(4)] == [[], [1], [2], [0]]
    # Ranks 1 and 3 have one row of six, and get the long ones.
    assert [share_rows(6, rank, 4, [32, 32, 32, 32, 64, 64]) for rank in range(4)] == [[4], [0, 2], [5], [1, 3]]
