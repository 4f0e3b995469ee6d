"""What can go wrong. Messages say what was expected, what came, and what to do."""

from __future__ import annotations

import grpc


class DyadicError(Exception):
    """A call failed.

    Attributes:
        code: gRPC status, as `grpc.StatusCode`; None where no call was made.
    """

    def __init__(self, message: str, code: grpc.StatusCode | None = None) -> None:
        super().__init__(message)
        self.code = code

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (str(self), self.code)


class InvalidRequest(DyadicError):
    """The call is wrong and stays so: an address or an argument; the message says what would be right (INVALID_ARGUMENT)."""


class RunNotFound(DyadicError):
    """There is no such run (NOT_FOUND)."""


class CheckpointMismatch(DyadicError):
    """A spec or a checkpoint differs from what the ledger has; the message says where (FAILED_PRECONDITION)."""


class NotReady(DyadicError):
    """The call is right, but its answer did not come within the time to wait: no data yet, or nobody answers (UNAVAILABLE)."""


class EndOfRun(DyadicError):
    """The step is past the end of a bounded run, or too far ahead of what is planned (OUT_OF_RANGE)."""


class DataLoss(DyadicError):
    """Rows of the order are gone; the message names topic, partition and offset (DATA_LOSS)."""


class OutOfOrder(DyadicError):
    """A batch does not follow its predecessor, or where an iteration begins cannot be known; no step was lost by it yet."""


class AccessDenied(DyadicError):
    """The caller is not known, or has not the role that the call needs (UNAUTHENTICATED, PERMISSION_DENIED)."""


_BY_CODE = {
    grpc.StatusCode.INVALID_ARGUMENT: InvalidRequest,
    grpc.StatusCode.UNIMPLEMENTED: InvalidRequest,
    grpc.StatusCode.NOT_FOUND: RunNotFound,
    grpc.StatusCode.FAILED_PRECONDITION: CheckpointMismatch,
    grpc.StatusCode.UNAVAILABLE: NotReady,
    grpc.StatusCode.DEADLINE_EXCEEDED: NotReady,
    grpc.StatusCode.RESOURCE_EXHAUSTED: NotReady,
    grpc.StatusCode.OUT_OF_RANGE: EndOfRun,
    grpc.StatusCode.DATA_LOSS: DataLoss,
    grpc.StatusCode.UNAUTHENTICATED: AccessDenied,
    grpc.StatusCode.PERMISSION_DENIED: AccessDenied,
}

RETRIABLE = frozenset(code for code, kind in _BY_CODE.items() if kind is NotReady)


def retry_after(error: grpc.RpcError) -> float | None:
    """The seconds that the sampler asks to be left in peace (the trailer ``retry-after-ms``); None: it does not say."""
    for key, value in error.trailing_metadata() or ():
        if key == "retry-after-ms" and isinstance(value, str) and value.isascii() and value.isdigit():
            return int(value) / 1000
    return None


def reason(error: grpc.RpcError, address: str) -> str:
    """What went wrong, in words."""
    message: str = error.details() or error.code().name
    if error.code() is grpc.StatusCode.UNAVAILABLE and "failed to connect" in message.lower():
        return f"nobody answers at {address}: start one with 'dyadic sample' (or 'dyadic dev'), or name another address"
    if error.code() is grpc.StatusCode.UNIMPLEMENTED:
        return (
            f"what answers at {address} has no such method ({message}): is it the address of the right service, and as new as this"
            " client?"
        )
    if error.code() is grpc.StatusCode.NOT_FOUND:
        return f"{message} (asked at {address})"
    return message


def from_rpc(error: grpc.RpcError, address: str) -> DyadicError:
    """The error that a failed call stands for."""
    return _BY_CODE.get(error.code(), DyadicError)(reason(error, address), error.code())
