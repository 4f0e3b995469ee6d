"""How a client connects, and says who it is: TLS and bearer tokens, by argument or from the environment."""

from __future__ import annotations

import ipaddress
import os
import pathlib
import re
import socket
from collections.abc import Callable
from typing import Any, NamedTuple

import grpc

from dyadic._errors import InvalidRequest

_PLAINTEXT = "DYADIC_ALLOW_PLAINTEXT_TOKENS"
Token = str | Callable[[], str]


class _Details(NamedTuple):
    method: str
    timeout: float | None
    metadata: Any
    credentials: Any
    wait_for_ready: Any
    compression: Any


class _Bearer(
    grpc.UnaryUnaryClientInterceptor,  # type: ignore[misc]
    grpc.UnaryStreamClientInterceptor,  # type: ignore[misc]
    grpc.StreamStreamClientInterceptor,  # type: ignore[misc]
):
    """Sends the token with every call."""

    def __init__(self, token: Callable[[], str]) -> None:
        self._token = token

    def _with_token(self, details: Any) -> _Details:
        metadata = [*(details.metadata or ()), ("authorization", f"Bearer {self._token()}")]
        return _Details(
            details.method,
            details.timeout,
            metadata,
            details.credentials,
            getattr(details, "wait_for_ready", None),
            getattr(details, "compression", None),
        )

    def intercept_unary_unary(self, continuation: Any, client_call_details: Any, request: Any) -> Any:
        return continuation(self._with_token(client_call_details), request)

    def intercept_unary_stream(self, continuation: Any, client_call_details: Any, request: Any) -> Any:
        return continuation(self._with_token(client_call_details), request)

    def intercept_stream_stream(self, continuation: Any, client_call_details: Any, request_iterator: Any) -> Any:
        return continuation(self._with_token(client_call_details), request_iterator)


def channel(
    address: str, options: list[Any], credentials: grpc.ChannelCredentials | None, token: Token | None
) -> grpc.Channel:
    """Without arguments: by DYADIC_TLS_CA, DYADIC_TLS_CERT and DYADIC_TLS_KEY, and DYADIC_TOKEN or DYADIC_TOKEN_FILE."""
    credentials = credentials or _credentials_from_environment()
    found = _supplier(token)
    if found is not None and credentials is None:
        _require_safe(address)
    made = (
        grpc.insecure_channel(address, options=options)
        if credentials is None
        else grpc.secure_channel(address, credentials, options=options)
    )
    return made if found is None else grpc.intercept_channel(made, _Bearer(found))


def _require_safe(address: str) -> None:
    """A token goes to another machine in plain text only where that was asked for by name.

    Raises:
        InvalidRequest: it was not.
    """
    if os.environ.get(_PLAINTEXT, "").lower() != "true" and not _is_loopback(address):
        raise InvalidRequest(
            f"the token would go to {address} in plain text, for whoever is on the way to take: use TLS (DYADIC_TLS_CA,"
            f" or credentials=), or ask for it by name with {_PLAINTEXT}=true"
        )


def _is_loopback(address: str) -> bool:
    """A name that is not known is that of another machine."""
    if address.startswith(("unix:", "unix-abstract:")):
        return True
    host = re.sub(r"^[a-z0-9]+:/*", "", address) if re.match(r"^(dns|ipv4|ipv6):", address) else address
    host = re.sub(r":\d+$", "", host).strip("[]")
    try:
        found = {info[4][0] for info in socket.getaddrinfo(host, None)}
    except OSError:
        return False
    return bool(host) and all(ipaddress.ip_address(str(ip).split("%")[0]).is_loopback for ip in found)


def _credentials_from_environment() -> grpc.ChannelCredentials | None:
    authorities = os.environ.get("DYADIC_TLS_CA")
    certificate, key = os.environ.get("DYADIC_TLS_CERT"), os.environ.get("DYADIC_TLS_KEY")
    if (certificate is None) != (key is None):
        raise ValueError("a client's certificate needs both DYADIC_TLS_CERT and DYADIC_TLS_KEY")
    if authorities is None and certificate is None:
        return None
    return grpc.ssl_channel_credentials(
        root_certificates=_read(authorities), private_key=_read(key), certificate_chain=_read(certificate)
    )


def _read(file: str | None) -> bytes | None:
    return None if file is None else pathlib.Path(file).read_bytes()


def _supplier(token: Token | None) -> Callable[[], str] | None:
    if callable(token):
        return token
    text = token or os.environ.get("DYADIC_TOKEN")
    if text:
        return lambda: text
    file = os.environ.get("DYADIC_TOKEN_FILE")
    # Read at each call: whoever renews it need not tell.
    return None if not file else lambda: pathlib.Path(file).read_text().strip()
