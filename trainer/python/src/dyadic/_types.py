"""What the client takes and gives."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any


@dataclasses.dataclass(frozen=True)
class Bounded:
    """A run over what is there when it opens: `cycles` sweeps of the curriculum, `passes` times."""

    cycles: int = 1
    passes: int = 1


@dataclasses.dataclass(frozen=True)
class Live:
    """A run that goes on as documents arrive: a cycle whenever `cycle_tokens` tokens wait, or `min_cycle_tokens`
    (0: one step) after `max_wait` seconds."""

    cycle_tokens: int
    min_cycle_tokens: int = 0
    max_wait: float = 60.0


@dataclasses.dataclass(frozen=True)
class Mixture:
    """How a cycle's tokens are shared out.

    Attributes:
        sources: weight of each source; none: in proportion to what is there.
        other_sources: weight of each source that is not listed.
        lengths: weights, shortest length first; none: in proportion to what is there.
        backlog_tokens: live runs: what a pool may keep pending after a cycle; 0: everything.
    """

    sources: Mapping[str, int] = dataclasses.field(default_factory=dict)
    other_sources: int = 0
    lengths: tuple[int, ...] = ()
    backlog_tokens: int = 0


@dataclasses.dataclass(frozen=True)
class Run:
    """A run as its sampler describes it.

    Attributes:
        tokens_per_step: positions of every step, whatever its length.
        min_length: shortest length, in positions.
        max_length: longest.
        steps_planned: steps `[0, steps_planned)` are fixed.
        total_steps: of a bounded run, for learning-rate schedules; None for a live one.
        vocabulary_size: ids that the tokenizer has.
        end_of_text: the id that ends a document.
    """

    name: str
    run_id: int
    tokens_per_step: int
    min_length: int
    max_length: int
    curriculum: str
    cycles_planned: int
    steps_planned: int
    total_steps: int | None
    vocabulary_size: int
    end_of_text: int
    tokenizer: str
    layout: str
    closed: bool

    @property
    def lengths(self) -> tuple[int, ...]:
        """Every length that a step may have, shortest first: what `torch.compile` has to be warmed up for."""
        count = (self.max_length // self.min_length).bit_length()
        return tuple(self.min_length << i for i in range(count))


@dataclasses.dataclass(frozen=True)
class Sequence:
    """A run of tokens of one document, and its place in the log.

    Attributes:
        start: first token, in the document's tokens.
        tokens: of the sequence: one more than `length` for layout `next-token`.
        document_tokens: of the document or part, with end-of-text where it ends.
        piece: which of the document's `pieces`, from 0.
        document_offset: on the documents topic.
        offset: on the topic of its length, in `partition`.
        whole_id: the document that this one is a part of; empty: it is none.
    """

    document_id: str
    source: str
    length: int
    start: int
    tokens: int
    document_tokens: int
    piece: int
    pieces: int
    document_offset: int
    partition: int
    offset: int
    whole_id: str = ""


@dataclasses.dataclass(frozen=True)
class Explanation:
    """What a step is made of: `sequences[i]` is row `first_row + i`."""

    step: int
    cycle: int
    length: int
    rows_in_step: int
    sequences: tuple[Sequence, ...]


@dataclasses.dataclass(frozen=True)
class Use:
    """A place in a run where a sequence is."""

    run: str
    step: int
    row: int


@dataclasses.dataclass(frozen=True)
class Traced:
    """A sequence of a document, and every place that has it."""

    sequence: Sequence
    uses: tuple[Use, ...]


@dataclasses.dataclass(frozen=True)
class Document:
    """A document to publish.

    Attributes:
        text: at most 4 MiB of UTF-8.
        id: empty: a 128-bit hash of source and text.
        source: empty: the server's default.
        event_time_millis: since 1970 UTC; None: now.
    """

    text: str
    id: str = ""
    source: str = ""
    event_time_millis: int | None = None
    attributes: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Published:
    """What became of a document: accepted, or refused with a reason.

    Attributes:
        number: of the document among those given, from 0.
        id: the document's, given or made.
        refused: short reason; empty: accepted, and on all in-sync replicas of Kafka.
        detail: what was expected, and what came.
    """

    number: int
    id: str
    refused: str = ""
    detail: str = ""

    @property
    def accepted(self) -> bool:
        return not self.refused


def run_of(message: Any) -> Run:
    """From the wire's RunDescription."""
    spec, form = message.spec, message.format
    return Run(
        name=message.name,
        run_id=message.run_id,
        tokens_per_step=spec.tokens_per_step,
        min_length=spec.min_length,
        max_length=spec.max_length,
        curriculum=message.in_force.curriculum or spec.curriculum,
        cycles_planned=message.cycles_planned,
        steps_planned=message.steps_planned,
        total_steps=message.total_steps if message.HasField("total_steps") else None,
        vocabulary_size=form.vocabulary_size,
        end_of_text=form.end_of_text,
        tokenizer=form.tokenizer,
        layout=form.layout,
        closed=message.closed,
    )


def sequence_of(message: Any) -> Sequence:
    """From the wire's Sequence."""
    return Sequence(**{field.name: getattr(message, field.name) for field in dataclasses.fields(Sequence)})
