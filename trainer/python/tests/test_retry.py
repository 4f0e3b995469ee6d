"""What the client does with the trailer `retry-after-ms`, against a server that counts its calls."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from concurrent import futures

import dyadic
import grpc
import pytest
from dyadic import _wire

PAUSE = 0.9  # longer than the pause of a client that does not listen


class Busy(grpc.GenericRpcHandler):
    """Turns the first call away, and answers the others with an empty message."""

    def __init__(self) -> None:
        self.calls: list[float] = []

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        return grpc.unary_unary_rpc_method_handler(self.answer)

    def answer(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        self.calls.append(time.monotonic())
        if len(self.calls) == 1:
            context.set_trailing_metadata((("retry-after-ms", str(round(PAUSE * 1000))),))
            context.abort(grpc.StatusCode.UNAVAILABLE, "not yet")
        return b""


@pytest.fixture
def busy() -> Iterator[tuple[Busy, str]]:
    handler = Busy()
    server = grpc.server(futures.ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers((handler,))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield handler, f"127.0.0.1:{port}"
    server.stop(None)


def test_a_call_waits_as_long_as_the_sampler_asks(busy: tuple[Busy, str]) -> None:
    handler, address = busy
    with dyadic.connect(address, wait=60) as client:
        assert client.list_runs() == []

    first, second = handler.calls
    assert second - first >= PAUSE


def test_calls_that_wait_together_are_told_once(busy: tuple[Busy, str], caplog: pytest.LogCaptureFixture) -> None:
    handler, address = busy
    request = _wire.message("ListRunsRequest")()
    with dyadic.connect("127.0.0.1:9", wait=1) as nobody, caplog.at_level(logging.WARNING, "dyadic"):
        sent = [nobody.begin_call("ListRuns", request) for _ in range(4)]
        for future in sent:
            with pytest.raises(dyadic.NotReady):
                nobody.finish_call("ListRuns", request, future)
        assert len(caplog.records) == 1
    caplog.clear()
    with dyadic.connect(address, wait=60) as client, caplog.at_level(logging.WARNING, "dyadic"):
        client.list_runs()
        client.list_runs()
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 2
    assert told[0].startswith(f"waiting for {address}, 0 s so far")
    assert told[1].startswith(f"{address} answers, after ")


def test_nobody_waits_longer_than_the_caller_wants(busy: tuple[Busy, str]) -> None:
    handler, address = busy
    with dyadic.connect(address, wait=0) as client, pytest.raises(dyadic.NotReady, match="not yet"):
        client.list_runs()

    assert len(handler.calls) == 1


def test_the_wait_is_what_was_asked_for_and_is_told(caplog: pytest.LogCaptureFixture) -> None:
    began = time.monotonic()
    with dyadic.connect("127.0.0.1:9", wait=3) as client, caplog.at_level(logging.WARNING, "dyadic"):
        with pytest.raises(dyadic.NotReady, match="nobody answers at 127.0.0.1:9"):
            client.list_runs()
    waited = time.monotonic() - began

    assert 3 <= waited < 20
    told = [record.getMessage() for record in caplog.records]
    # At once, and not again within ten seconds.
    assert len(told) == 1
    assert told[0].startswith("waiting for 127.0.0.1:9, 0 s so far, 3 s more: nobody answers at 127.0.0.1:9")


def test_a_prefetched_call_waits_no_longer_than_another(silent: str) -> None:
    client = dyadic.connect(silent, wait=3)
    request = _wire.message("GetBatchRequest")(run="any", step=0)
    began = time.monotonic()
    with client, pytest.raises(dyadic.NotReady):
        client.finish_call("GetBatch", request, client.begin_call("GetBatch", request))
    assert 3 <= time.monotonic() - began < 8


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that answers nothing until the call is over."""

    class Silent(grpc.GenericRpcHandler):
        def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
            return grpc.unary_unary_rpc_method_handler(self.answer)

        def answer(self, request: bytes, context: grpc.ServicerContext) -> bytes:
            while context.is_active():
                time.sleep(0.05)
            return b""

    server = grpc.server(futures.ThreadPoolExecutor(4))
    server.add_generic_rpc_handlers((Silent(),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"127.0.0.1:{port}"
    server.stop(None)
