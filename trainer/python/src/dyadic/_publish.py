"""Documents on their way to an ingest server."""

from __future__ import annotations

import operator
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import grpc

from dyadic import _wire
from dyadic._errors import from_rpc
from dyadic._types import Document, Published

# The limits of an ingest server: what is beyond them would end the call for all documents after it.
_MAX_TEXT_BYTES = 4 << 20
_MAX_ID_BYTES = 1024
_MAX_SOURCE_BYTES = 128
_MAX_ATTRIBUTE_BYTES = 16 << 10
_MAX_MILLIS = (1 << 63) - 1

# Answers that nobody has taken yet; then no more documents are taken.
_PENDING = 1024
_END = object()


class _Refused(Exception):
    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def publish(call: Callable[[Iterator[Any]], Any], documents: Iterable[Document | str], address: str) -> Iterator[Published]:
    """What becomes of each document, in the order of the answers. What no server would take is refused here.

    An exception of `documents` itself ends the call, and is raised after the answers of those before it.
    """
    answers: queue.Queue[Any] = queue.Queue(maxsize=_PENDING)
    numbers: dict[int, int] = {}
    failures: list[BaseException] = []
    closed = threading.Event()

    def put(answer: Any) -> None:
        while not closed.is_set():
            try:
                answers.put(answer, timeout=0.2)
                return
            except queue.Full:
                continue

    def requests() -> Iterator[Any]:
        sent = 0
        try:
            for number, document in enumerate(documents):
                if closed.is_set():
                    return
                try:
                    request = _request(document)
                except _Refused as refused:
                    put(Published(number, _id(document), refused.reason, refused.detail))
                    continue
                numbers[sent] = number
                sent += 1
                yield request
        except GeneratorExit:
            raise
        except BaseException as error:
            failures.append(error)

    stream = call(requests())

    def read() -> None:
        try:
            for answer in stream:
                put(Published(numbers.pop(answer.number), answer.id, answer.refused, answer.detail))
            put(_END)
        except BaseException as error:
            put(error)

    reader = threading.Thread(target=read, name="dyadic-publish", daemon=True)
    reader.start()
    try:
        while True:
            answer = answers.get()
            if isinstance(answer, Published):
                yield answer
            elif failures:
                raise failures[0]
            elif answer is _END:
                return
            elif isinstance(answer, grpc.RpcError):
                raise from_rpc(answer, address) from answer
            else:
                raise answer
    finally:
        closed.set()
        stream.cancel()
        reader.join()


def _request(given: Document | str) -> Any:
    document = given if isinstance(given, Document) else Document(text=given)
    if _bytes("text", document.text) > _MAX_TEXT_BYTES:
        raise _too_large("text", _MAX_TEXT_BYTES, _bytes("text", document.text), "too-long")
    for name, value, most in (
        ("id", document.id, _MAX_ID_BYTES),
        ("source", document.source, _MAX_SOURCE_BYTES),
    ):
        if _bytes(name, value) > most:
            raise _too_large(f"'{name}'", most, _bytes(name, value))
    try:
        attributes = dict(document.attributes)
    except (TypeError, ValueError):
        raise _wrong_type("attributes", "a mapping of texts", document.attributes) from None
    size = sum(_bytes("attributes", key) + _bytes("attributes", value) for key, value in attributes.items())
    if size > _MAX_ATTRIBUTE_BYTES:
        raise _too_large("attributes", _MAX_ATTRIBUTE_BYTES, size)
    millis = document.event_time_millis
    try:
        millis = None if millis is None else operator.index(millis)
    except TypeError:
        raise _wrong_type("event_time_millis", "a whole number", millis) from None
    if millis is not None and abs(millis) > _MAX_MILLIS:
        raise _Refused("wrong-type", "expected milliseconds in 64 bits in 'event_time_millis', but the number is larger")
    return _wire.message("PublishRequest")(
        id=document.id, text=document.text, source=document.source, event_time_millis=millis, attributes=attributes
    )


def _bytes(name: str, value: object) -> int:
    if not isinstance(value, str):
        raise _wrong_type(name, "a text", value)
    try:
        return len(value) if value.isascii() else len(value.encode())
    except UnicodeEncodeError:
        raise _Refused("not-utf8", f"expected Unicode in '{name}', but it has a lone surrogate") from None


def _wrong_type(name: str, expected: str, value: object) -> _Refused:
    return _Refused("wrong-type", f"expected {expected} in '{name}', but got one of type {type(value).__name__}")


def _too_large(name: str, most: int, size: int, reason: str = "too-large") -> _Refused:
    return _Refused(reason, f"expected at most {most} bytes of {name}, but there are {size}")


def _id(document: object) -> str:
    given = document.id if isinstance(document, Document) else ""
    return given if isinstance(given, str) else ""
