"""Messages and calls of `dyadic.v1`, made from the descriptors in `dyadic.binpb`.

The descriptors are what protoc makes of `proto/src/main/protobuf` (`./generate` renews them, CI checks that they are fresh).
Classes are made from them at import, so that any protobuf runtime from 4.25 on will do: code that protoc generates runs
with one or two major versions only.
"""

from __future__ import annotations

import importlib.resources
from collections.abc import Callable, Iterator
from typing import Any

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_PACKAGE = "dyadic.v1"
_TOKENS_TAG = 15 << 3 | 2
_BATCH_TAG = 4 << 3 | 2
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def _load() -> descriptor_pool.DescriptorPool:
    files = descriptor_pb2.FileDescriptorSet()
    files.ParseFromString(importlib.resources.files("dyadic").joinpath("dyadic.binpb").read_bytes())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    return pool


_POOL = _load()


def message(name: str) -> Any:
    """The class of a message."""
    return message_factory.GetMessageClass(_POOL.FindMessageTypeByName(f"{_PACKAGE}.{name}"))


BatchHeader = message("Batch")


class RawBatch:
    """A batch as it came.

    Attributes:
        header: every field but the tokens.
        tokens: a view into what was received; little-endian ids, row-major.
    """

    __slots__ = ("header", "tokens")

    def __init__(self, header: Any, tokens: memoryview) -> None:
        self.header = header
        self.tokens = tokens


class SeveralBatches:
    """An answer with batches of several steps, as it came.

    Attributes:
        header: every field but the batches.
        batches: each with its tokens as a view into what was received.
    """

    __slots__ = ("batches", "header")

    def __init__(self, header: Any, batches: list[RawBatch]) -> None:
        self.header = header
        self.batches = batches


def split_batch(raw: bytes | memoryview) -> RawBatch:
    """Parses a batch without copying its tokens, which are its last field."""
    view = memoryview(raw)
    for start, tag, value in _fields(view):
        if tag == _TOKENS_TAG:
            if value.stop != len(view):
                break
            header = BatchHeader()
            header.ParseFromString(bytes(view[:start]))
            return RawBatch(header, view[value])
    # Not in the order that our samplers write, which protobuf allows.
    header = BatchHeader()
    header.ParseFromString(bytes(view))
    tokens = header.tokens
    header.ClearField("tokens")
    return RawBatch(header, memoryview(tokens))


def split_batches(raw: bytes) -> SeveralBatches:
    """Parses an answer with several batches without copying their tokens."""
    view = memoryview(raw)
    batches: list[RawBatch] = []
    others = bytearray()
    end = 0
    for start, tag, value in _fields(view):
        if tag == _BATCH_TAG:
            others += view[end:start]
            batches.append(split_batch(view[value]))
            end = value.stop
    header = message("GetBatchesResponse")()
    header.ParseFromString(bytes(others + view[end:]))
    return SeveralBatches(header, batches)


def _fields(raw: memoryview) -> Iterator[tuple[int, int, slice]]:
    """Of each field: where it begins, its tag, and where its value is. Ends at the first that it does not know."""
    at, end = 0, len(raw)
    while at < end:
        start = at
        tag, at = _varint(raw, at)
        kind = tag & 7
        first = at
        if kind == _BYTES:
            size, first = _varint(raw, at)
            at = first + size
        elif kind == _VARINT:
            _, at = _varint(raw, at)
        elif kind == _FIXED64:
            at += 8
        elif kind == _FIXED32:
            at += 4
        else:
            return
        yield start, tag, slice(first, at)


def _varint(raw: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = raw[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def calls(channel: grpc.Channel, service: str) -> dict[str, Callable[..., Any]]:
    """Every method of a service, by name."""
    found: dict[str, Callable[..., Any]] = {}
    for method in _POOL.FindServiceByName(f"{_PACKAGE}.{service}").methods:
        kind = ("stream" if method.client_streaming else "unary") + (
            "_stream" if method.server_streaming else "_unary"
        )
        output = method.output_type.name
        parse = {"Batch": split_batch, "GetBatchesResponse": split_batches}.get(output) or message(output).FromString
        found[method.name] = getattr(channel, kind)(
            f"/{_PACKAGE}.{service}/{method.name}",
            request_serializer=message(method.input_type.name).SerializeToString,
            response_deserializer=parse,
        )
    return found
