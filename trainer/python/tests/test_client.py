"""Every call of the client, against a real server."""

import json
import logging
import os
import pickle
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator

import dyadic
import numpy
import pytest
import torch
from conftest import MAX_LENGTH, MIN_LENGTH, TOKENS_PER_STEP, Server, documents


def test_a_run_says_what_it_is(run: dyadic.Run) -> None:
    assert run.name == "pretrain"
    assert run.tokens_per_step == TOKENS_PER_STEP
    assert run.lengths == (32, 64, 128, 256)
    assert (run.min_length, run.max_length) == (MIN_LENGTH, MAX_LENGTH)
    assert run.total_steps is not None and run.total_steps > 20
    assert (run.vocabulary_size, run.end_of_text, run.layout) == (257, 256, "next-token")


def test_opening_is_idempotent_and_another_spec_is_refused(client: dyadic.Client, run: dyadic.Run) -> None:
    extent = dyadic.Bounded(cycles=2, passes=2)
    again = client.open_run("pretrain", tokens_per_step=TOKENS_PER_STEP, extent=extent, curriculum="uniform")

    assert again.run_id == run.run_id
    with pytest.raises(dyadic.CheckpointMismatch, match="seed"):
        client.open_run("pretrain", tokens_per_step=TOKENS_PER_STEP, extent=extent, curriculum="uniform", seed=5)


def test_targets_are_the_inputs_one_further(client: dyadic.Client, run: dyadic.Run) -> None:
    batch = client.get_batch(run.name, 0)

    assert batch.inputs.dtype == torch.int64
    assert batch.inputs.shape == batch.targets.shape == (TOKENS_PER_STEP // batch.length, batch.length)
    assert torch.equal(batch.inputs[:, 1:], batch.targets[:, :-1])
    assert batch.inputs.is_contiguous() and batch.targets.is_contiguous()
    assert (batch.world, batch.filler, batch.loss_weight, batch.end_of_text) == (1, False, 1.0, 256)


def test_uint16_holds_the_same_ids(client: dyadic.Client, run: dyadic.Run) -> None:
    narrow = client.get_batch(run.name, 3, dtype=torch.uint16)

    assert narrow.inputs.dtype == torch.uint16
    assert torch.equal(narrow.targets.to(torch.int64), client.get_batch(run.name, 3).targets)
    with pytest.raises(ValueError, match="dtype must be torch.int64 or torch.uint16, but was torch.int32"):
        client.get_batch(run.name, 3, dtype=torch.int32)


def test_ids_are_those_of_the_documents(client: dyadic.Client, run: dyadic.Run) -> None:
    batch = client.get_batch(run.name, 5)
    explained = client.explain(run.name, 5)
    texts = {document.id: document.text for document in documents(600, "doc", 1)}

    assert (explained.length, explained.rows_in_step, explained.cycle) == (batch.length, batch.rows, batch.cycle)
    for row, sequence in enumerate(explained.sequences):
        ids = list(texts[sequence.document_id].encode()) + [256]
        assert sequence.document_tokens == len(ids)
        assert sequence.tokens == batch.length + 1
        assert batch.inputs[row].tolist() == ids[sequence.start : sequence.start + batch.length]
        assert batch.targets[row].tolist() == ids[sequence.start + 1 : sequence.start + batch.length + 1]


def test_ranks_have_the_rows_between_them(client: dyadic.Client, run: dyadic.Run) -> None:
    whole = client.get_batch(run.name, 1)
    for world in (1, 2, 3, 4):
        parts = [client.get_batch(run.name, 1, rank=rank, world=world) for rank in range(world)]
        assert torch.equal(torch.cat([part.inputs for part in parts]), whole.inputs)
        assert [part.first_row for part in parts] == [rank * whole.rows // world for rank in range(world)]
        assert sum(part.loss_weight for part in parts) == pytest.approx(world)


def test_a_rank_without_a_row_gets_one_of_weight_0(client: dyadic.Client, run: dyadic.Run) -> None:
    step, whole = next(
        (step, batch) for step in range(100) if (batch := client.get_batch(run.name, step)).length == MAX_LENGTH
    )
    world = whole.rows + 3
    parts = [client.get_batch(run.name, step, rank=rank, world=world) for rank in range(world)]

    assert [part.rows for part in parts] == [1] * world
    real = [part for part in parts if not part.filler]
    assert torch.equal(torch.cat([part.targets for part in real]), whole.targets)
    assert all(part.loss_weight == world / whole.rows for part in real)
    for part in parts:
        if part.filler:
            assert part.loss_weight == 0.0
            assert part.inputs.shape == part.targets.shape == (1, MAX_LENGTH)
            assert set(part.inputs.unique().tolist()) == set(part.targets.unique().tolist()) == {256}
            assert part.position == whole.position
            assert set(part.as_mapping()["labels"].unique().tolist()) == {-100}


def test_micro_batches_are_views_of_the_rows(client: dyadic.Client, run: dyadic.Run) -> None:
    batch = client.get_batch(run.name, 1)
    for tokens in (1, 100, 300, 5000):
        parts = list(batch.micro_batches(tokens))
        assert torch.equal(torch.cat([part.targets for part in parts]), batch.targets)
        assert all(part.rows * part.length <= max(tokens, part.length) for part in parts)
        assert all(part.inputs.is_contiguous() and part.targets.is_contiguous() for part in parts)
        assert parts[0].inputs.data_ptr() == batch.inputs.data_ptr()
        assert [part.first_row for part in parts] == [
            sum(earlier.rows for earlier in parts[:i]) for i in range(len(parts))
        ]
        assert sum(part.loss_weight for part in parts) == pytest.approx(1.0)
    with pytest.raises(ValueError, match="tokens must be at least 1, but was 0"):
        next(batch.micro_batches(0))


@pytest.mark.parametrize("world", [1, 2, 3, 5, 7, 40])
def test_all_ranks_have_equally_many_micro_batches(client: dyadic.Client, run: dyadic.Run, world: int) -> None:
    for step in range(6):
        whole = client.get_batch(run.name, step)
        ranks = [client.get_batch(run.name, step, rank=rank, world=world) for rank in range(world)]
        for tokens in (1, 70, 600, 5000):
            parts = [list(rank.micro_batches(tokens)) for rank in ranks]
            assert len({len(of_rank) for of_rank in parts}) == 1
            real = [part for of_rank in parts for part in of_rank if not part.filler]
            assert torch.equal(torch.cat([part.inputs for part in real]), whole.inputs)
            assert sum(part.loss_weight for of_rank in parts for part in of_rank) == pytest.approx(world)


def test_a_mappings_loss_is_that_of_the_step(client: dyadic.Client, run: dyadic.Run) -> None:
    mapping = client.get_batch(run.name, 1, rank=1, world=3).as_mapping()
    whole = client.get_batch(run.name, 1)

    assert set(mapping) == {"input_ids", "labels", "shift_labels", "num_items_in_batch"}
    assert mapping["num_items_in_batch"].item() == pytest.approx(TOKENS_PER_STEP / 3)
    assert mapping.state_dict() == whole.state_dict()
    assert mapping.to("cpu").state_dict() == whole.state_dict()
    with pytest.raises(dyadic.DyadicError, match="tensors only"):
        dyadic.MappedBatch(mapping).state_dict()


def test_sources_are_told_where_they_are_asked_for(client: dyadic.Client, run: dyadic.Run) -> None:
    batch = client.get_batch(run.name, 2, with_sources=True)

    assert batch.sources == tuple(sequence.source for sequence in client.explain(run.name, 2).sequences)
    assert [part.sources for part in batch.micro_batches(1)] == [(source,) for source in batch.sources]
    assert client.get_batch(run.name, 2).sources == ()


def test_a_batch_survives_pickling_and_copying(client: dyadic.Client, run: dyadic.Run) -> None:
    batch = client.get_batch(run.name, 2)
    for copy in (pickle.loads(pickle.dumps(batch)), batch.to("cpu"), list(batch.micro_batches(batch.length))[-1].to("cpu")):
        assert torch.equal(copy.inputs, batch.inputs[-copy.rows :])
        assert torch.equal(copy.targets, batch.targets[-copy.rows :])
        assert copy.position == batch.position


def test_a_document_is_traced_to_its_rows(client: dyadic.Client, run: dyadic.Run) -> None:
    sequence = client.explain(run.name, 0).sequences[0]

    traced = client.trace(sequence.document_id)

    assert sequence in [found.sequence for found in traced]
    uses = [use for found in traced if found.sequence == sequence for use in found.uses]
    assert dyadic.Use(run.name, 0, 0) in uses
    assert client.trace("no such document") == []


def test_commits_raise_the_floor_and_foreign_ones_are_refused(client: dyadic.Client, run: dyadic.Run) -> None:
    batch = client.get_batch(run.name, 4)

    client.commit(batch.position)
    client.commit(batch.state_dict())

    foreign = dyadic.Position(run.name, run.run_id + 1, 4, batch.position.manifest_digest)
    with pytest.raises(dyadic.CheckpointMismatch, match="id"):
        client.commit(foreign)
    with pytest.raises(dyadic.DyadicError, match="expected a state of run, run_id, step and manifest_digest"):
        client.commit({"run": run.name})
    with pytest.raises(dyadic.DyadicError, match="expected a state of run, run_id, step and manifest_digest"):
        client.commit({**batch.state_dict(), "manifest_digest": "no digest"})


def test_publishing_tells_what_became_of_each_document(client: dyadic.Client) -> None:
    answers = list(client.publish(["a text without id", dyadic.Document(text=""), dyadic.Document(text="x", id="y" * 2000)]))

    by_number = {answer.number: answer for answer in answers}
    assert by_number[0].accepted and len(by_number[0].id) == 32
    assert (by_number[1].accepted, by_number[1].refused) == (False, "empty-text")
    assert by_number[2].detail == "expected at most 1024 bytes of 'id', but there are 2000"


def test_a_document_that_nobody_takes_does_not_end_the_stream(client: dyadic.Client) -> None:
    bad: list[object] = [
        dyadic.Document(text="x" * (4 << 20) + "x", id="large"),
        "half of a pair: \ud800",
        dyadic.Document(text=5, id="number"),  # type: ignore[arg-type]
        None,
        dyadic.Document(text="x", id="i" * (5 << 20)),
        dyadic.Document(text="x", source="s" * 129),
        dyadic.Document(text="x", attributes={"a": "b" * (17 << 10)}),
        dyadic.Document(text="x", attributes={"a": 1}),  # type: ignore[dict-item]
        dyadic.Document(text="x", event_time_millis=1 << 70),
    ]
    mixed = [document for i, refused in enumerate(bad) for document in (refused, dyadic.Document(text="fine", id=f"between-{i}"))]

    answers = {answer.number: answer for answer in client.publish(mixed)}  # type: ignore[arg-type]

    assert sorted(answers) == list(range(len(mixed)))
    assert all(answers[number].accepted for number in range(1, len(mixed), 2))
    assert [answers[number].refused for number in range(0, len(mixed), 2)] == (
        ["too-long", "not-utf8", "wrong-type", "wrong-type", "too-large", "too-large", "too-large", "wrong-type", "wrong-type"]
    )
    assert answers[0].detail == "expected at most 4194304 bytes of text, but there are 4194305"
    assert answers[0].id == "large"


def test_a_refusal_is_told_before_the_next_document_comes(client: dyadic.Client) -> None:
    told = threading.Event()

    def documents() -> Iterator[str]:
        yield "\ud800"
        assert told.wait(20)
        yield "fine"

    answers = client.publish(documents())
    assert next(answers).refused == "not-utf8"
    told.set()
    assert next(answers).accepted
    assert list(answers) == []


def test_an_exception_of_the_caller_is_that_exception(client: dyadic.Client) -> None:
    class Mine(Exception):
        pass

    def documents() -> Iterator[str]:
        yield "before the exception"
        raise Mine("the caller's own")

    answers = client.publish(documents())
    assert next(answers).accepted
    with pytest.raises(Mine, match="the caller's own"):
        next(answers)


def test_whatever_goes_wrong_under_way_comes_out(server: Server) -> None:
    def lost() -> str:
        raise FileNotFoundError("the token is gone")

    with dyadic.connect(server.sampler, ingest=server.ingest, token=lost) as client, pytest.raises(FileNotFoundError, match="gone"):
        list(client.publish(["a text"]))

    def stopped() -> Iterator[str]:
        yield "a text"
        raise SystemExit(3)

    with server.connect() as client, pytest.raises(SystemExit):
        list(client.publish(stopped()))


def test_what_is_published_later_survives_a_fork(client: dyadic.Client) -> None:
    answers = client.publish([dyadic.Document(text="after a fork", event_time_millis=numpy.int64(5))])  # type: ignore[arg-type]
    if (child := os.fork()) == 0:
        os._exit(0)
    os.waitpid(child, 0)
    assert [answer.accepted for answer in answers] == [True]


def test_publishing_to_what_is_no_ingest_server_is_a_wrong_call(server: Server) -> None:
    with dyadic.connect(server.sampler, ingest=server.sampler) as client, pytest.raises(dyadic.InvalidRequest, match="right service"):
        list(client.publish(["a text"]))
    with dyadic.connect(server.sampler, ingest="127.0.0.1:9") as client, pytest.raises(dyadic.NotReady, match="nobody answers"):
        list(client.publish(["a text"]))


def test_a_live_run_serves_what_is_published_later(client: dyadic.Client) -> None:
    live = dyadic.Live(cycle_tokens=4096, max_wait=0.5)
    opened = client.open_run("live", tokens_per_step=TOKENS_PER_STEP, extent=live, start="latest")
    published = list(client.publish(documents(200, "late", 2)))

    batch = client.get_batch("live", 0)

    assert opened.total_steps is None
    assert all(answer.accepted for answer in published)
    assert {sequence.document_id[:4] for sequence in client.explain("live", 0).sequences} == {"late"}
    assert batch.rows * batch.length == TOKENS_PER_STEP


def test_mixtures_and_odds_reach_the_sampler(client: dyadic.Client) -> None:
    client.open_run(
        "mixed",
        tokens_per_step=TOKENS_PER_STEP,
        extent=dyadic.Live(cycle_tokens=8192),
        curriculum="odds",
        odds=(8, 4, 2, 1),
        mixture=dyadic.Mixture(sources={"wiki": 3}),
    )

    sources = [s.source for step in range(4) if client.get_batch("mixed", step) for s in client.explain("mixed", step).sequences]

    assert set(sources) == {"wiki"}


def test_errors_say_what_to_do(client: dyadic.Client, run: dyadic.Run, server: Server) -> None:
    assert run.total_steps is not None
    with pytest.raises(dyadic.EndOfRun, match=str(run.total_steps)):
        client.get_batch(run.name, run.total_steps)
    with pytest.raises(dyadic.RunNotFound, match="nothing"):
        client.describe_run("nothing")
    with pytest.raises(dyadic.InvalidRequest, match="multiple of"):
        client.open_run("odd", tokens_per_step=100)
    with pytest.raises(dyadic.InvalidRequest, match="split must be one of train, holdout, but was 'test'"):
        client.open_run("odd", tokens_per_step=1024, split="test")
    with pytest.raises(dyadic.NotReady, match="nobody answers at 127.0.0.1:9.*dyadic sample"):
        dyadic.connect("127.0.0.1:9", wait=0.0).list_runs()
    error = pickle.loads(pickle.dumps(dyadic.EndOfRun("gone", None)))
    assert isinstance(error, dyadic.EndOfRun) and str(error) == "gone"


def test_runs_are_listed(client: dyadic.Client, run: dyadic.Run) -> None:
    assert run.name in [listed.name for listed in client.list_runs()]


def test_a_loss_is_reported(client: dyadic.Client, run: dyadic.Run, server: Server) -> None:
    client.get_batch(run.name, 0)
    client.report_loss(run.name, 0, 2.5)

    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with urllib.request.urlopen(f"http://{server.ops}/live?run={run.name}") as answer:
            shown = json.load(answer)["run"]
        losses = [loss for values in shown["losses"].values() for loss in values]
        if losses:
            break
        time.sleep(0.1)
    assert losses == [{"step": 0, "loss": 2.5}]


@pytest.mark.parametrize("address", ["http://127.0.0.1:7070", "127.0.0.1", "host:port", "127.0.0.1:0", "127.0.0.1:70700", ""])
def test_an_address_that_is_none_fails_at_once(address: str) -> None:
    with pytest.raises(dyadic.InvalidRequest, match="host:port"):
        dyadic.Client(address, "127.0.0.1:7071", 60.0)


def test_a_name_that_does_not_resolve_fails_at_once_and_a_name_server_that_is_away_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(code: int) -> None:
        def resolve(*arguments: object, **options: object) -> list[object]:
            raise socket.gaierror(code, "as the test wants it")

        monkeypatch.setattr(socket, "getaddrinfo", resolve)

    fails(socket.EAI_NONAME)
    with dyadic.connect("no-such-host.invalid:7070", wait=60) as client, caplog.at_level(logging.WARNING, "dyadic"):
        with pytest.raises(dyadic.InvalidRequest, match="'no-such-host.invalid:7070' does not resolve"):
            client.list_runs()
    assert caplog.records == []
    fails(socket.EAI_AGAIN)
    with dyadic.connect("no-such-host.invalid:7070", wait=0) as client, pytest.raises(dyadic.NotReady):
        client.list_runs()
