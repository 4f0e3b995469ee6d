"""A program may end in the middle of anything: at once, with its own exit status, and without a word of the client's."""

import subprocess
import sys

import dyadic
import pytest
from conftest import Server

AT_ONCE = 2

BEGINNING = """
import itertools, sys, dyadic
sampler, ingest, run = sys.argv[1:]
"""
PROGRAMS = {
    "an iteration": "batches = iter(dyadic.Dataset(run, sampler=sampler)); next(batches)",
    "packed steps": "batches = iter(dyadic.Dataset(run, sampler=sampler, packed=2)); next(batches)",
    "workers": """
from torch.utils.data import DataLoader
batches = iter(DataLoader(dyadic.Dataset(run, sampler=sampler), batch_size=None, num_workers=2)); next(batches)
""",
    "endless documents": """
client = dyadic.connect(sampler, ingest=ingest)
answers = client.publish(dyadic.Document(f"short {number}", source="exit") for number in itertools.count()); next(answers)
""",
    "a loss on its way": "client = dyadic.connect(sampler); client.get_batch(run, 0); client.report_loss(run, 0, 1.0)",
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_it_ends_quietly(server: Server, run: dyadic.Run, program: str) -> None:
    command = [sys.executable, "-c", BEGINNING + program + "\nsys.exit(7)", server.sampler, server.ingest, run.name]
    # Several: what goes wrong while an interpreter is taken apart depends on its threads.
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for _ in range(AT_ONCE)]
    try:
        printed = [process.communicate(timeout=60)[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
    assert [(process.returncode, out) for process, out in zip(processes, printed, strict=True)] == [(7, "")] * AT_ONCE
