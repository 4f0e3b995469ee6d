"""Calls to a sampler and an ingest server."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any

import grpc
import torch

from dyadic import _wire
from dyadic._access import Token
from dyadic._batch import DTYPES, Batch, Position, to_batch
from dyadic._connection import Connection, closed_at_exit
from dyadic._errors import InvalidRequest
from dyadic._publish import publish
from dyadic._types import (
    Bounded,
    Document,
    Explanation,
    Live,
    Mixture,
    Published,
    Run,
    Traced,
    Use,
    run_of,
    sequence_of,
)

DEFAULT_SAMPLER = "127.0.0.1:7070"
DEFAULT_INGEST = "127.0.0.1:7071"
DEFAULT_WAIT = 300.0

_SPLITS = {"train": 1, "holdout": 2}
_WEIGHTINGS = {"odds-times-steps": 1, "odds": 2}


def connect(
    sampler: str | None = None,
    *,
    ingest: str | None = None,
    wait: float = DEFAULT_WAIT,
    credentials: grpc.ChannelCredentials | None = None,
    token: Token | None = None,
) -> Client:
    """A client. Nothing is sent before the first call.

    Args:
        sampler: `host:port`; with a name of several addresses, calls go to each in turn. Default: the environment's
            DYADIC_SAMPLER, else 127.0.0.1:7070.
        ingest: `host:port` of the ingest server, for `publish`. Default: DYADIC_INGEST, else 127.0.0.1:7071.
        wait: seconds for which a call is tried again while nobody answers or there is not enough data.
        credentials: for TLS, as gRPC's `ssl_channel_credentials` gives them. Default: TLS with the PEM files that
            DYADIC_TLS_CA, DYADIC_TLS_CERT and DYADIC_TLS_KEY name, or no encryption where none is set.
        token: a bearer token, or what gives one for each call. Default: DYADIC_TOKEN, or what the file
            DYADIC_TOKEN_FILE says.
    """
    return Client(
        sampler or os.environ.get("DYADIC_SAMPLER") or DEFAULT_SAMPLER,
        ingest or os.environ.get("DYADIC_INGEST") or DEFAULT_INGEST,
        wait,
        credentials,
        token,
    )


class Client:
    """Calls a sampler, and an ingest server. Made by `connect`; safe for use by many threads; a context manager.

    Every call to the sampler is by position or idempotent, so it is tried again, for at most `wait` seconds, while the
    sampler is not ready. Where the process forks, as for a loader's workers, the connections are closed and opened again
    by the next call; a `publish` that is under way stays, and its process should not fork.
    """

    def __init__(
        self,
        sampler: str,
        ingest: str,
        wait: float,
        credentials: grpc.ChannelCredentials | None = None,
        token: Token | None = None,
    ) -> None:
        if wait < 0:
            raise ValueError(f"wait must be at least 0 seconds, but was {wait}")
        self.wait = wait
        self._sampler = Connection("Sampler", sampler, wait, credentials, token)
        self._ingest = Connection("Ingest", ingest, wait, credentials, token)
        self._sent: set[grpc.Future] = set()
        # By run: what never changes.
        self._ends_of_text: dict[str, int] = {}

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the connections. A later call opens them again."""
        self._sampler.close()
        self._ingest.close()

    def open_run(
        self,
        name: str,
        *,
        tokens_per_step: int,
        extent: Bounded | Live = Bounded(),
        curriculum: str = "grow-p2",
        odds: Iterable[int] = (),
        weighting: str = "odds-times-steps",
        seed: int = 0,
        min_length: int = 0,
        max_length: int = 0,
        split: str = "train",
        start: str = "earliest",
        mixture: Mixture | None = None,
    ) -> Run:
        """Opens a run, or finds it: the same name and spec give the same run.

        Args:
            tokens_per_step: positions of a step: a multiple of the longest length.
            extent: `Bounded(cycles, passes)` or `Live(cycle_tokens, …)`.
            curriculum: uniform, grow-linear, grow-p2, grow-p100, shrink-p100, or odds.
            odds: for curriculum `odds`: positive integers, shortest length first.
            weighting: `odds-times-steps` or `odds`.
            min_length: a power of two; 0: the corpus's shortest.
            max_length: a power of two; 0: the corpus's longest.
            split: `train` or `holdout`.
            start: `earliest`, `latest`, or an ISO-8601 instant.

        Raises:
            InvalidRequest: the spec cannot be; the message says what would be right.
            CheckpointMismatch: the run is there with another spec; the message says where they differ.
            NotReady: a bounded run waits for the decomposer, and there is nothing yet.
        """
        spec = _wire.message("RunSpec")(
            seed=seed,
            tokens_per_step=tokens_per_step,
            min_length=min_length,
            max_length=max_length,
            curriculum=curriculum,
            odds=[str(value) for value in odds],
            weighting=_one_of("weighting", weighting, _WEIGHTINGS),
            split=_one_of("split", split, _SPLITS),
            start=start,
        )
        if isinstance(extent, Live):
            spec.live.cycle_tokens = extent.cycle_tokens
            spec.live.min_cycle_tokens = extent.min_cycle_tokens
            spec.live.max_wait_millis = round(extent.max_wait * 1000)
        else:
            spec.bounded.cycles = extent.cycles
            spec.bounded.passes = extent.passes
        if mixture is not None:
            spec.mixture.sources.update(mixture.sources)
            spec.mixture.other_sources = mixture.other_sources
            spec.mixture.lengths.extend(mixture.lengths)
            spec.mixture.backlog_tokens = mixture.backlog_tokens
        return run_of(self._call("OpenRun", _wire.message("OpenRunRequest")(name=name, spec=spec)))

    def describe_run(self, name: str) -> Run:
        """The run as it stands now.

        Raises:
            RunNotFound: there is no run of this name.
        """
        return run_of(self._call("DescribeRun", _wire.message("DescribeRunRequest")(name=name)))

    def list_runs(self) -> list[Run]:
        """Every run of the corpus."""
        return [run_of(run) for run in self._call("ListRuns", _wire.message("ListRunsRequest")()).runs]

    def get_batch(
        self,
        run: str,
        step: int,
        *,
        rank: int = 0,
        world: int = 1,
        dtype: torch.dtype = torch.int64,
        with_sources: bool = False,
    ) -> Batch:
        """A rank's rows of a step: `[rank * n // world, (rank + 1) * n // world)` of the step's n.

        A rank without a row gets one of the client's own, with `loss_weight` 0.

        Args:
            dtype: of inputs and targets: `torch.int64`, or `torch.uint16` for vocabularies up to 65,536 ids.
            with_sources: whether `batch.sources` says where each row comes from.

        Raises:
            EndOfRun: the step is past the end of a bounded run.
            NotReady: there was not enough data within the time to wait; the message says what is missing.
            DataLoss: rows are gone.
        """
        require_dtype(dtype)
        end_of_text = self._end_of_text(run)
        raw = self._call("GetBatch", batch_request(run, step, rank, world, with_sources=with_sources))
        return to_batch(raw, run, dtype, world, end_of_text)

    def commit(self, position: Position | Mapping[str, Any]) -> None:
        """Tells that a checkpoint at this position is safe. Deletes nothing; raises the run's floor.

        Args:
            position: `batch.position`, or a state of `Dataset` or `Batch`.

        Raises:
            CheckpointMismatch: the position is of another run, or of other manifests.
        """
        given = position if isinstance(position, Position) else Position.from_state_dict(dict(position))
        request = _wire.message("CommitRequest")(run=given.run, position=wire_position(given))
        self._call("Commit", request)

    def report_loss(self, run: str, step: int, loss: float) -> None:
        """Shows a loss on the sampler's live page and in its metrics. Sent once and not waited for: nothing depends on it.

        Args:
            step: one that was served.
            loss: mean cross-entropy over the step's targets, in nats.
        """
        sent = self._sampler.begin("ReportLoss", _wire.message("ReportLossRequest")(run=run, step=step, loss=loss))
        # A call that nobody holds is cancelled.
        self._sent.add(sent)
        sent.add_done_callback(self._sent.discard)

    def explain(self, run: str, step: int, *, first_row: int = 0, rows: int = 0) -> Explanation:
        """Which documents, and which spans of them, are in a step that is planned.

        Args:
            rows: from `first_row` on; 0: to the end of the step.
        """
        request = _wire.message("ExplainRequest")(run=run, step=step, first_row=first_row, rows=rows)
        answer = self._call("Explain", request)
        return Explanation(
            step, answer.cycle, answer.length, answer.rows_in_step, tuple(map(sequence_of, answer.sequences))
        )

    def trace(self, document_id: str) -> list[Traced]:
        """A document's sequences, in order, each with the places of all runs that have it. Empty: nothing is known.

        Args:
            document_id: of a document, or of one that was split: then of all its parts, one after the other.
        """
        answer = self._call("Trace", _wire.message("TraceRequest")(document_id=document_id))
        return [
            Traced(sequence_of(found.sequence), tuple(Use(use.run, use.step, use.row) for use in found.uses))
            for found in answer.sequences
        ]

    def publish(self, documents: Iterable[Document | str]) -> Iterator[Published]:
        """Publishes documents, and tells of each what became of it, in the order of the answers.

        The documents are taken as answers come, so an endless iterable is fine. One that got no answer, because the
        call failed, may or may not be there: publish it again, the decomposer drops ids that it has seen. What no server
        would take (no text, no Unicode, beyond 4 MiB) is answered by the client, and the others go on.

        Args:
            documents: a string is a text without id and source. An exception of the iterable itself is raised as it is,
                after the answers of the documents before it.

        Raises:
            NotReady: nobody answers, or Kafka does not take documents; at once, since nothing is published twice by itself.
            InvalidRequest: what answers is no ingest server.
        """
        ingest = self._ingest
        return closed_at_exit(ingest.stream(lambda: publish(ingest.method("Publish"), documents, ingest.address)))

    def close_run(self, name: str) -> Run:
        """Ends a live run: no more cycles are planned; what is planned is served for ever. Idempotent.

        Raises:
            RunNotFound: there is no run of this name.
        """
        return run_of(self._call("CloseRun", _wire.message("CloseRunRequest")(run=name)))

    def begin_call(self, method: str, request: Any) -> grpc.Future:
        """Sends a call to the sampler, without waiting."""
        return self._sampler.begin(method, request)

    def finish_call(self, method: str, request: Any, future: grpc.Future) -> Any:
        """The answer of a call that was sent; if it failed and may be tried again, it is.

        A step that is too far ahead of what is planned is waited for, as one without data is.
        """

        def is_to_come() -> bool:
            end = request.step + max(1, getattr(request, "steps", 1))
            run = self.describe_run(request.run)
            last = run.steps_planned if run.closed else run.total_steps
            return last is None or end <= last

        return self._sampler.finish(method, request, future, is_to_come)

    def _call(self, method: str, request: Any) -> Any:
        return self._sampler.call(method, request)

    def _end_of_text(self, run: str) -> int:
        found = self._ends_of_text.get(run)
        if found is None:
            found = self._ends_of_text[run] = self.describe_run(run).end_of_text
        return found


class Prefetcher:
    """Answers of one method, fetched ahead of their use, in the order of their requests.

    Args:
        next_request: the request that comes next; None where there is none, or none as long as others are on their way. It is
            told whether there are others.
        depth: calls in flight.
    """

    def __init__(self, client: Client, method: str, next_request: Callable[[bool], Any], depth: int) -> None:
        self._client = client
        self._method = method
        self._next_request = next_request
        self._depth = depth
        self._waiting: deque[tuple[Any, grpc.Future]] = deque()

    def next(self) -> tuple[Any, Any] | None:
        """The next request and its answer; None after the last."""
        while len(self._waiting) < self._depth:
            request = self._next_request(bool(self._waiting))
            if request is None:
                break
            self._waiting.append((request, self._client.begin_call(self._method, request)))
        if not self._waiting:
            return None
        request, future = self._waiting.popleft()
        return request, self._client.finish_call(self._method, request, future)

    def close(self) -> None:
        while self._waiting:
            self._waiting.pop()[1].cancel()


def batch_request(
    run: str, step: int, rank: int, world: int, resume: Position | None = None, with_sources: bool = False
) -> Any:
    """What asks for a rank's rows of a step."""
    request = _wire.message("GetBatchRequest")(run=run, step=step, rank=rank, world=world, with_sources=with_sources)
    if resume is not None:
        request.resume.CopyFrom(wire_position(resume))
    return request


def wire_position(position: Position) -> Any:
    return _wire.message("Position")(
        run_id=position.run_id,
        step=position.step,
        manifest_digest=bytes.fromhex(position.manifest_digest),
    )


def require_dtype(dtype: torch.dtype) -> None:
    if dtype not in DTYPES:
        raise ValueError(f"dtype must be torch.int64 or torch.uint16, but was {dtype}")


def _one_of(name: str, value: str, choices: dict[str, int]) -> int:
    if value not in choices:
        raise InvalidRequest(f"{name} must be one of {', '.join(choices)}, but was {value!r}")
    return choices[value]
