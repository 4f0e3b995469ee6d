"""The examples run as they are, with ranks that come and go."""

import pathlib
import re
import subprocess
import sys

import dyadic
import numpy
import pytest
from conftest import Server

EXAMPLES = pathlib.Path(__file__).resolve().parents[1] / "examples"
STEPS = 9


def start(command: list[str]) -> dict[int, float]:
    """Runs a program; the loss of each step that it printed."""
    done = subprocess.run(command, cwd=EXAMPLES, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    found = re.findall(r"^step (\d+) (?:length \d+ )?loss ([\d.]+)$", done.stdout, re.MULTILINE)
    return {int(step): float(loss) for step, loss in found}


def torchrun(ranks: int, program: str, server: Server, steps: int, checkpoint: pathlib.Path) -> dict[int, float]:
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={ranks}", program]
    return start([*command, "pretrain", "--sampler", server.sampler, "--steps", str(steps), "--checkpoint", str(checkpoint)])


@pytest.mark.parametrize("program", ["ddp.py", "fsdp.py"])
def test_training_goes_on_with_one_then_two_then_four_ranks(
    server: Server, run: dyadic.Run, tmp_path: pathlib.Path, program: str
) -> None:
    at_once = torchrun(1, program, server, STEPS, tmp_path / "at-once")
    in_parts: dict[int, float] = {}
    for ranks, steps in ((1, 3), (2, 6), (4, STEPS)):
        part = torchrun(ranks, program, server, steps, tmp_path / "in-parts")
        assert not part.keys() & in_parts.keys()
        in_parts |= part

    assert list(in_parts) == list(at_once) == list(range(STEPS))
    # The same global batches and the same model: losses differ by rounding only.
    for step, loss in at_once.items():
        assert in_parts[step] == pytest.approx(loss, abs=2e-4)


def test_five_lines_turn_a_plain_loop_into_one_with_dyadic(
    server: Server, run: dyadic.Run, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = tmp_path / "tokens.bin"
    numpy.random.default_rng(0).integers(0, 257, 20_000, dtype=numpy.uint16).tofile(tokens)
    monkeypatch.setenv("DYADIC_SAMPLER", server.sampler)

    plain = start([sys.executable, "plain.py", str(tokens)])
    changed = start([sys.executable, "plain_with_dyadic.py", run.name])

    assert len(plain) == 5
    assert len(changed) == run.total_steps
    assert changed[len(changed) - 1] < changed[0]
    before, after = ((EXAMPLES / name).read_text().splitlines()[1:] for name in ("plain.py", "plain_with_dyadic.py"))
    assert len([line for line in after if line not in before]) == 5


def test_a_compiled_model_is_compiled_once_a_length(server: Server, run: dyadic.Run) -> None:
    losses = start([sys.executable, "compiled.py", run.name, "--sampler", server.sampler, "--steps", "6"])

    assert list(losses) == list(range(6))
