"""A real all-in-one server for the tests, with a corpus."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import random
import subprocess
import time
from collections.abc import Iterator

import dyadic
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
MIN_LENGTH, MAX_LENGTH = 32, 256
TOKENS_PER_STEP = 1024
START_SECONDS = 180


@dataclasses.dataclass(frozen=True)
class Server:
    kafka: str
    sampler: str
    ingest: str
    ops: str

    def connect(self, wait: float = 60.0) -> dyadic.Client:
        return dyadic.connect(self.sampler, ingest=self.ingest, wait=wait)


def documents(count: int, prefix: str, seed: int) -> list[dyadic.Document]:
    chance = random.Random(seed)
    words = ["pool", "cycle", "step", "row", "length", "bucket", "token", "ledger"]
    return [
        dyadic.Document(
            id=f"{prefix}-{i}",
            text=" ".join(chance.choice(words) for _ in range(chance.randint(5, 120))),
            source=chance.choice(["wiki", "code"]),
        )
        for i in range(count)
    ]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("dyadic")
    command = [str(ROOT / "dyadic"), "dev", "-o", "json", "--data", str(folder / "data"), "--tokenizer", "bytes"]
    command += ["--kafka-port", "0", "--sampler-port", "0", "--ingest-port", "0", "--ops", "127.0.0.1:0"]
    command += ["--min-length", str(MIN_LENGTH), "--max-length", str(MAX_LENGTH)]
    with open(folder / "out", "w") as out, open(folder / "log", "w") as log:
        process = subprocess.Popen(command, stdout=out, stderr=log)
        try:
            deadline = time.monotonic() + START_SECONDS
            while not (lines := (folder / "out").read_text().splitlines()):
                if process.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"the server did not start:\n{(folder / 'log').read_text()}")
                time.sleep(0.1)
            facts = json.loads(lines[-1])
            started = Server(facts["kafka"], facts["sampler"], facts["ingest"], facts["ops"])
            with started.connect() as client:
                answers = list(client.publish(documents(600, "doc", 1)))
                assert all(answer.accepted for answer in answers)
            yield started
        finally:
            process.terminate()
            process.wait(30)


@pytest.fixture(scope="session")
def client(server: Server) -> Iterator[dyadic.Client]:
    with server.connect() as connected:
        yield connected


@pytest.fixture(scope="session")
def run(client: dyadic.Client) -> dyadic.Run:
    """A bounded run over the corpus."""
    return client.open_run(
        "pretrain", tokens_per_step=TOKENS_PER_STEP, extent=dyadic.Bounded(cycles=2, passes=2), curriculum="uniform"
    )
