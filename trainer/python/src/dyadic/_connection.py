"""Calls to one service, which are tried again while it is not ready; and what is told meanwhile."""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import re
import socket
import threading
import time
import weakref
from collections.abc import Callable, Generator, Iterator
from typing import Any, TypeVar

import grpc

from dyadic import _access, _wire
from dyadic._access import Token
from dyadic._errors import RETRIABLE, InvalidRequest, NotReady, from_rpc, reason, retry_after

_T = TypeVar("_T")
_LOG = logging.getLogger("dyadic")
_MAX_MESSAGE_BYTES = 65 << 20
# A server answers with the reason before a call's deadline, so this is also how often one can be told.
_MAX_ATTEMPT_SECONDS = 10.0
_MIN_ATTEMPT_SECONDS = 2.0
_RETRY_SECONDS = 0.2
_TELL_SECONDS = 10.0
_OPTIONS = [
    ("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", _MAX_MESSAGE_BYTES),
    # Windows wide enough from the first byte, and frames that are worth their system call.
    ("grpc.http2.lookahead_bytes", 16 << 20),
    ("grpc.http2.max_frame_size", (16 << 20) - 1),
    ("grpc.max_reconnect_backoff_ms", 1000),
    ("grpc.service_config", '{"loadBalancingConfig": [{"round_robin": {}}]}'),
]
_HOST_AND_PORT = re.compile(r"(\[[0-9a-fA-F:.%]+\]|[^:/\s]+):([0-9]{1,5})")
# Names that gRPC resolves in ways of its own: https://github.com/grpc/grpc/blob/master/doc/naming.md
_OTHER_NAMES = ("dns:", "unix:", "unix-abstract:", "ipv4:", "ipv6:", "xds:", "vsock:")


def require_address(address: str) -> str:
    """The address, if it is one.

    Raises:
        InvalidRequest: it is not `host:port`, nor a name of gRPC's.
    """
    if address.startswith(_OTHER_NAMES):
        return address
    found = _HOST_AND_PORT.fullmatch(address)
    if found is None or not 0 < int(found[2]) < 1 << 16:
        scheme = re.match(r"[a-z+]+://", address)
        hint = f": leave out {scheme[0]!r}" if scheme else ""
        raise InvalidRequest(f"an address is host:port, as in 127.0.0.1:7070, but was {address!r}{hint}")
    return address


class Connection:
    """A service at an address. Safe for use by many threads; opened by the first call, and by one after `close`."""

    def __init__(
        self, service: str, address: str, wait: float, credentials: grpc.ChannelCredentials | None, token: Token | None
    ) -> None:
        self.address = require_address(address)
        self._service = service
        self._wait = wait
        self._credentials = credentials
        self._token = token
        self._opened: tuple[grpc.Channel, dict[str, Callable[..., Any]]] | None = None
        self._lock = threading.Lock()
        self._streams = 0
        self._waits = _Waits(address)
        with _FORKING:
            _CONNECTIONS.add(self)

    def method(self, name: str) -> Callable[..., Any]:
        """A method of the service, as gRPC has it."""
        return self._open()[1][name]

    def close(self) -> None:
        with self._lock:
            self._close()

    def stream(self, start: Callable[[], Iterator[Any]]) -> Generator[Any]:
        """Answers that come while the connection has to stay open."""
        self._streams += 1
        try:
            yield from start()
        finally:
            self._streams -= 1

    def before_fork(self) -> None:
        """Closes the connection and keeps it closed until `after_fork`.

        A process that forks with an open channel leaves its child one that hangs; what was in flight is asked for again.
        """
        self._lock.acquire()
        if not self._streams:
            self._close()

    def after_fork(self) -> None:
        self._lock.release()

    def _open(self) -> tuple[grpc.Channel, dict[str, Callable[..., Any]]]:
        if self._opened is None:
            _require_name(self.address)
        with self._lock:
            if self._opened is None:
                channel = _access.channel(self.address, _OPTIONS, self._credentials, self._token)
                self._opened = (channel, _wire.calls(channel, self._service))
            return self._opened

    def _close(self) -> None:
        global _closed_at
        opened, self._opened = self._opened, None
        if opened is not None:
            opened[0].close()
            _closed_at = time.monotonic()

    def call(self, method: str, request: Any) -> Any:
        """The answer. Tried again, for at most the time to wait, while the service is not ready."""
        return self._answer(method, request, _Patience(self._waits, self._wait))

    def begin(self, method: str, request: Any) -> grpc.Future:
        """Sends a call, without waiting."""
        timeout = min(max(self._wait, _MIN_ATTEMPT_SECONDS), _MAX_ATTEMPT_SECONDS)
        future: grpc.Future = self._on_open(method, lambda call: call.future(request, timeout=timeout))
        return future

    def finish(self, method: str, request: Any, future: grpc.Future, is_to_come: Callable[[], bool]) -> Any:
        """The answer of a call that was sent; if it failed and may be tried again, it is.

        Args:
            is_to_come: whether what is out of range now will be there later.
        """
        patience = _Patience(self._waits, self._wait)
        try:
            answer = future.result()
        except ValueError:
            # The channel was closed under the call, by a fork.
            pass
        except grpc.RpcError as error:
            # What was too far ahead when it was sent may be there at its turn.
            if error.code() is not grpc.StatusCode.OUT_OF_RANGE:
                patience.after(error)
        else:
            self._waits.over()
            return answer
        return self._answer(method, request, patience, is_to_come)

    def _answer(self, method: str, request: Any, patience: _Patience, is_to_come: Callable[[], bool] = lambda: False) -> Any:
        while True:
            try:
                answer = self._on_open(method, lambda call: call(request, timeout=patience.attempt_seconds()))
            except grpc.RpcError as error:
                patience.after(error, error.code() is grpc.StatusCode.OUT_OF_RANGE and is_to_come())
            else:
                self._waits.over()
                return answer

    def _on_open(self, method: str, use: Callable[[Any], Any]) -> Any:
        """Uses a method on an open channel: a fork by another thread may close it at any moment."""
        while True:
            opened = self._open()
            try:
                return use(opened[1][method])
            except ValueError:
                if self._opened is opened:
                    raise


def _require_name(address: str) -> None:
    """Fails where the name does not resolve, and never did: then it is a wrong one, and waiting does not help."""
    found = _HOST_AND_PORT.fullmatch(address)
    if found is None or address in _RESOLVED:
        return
    try:
        socket.getaddrinfo(found[1].strip("[]"), int(found[2]), type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno != socket.EAI_AGAIN:
            raise InvalidRequest(f"the name in {address!r} does not resolve: {error}") from error
    else:
        _RESOLVED.add(address)


_RESOLVED: set[str] = set()
_CONNECTIONS: weakref.WeakSet[Connection] = weakref.WeakSet()


_QUIET_SECONDS = 0.2
_closed_at = -_QUIET_SECONDS
_FORKING = threading.Lock()
_held: list[Connection] = []


def _before_fork() -> None:
    _FORKING.acquire()
    for connection in list(_CONNECTIONS):
        connection.before_fork()
        _held.append(connection)
    # A channel that was closed, here or just before, is taken apart by threads of gRPC; a child has none of them, and would wait for
    # ever for a lock that one of them held.
    time.sleep(max(0.0, _closed_at + _QUIET_SECONDS - time.monotonic()))


def _after_fork() -> None:
    while _held:
        _held.pop().after_fork()
    _FORKING.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork)


_ITERATORS: weakref.WeakSet[Generator[Any]] = weakref.WeakSet()


def closed_at_exit(iterator: Generator[_T]) -> Generator[_T]:
    """The same iterator. Where nobody closes it, it is closed while the threads that it may have to wait for are there."""
    _ITERATORS.add(iterator)
    return iterator


@atexit.register
def _close_all() -> None:
    for iterator in list(_ITERATORS):
        with contextlib.suppress(ValueError):  # another thread is in it
            iterator.close()
    for connection in list(_CONNECTIONS):
        connection.close()


class _Waits:
    """What is told while calls to an address wait, whichever they are."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._began: float | None = None
        self._tell_at = 0.0

    def tell(self, now: float, left: float, error: grpc.RpcError) -> None:
        """At once where nothing waited before, then every ten seconds."""
        if self._began is None:
            self._began = self._tell_at = now
        if now >= self._tell_at:
            self._tell_at = now + _TELL_SECONDS
            so_far = now - self._began
            _LOG.warning("waiting for %s, %.0f s so far, %.0f s more: %s", self.address, so_far, left, reason(error, self.address))

    def over(self) -> None:
        """A call was answered."""
        if self._began is not None:
            _LOG.warning("%s answers, after %.0f s", self.address, time.monotonic() - self._began)
            self._began = None


class _Patience:
    """How long one call is tried."""

    def __init__(self, waits: _Waits, wait: float) -> None:
        self._waits = waits
        self._began = time.monotonic()
        self._deadline = self._began + wait

    def attempt_seconds(self) -> float:
        now = time.monotonic()
        least = _MIN_ATTEMPT_SECONDS if now - self._began < _RETRY_SECONDS else _RETRY_SECONDS
        return min(max(self._deadline - now, least), _MAX_ATTEMPT_SECONDS)

    def after(self, error: grpc.RpcError, is_to_come: bool = False) -> None:
        """Pauses, until the next try; raises where there is none.

        Args:
            is_to_come: it is out of range, and will be there later.
        """
        now = time.monotonic()
        left = self._deadline - now
        # Nobody waits for a call that it cancelled itself: the channel was closed under this one, by a fork.
        cancelled = error.code() is grpc.StatusCode.CANCELLED
        if left <= 0 and is_to_come:
            raise NotReady(reason(error, self._waits.address), error.code()) from error
        if left <= 0 or not (cancelled or is_to_come or error.code() in RETRIABLE):
            raise from_rpc(error, self._waits.address) from error
        if not cancelled:
            self._waits.tell(now, left, error)
        pause = retry_after(error)
        time.sleep(min(_RETRY_SECONDS if pause is None else pause, left))
