"""Tokens and TLS, against a sampler that asks for both."""

from __future__ import annotations

import pathlib
import subprocess
import time
from collections.abc import Iterator

import dyadic
import grpc
import pytest
import torch
from dyadic import _access

from conftest import ROOT, START_SECONDS, Server

TRAINER, READER = "token-of-the-trainer", "token-of-the-reader-"


@pytest.fixture(scope="module")
def secured(server: Server, run: dyadic.Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, pathlib.Path]]:
    """A second replica, with TLS and a file of callers: its address, and the certificate to trust."""
    folder = tmp_path_factory.mktemp("secured")
    certificate, key, callers = folder / "tls.crt", folder / "tls.key", folder / "callers"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        + ["-subj", "/CN=sampler", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )
    callers.write_text(f"trainer read,train token:{TRAINER}\nreader read token:{READER}\n")
    command = [str(ROOT / "dyadic"), "sample", "-o", "json", "--kafka", server.kafka, "--data", str(folder / "rows")]
    command += ["--port", "0", "--tls-cert", str(certificate), "--tls-key", str(key), "--auth-file", str(callers)]
    with open(folder / "out", "w") as out, open(folder / "log", "w") as log:
        process = subprocess.Popen(command, stdout=out, stderr=log)
        try:
            deadline = time.monotonic() + START_SECONDS
            while '"sampler":"' not in (text := (folder / "out").read_text()):
                if process.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"the sampler did not start:\n{(folder / 'log').read_text()}")
                time.sleep(0.1)
            yield text.split('"sampler":"')[1].split('"')[0], certificate
        finally:
            process.terminate()
            process.wait(30)


def test_a_token_and_a_certificate_let_in(secured: tuple[str, pathlib.Path], client: dyadic.Client, run: dyadic.Run) -> None:
    address, certificate = secured
    credentials = grpc.ssl_channel_credentials(certificate.read_bytes())
    with dyadic.connect(address, credentials=credentials, token=TRAINER) as trainer:
        batch = trainer.get_batch(run.name, 0)
        assert torch.equal(batch.inputs, client.get_batch(run.name, 0).inputs)
        trainer.commit(batch.position)
    with dyadic.connect(address, credentials=credentials, token=lambda: READER) as reader:
        with pytest.raises(dyadic.AccessDenied, match="reader may not call dyadic.v1.Sampler/Commit: it needs the role train"):
            reader.commit(batch.position)
    with dyadic.connect(address, credentials=credentials, token="a token that nobody has") as stranger:
        with pytest.raises(dyadic.AccessDenied, match="a known caller is needed"):
            stranger.list_runs()
    with dyadic.connect(address, token=TRAINER, wait=0) as plain, pytest.raises(dyadic.NotReady):
        plain.list_runs()


def test_the_environment_names_token_and_certificate(
    secured: tuple[str, pathlib.Path], run: dyadic.Run, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, certificate = secured
    (tmp_path / "token").write_text(f"{TRAINER}\n")
    monkeypatch.setenv("DYADIC_TLS_CA", str(certificate))
    monkeypatch.setenv("DYADIC_TOKEN_FILE", str(tmp_path / "token"))

    steps = [batch.step for batch in dyadic.Dataset(run.name, sampler=address, rank=0, world=1, end_step=3)]

    assert steps == [0, 1, 2]


@pytest.mark.parametrize("address", ["192.0.2.1:7070", "dns:///no-such-host.invalid:7070", "[2001:db8::1]:7070"])
def test_a_token_goes_to_another_machine_in_plain_text_only_where_asked_for_by_name(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with dyadic.connect(address, token=TRAINER, wait=0) as client:
        with pytest.raises(dyadic.InvalidRequest, match="the token would go to .* in plain text"):
            client.list_runs()
        monkeypatch.setenv("DYADIC_ALLOW_PLAINTEXT_TOKENS", "true")
        _access.channel(address, [], None, TRAINER).close()
    _access.channel(address, [], None, None).close()


@pytest.mark.parametrize("address", ["127.0.0.1:7070", "localhost:7070", "dns:///localhost:7070", "[::1]:7070", "unix:/run/x"])
def test_a_token_stays_on_this_machine(address: str) -> None:
    _access.channel(address, [], None, TRAINER).close()
