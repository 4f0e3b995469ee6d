"""The examples run as they are, with ranks that come and go."""

import importlib.util
import os
import pathlib
import re
import socket
import subprocess
import sys
from collections.abc import Callable

import dyadic
import numpy
import pytest
from conftest import MAX_LENGTH, Server

EXAMPLES = pathlib.Path(__file__).resolve().parents[1] / "examples"
STEPS = 6


def start(command: list[str], ranks: int = 1) -> dict[int, float]:
    """Runs a program, once a rank, as torchrun does; the loss of each step that it printed, each once."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        meeting = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free.getsockname()[1]), "WORLD_SIZE": str(ranks)}
    environment = {**os.environ, **meeting, **({"OMP_NUM_THREADS": "1"} if ranks > 1 else {})}
    processes = [
        subprocess.Popen(
            command,
            cwd=EXAMPLES,
            env={**environment, "RANK": str(rank), "LOCAL_RANK": str(rank), "LOCAL_WORLD_SIZE": str(ranks)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(ranks)
    ]
    try:
        printed = [process.communicate(timeout=300) for process in processes]
    finally:
        for process in processes:
            process.kill()
    assert [process.returncode for process in processes] == [0] * ranks, "\n".join(err[-3000:] for _, err in printed)
    out = "".join(out for out, _ in printed)
    found = re.findall(r"^step (\d+) (?:length \d+ )?loss ([\d.]+)$", out, re.MULTILINE)
    assert len({step for step, _ in found}) == len(found), out
    return {int(step): float(loss) for step, loss in found}


def train(
    ranks: int, program: list[str], server: Server, steps: int, checkpoint: pathlib.Path, run: str = "pretrain"
) -> dict[int, float]:
    command = [sys.executable, program[0], run, "--sampler", server.sampler, "--steps", str(steps)]
    return start([*command, "--checkpoint", str(checkpoint), *program[1:]], ranks)


def has(module: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(importlib.util.find_spec(module) is None, reason=f"{module} is not installed")


PROGRAMS = [
    pytest.param(["ddp.py", "--micro-tokens", "300"], id="ddp"),
    pytest.param(["fsdp.py"], id="fsdp2"),
    pytest.param(["fsdp.py", "--fsdp", "1"], id="fsdp1"),
    pytest.param(["accelerated.py"], id="accelerate", marks=has("accelerate")),
    pytest.param(["huggingface.py"], id="trainer", marks=has("transformers")),
    pytest.param(["lightning_module.py"], id="lightning", marks=has("lightning")),
    pytest.param(["stateful.py"], id="torchdata"),
    pytest.param(["titan.py"], id="torchtitan", marks=has("torchtitan")),
]


def test_the_examples_are_short() -> None:
    lengths = {file.name: len(file.read_text().splitlines()) for file in EXAMPLES.glob("*.py")}
    assert {name: lines for name, lines in lengths.items() if lines > 60} == {}


@pytest.fixture(scope="module")
def at_once(server: Server, run: dyadic.Run, tmp_path_factory: pytest.TempPathFactory) -> Callable[[list[str]], dict[int, float]]:
    """The losses of one process. Programs with the same model and the same optimizer share them."""
    found: dict[str, dict[int, float]] = {}

    def losses(program: list[str]) -> dict[int, float]:
        kind = "ddp.py" if program[0] in ("fsdp.py", "lightning_module.py", "stateful.py") else program[0]
        if kind not in found:
            found[kind] = train(1, [kind], server, STEPS, tmp_path_factory.mktemp("at-once") / "saved")
        return found[kind]

    return losses


@pytest.mark.parametrize("program", PROGRAMS)
def test_training_goes_on_with_another_number_of_ranks(
    server: Server, at_once: Callable[[list[str]], dict[int, float]], tmp_path: pathlib.Path, program: list[str]
) -> None:
    in_parts = train(2, program, server, STEPS // 2, tmp_path / "saved")
    rest = train(1, program, server, STEPS, tmp_path / "saved")

    assert list(in_parts) == list(range(STEPS // 2))
    assert list(rest) == list(range(STEPS // 2, STEPS))
    # The same global batches and the same model: losses differ by rounding only.
    assert in_parts | rest == pytest.approx(at_once(program), abs=2e-4)


@pytest.fixture(scope="module")
def narrow(client: dyadic.Client) -> dyadic.Run:
    """A run whose every step is one row."""
    return client.open_run(
        "narrow", tokens_per_step=MAX_LENGTH, min_length=MAX_LENGTH, extent=dyadic.Bounded(), curriculum="uniform"
    )


@pytest.mark.parametrize("world", [2, 3, 4])
def test_gradients_of_ranks_are_those_of_one_process(server: Server, run: dyadic.Run, narrow: dyadic.Run, world: int) -> None:
    program = str(pathlib.Path(__file__).with_name("gradients.py"))
    start([sys.executable, program, server.sampler, "5", run.name, narrow.name], world)


def test_ranks_without_a_row_train_the_same(server: Server, narrow: dyadic.Run, tmp_path: pathlib.Path) -> None:
    alone = train(1, ["ddp.py"], server, 4, tmp_path / "alone", narrow.name)
    assert list(alone) == [0, 1, 2, 3]
    for program, ranks in (("ddp.py", 2), ("fsdp.py", 3)):
        assert train(ranks, [program], server, 4, tmp_path / program, narrow.name) == pytest.approx(alone, abs=2e-4)


def test_seven_lines_turn_a_plain_loop_into_one_with_dyadic(
    server: Server, client: dyadic.Client, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = client.open_run("short", tokens_per_step=4096, max_length=64, extent=dyadic.Bounded())
    tokens = tmp_path / "tokens.bin"
    numpy.random.default_rng(0).integers(0, 257, 20_000, dtype=numpy.uint16).tofile(tokens)
    monkeypatch.setenv("DYADIC_SAMPLER", server.sampler)

    plain = start([sys.executable, "plain.py", str(tokens)])
    changed = start([sys.executable, "plain_with_dyadic.py", short.name])

    assert len(plain) == 5
    assert len(changed) == short.total_steps
    assert changed[len(changed) - 1] < changed[0]
    before, after = ((EXAMPLES / name).read_text().splitlines()[1:] for name in ("plain.py", "plain_with_dyadic.py"))
    assert len([line for line in after if line not in before]) == 7


def test_a_compiled_model_is_compiled_once_a_length(server: Server, run: dyadic.Run) -> None:
    # What is traced again is seen with any backend; this one needs no C++ compiler, and little time.
    program = ["compiled.py", run.name, "--sampler", server.sampler, "--steps", "6", "--backend", "eager"]
    losses = start([sys.executable, *program])

    assert list(losses) == list(range(6))
