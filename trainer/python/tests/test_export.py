"""What `dyadic export` writes, read by the libraries for which it is written, against the steps that the server gives."""

from __future__ import annotations

import functools
import hashlib
import json
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from typing import Any

import dyadic
import numpy
import pytest
import torch

from conftest import ROOT, Server

TOKENS_PER_STEP = 16_384
# The smallest files that there are have 32 steps of 32 KiB.
SHARD = "1Mi"
STEPS_PER_SHARD = 32


@pytest.fixture(scope="module")
def long_run(client: dyadic.Client) -> dyadic.Run:
    """A bounded run of enough steps for several files."""
    return client.open_run("exported", tokens_per_step=TOKENS_PER_STEP, extent=dyadic.Bounded(passes=12), curriculum="uniform")


@pytest.fixture(scope="module")
def steps(client: dyadic.Client, long_run: dyadic.Run) -> list[dyadic.Batch]:
    assert long_run.total_steps is not None and long_run.total_steps > 3 * STEPS_PER_SHARD
    return [client.get_batch("exported", step, with_sources=True) for step in range(long_run.total_steps)]


def export(server: Server, directory: pathlib.Path, *options: str) -> dict[str, object]:
    command = [str(ROOT / "dyadic"), "export", "exported", "--to", str(directory), "--sampler", server.sampler]
    finished = subprocess.run(
        [*command, "--shard-size", SHARD, "-o", "json", *options], capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    facts: dict[str, object] = json.loads(finished.stdout)
    return facts


Exports = Callable[[str, str], pathlib.Path]


@pytest.fixture(scope="module")
def exports(server: Server, long_run: dyadic.Run, tmp_path_factory: pytest.TempPathFactory) -> Exports:
    """The whole run in a format and a grouping, written once."""

    @functools.cache
    def whole(name: str, by: str) -> pathlib.Path:
        directory = tmp_path_factory.mktemp(f"{name}-{by}")
        facts = export(server, directory, "--format", name, "--by", by)
        assert (facts["firstStep"], facts["endStep"]) == (0, long_run.total_steps)
        return directory

    return whole


def rows_of(batch: dyadic.Batch) -> numpy.ndarray:
    """A step's rows with all their tokens: one more than the length."""
    return torch.cat([batch.inputs, batch.targets[:, -1:]], dim=1).numpy()


def contents(directory: pathlib.Path) -> dict[str, str]:
    return {
        str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(directory.rglob("*"))
        if path.is_file() and path.name != "dyadic.lock"
    }


def sums(directory: pathlib.Path) -> dict[str, str]:
    lines = (directory / "SHA256SUMS").read_text().splitlines()
    return {line[66:]: line[:64] for line in lines}


def test_arrays_with_numpy(exports: Exports, steps: list[dyadic.Batch]) -> None:
    directory = exports("numpy", "lengths")
    index = numpy.load(directory / "steps.npy")
    assert index["step"].tolist() == list(range(len(steps)))
    arrays = {}
    for length in set(index["length"].tolist()):
        files = sorted((directory / f"length-{length:05d}").glob("shard-*.bin"))
        assert len(files) > 1
        arrays[length] = numpy.concatenate([numpy.memmap(file, dtype="<u2", mode="r") for file in files]).reshape(-1, length + 1)
    for entry, batch in zip(index, steps, strict=True):
        assert (entry["length"], entry["rows"]) == (batch.length, batch.rows)
        rows = arrays[batch.length][entry["first_row"] : entry["first_row"] + entry["rows"]]
        assert numpy.array_equal(rows, rows_of(batch)), batch.step
    summed = sum(int(digest) for digest in index["digest"]) % 2**64
    files = json.loads((directory / "manifest.json").read_text())["files"]
    assert sum(int(file["digest"], 16) for file in files if "rows" in file) % 2**64 == summed


def test_the_loop_of_the_how_to(exports: Exports, steps: list[dyadic.Batch], monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ROOT / "docs" / "how-to" / "export.md").read_text()
    (sample,) = [code for code in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "searchsorted" in code]
    batches: list[tuple[numpy.ndarray, numpy.ndarray]] = []
    monkeypatch.chdir(exports("numpy", "lengths").parent)
    sample = sample.replace('"olmo"', repr(exports("numpy", "lengths").name)) + "    batches.append((inputs, targets))\n"
    exec(sample, {"batches": batches})
    for batch, (inputs, targets) in zip(steps, batches, strict=True):
        assert numpy.array_equal(inputs, batch.inputs.numpy()) and numpy.array_equal(targets, batch.targets.numpy())


def test_arrays_with_olmo_core(exports: Exports, steps: list[dyadic.Batch]) -> None:
    olmo = pytest.importorskip("olmo_core.data")
    for length in {batch.length for batch in steps}:
        wanted = numpy.concatenate([rows_of(batch) for batch in steps if batch.length == length])
        dataset = olmo.NumpyFSLDataset(
            *sorted((exports("numpy", "lengths") / f"length-{length:05d}").glob("shard-*.bin")),
            sequence_length=length + 1,
            pad_token_id=256,
            eos_token_id=256,
            vocab_size=257,
            dtype=numpy.uint16,
        )
        dataset.prepare()
        assert len(dataset) == len(wanted)
        for i in range(len(wanted)):
            assert numpy.array_equal(dataset[i]["input_ids"].numpy(), wanted[i]), (length, i)


@pytest.mark.parametrize("by", ["steps", "lengths"])
def test_shards_with_mosaicml_streaming(exports: Exports, steps: list[dyadic.Batch], by: str) -> None:
    pytest.importorskip("streaming")
    directory = exports("mds", by)
    order = steps if by == "steps" else sorted_by_file(steps)
    check_stream(directory, order)
    if by == "lengths":
        lengths = {batch.length for batch in steps}
        for length in (min(lengths), max(lengths)):
            check_stream(directory / f"length-{length:05d}", [batch for batch in steps if batch.length == length])


def sorted_by_file(steps: list[dyadic.Batch]) -> list[dyadic.Batch]:
    return sorted(steps, key=lambda batch: (batch.step // STEPS_PER_SHARD, batch.length, batch.step))


def check_stream(directory: pathlib.Path, order: list[dyadic.Batch]) -> None:
    from streaming import StreamingDataset
    from streaming.base.util import clean_stale_shared_memory

    clean_stale_shared_memory()
    with tempfile.TemporaryDirectory() as local:
        # Hashes are looked at where shards are fetched.
        dataset = StreamingDataset(remote=str(directory), local=local, shuffle=False, batch_size=1, validate_hash="sha256")
        samples = iter(dataset)
        for batch in order:
            for row, wanted in enumerate(rows_of(batch)):
                sample = next(samples)
                assert (sample["step"], sample["row"], sample["length"]) == (batch.step, row, batch.length)
                assert sample["source"] == batch.sources[row]
                assert numpy.array_equal(sample["tokens"], wanted)
        assert next(samples, None) is None


@pytest.mark.parametrize("by", ["steps", "lengths"])
def test_parquet_with_datasets(exports: Exports, steps: list[dyadic.Batch], tmp_path: pathlib.Path, by: str) -> None:
    datasets = pytest.importorskip("datasets")
    pattern = str(exports("parquet", by) / ("**/*.parquet" if by == "lengths" else "*.parquet"))
    dataset = datasets.load_dataset("parquet", data_files=pattern, split="train", cache_dir=str(tmp_path / "cache"))
    assert str(dataset.features["tokens"].feature.dtype) == "uint16"
    order = steps if by == "steps" else sorted(steps, key=lambda batch: (batch.length, batch.step))
    at = 0
    for batch in order:
        rows = dataset[at : at + batch.rows]
        assert rows["step"] == [batch.step] * batch.rows
        assert rows["row"] == list(range(batch.rows))
        assert rows["length"] == [batch.length] * batch.rows
        assert rows["source"] == list(batch.sources)
        assert numpy.array_equal(numpy.array(rows["tokens"]), rows_of(batch)), batch.step
        at += batch.rows
    assert at == len(dataset)


def has_steps(manifest: pathlib.Path) -> bool:
    return manifest.exists() and json.loads(manifest.read_text())["nextStep"] > 0


def killed_export(server: Server, directory: pathlib.Path, name: str) -> dict[str, Any]:
    """The manifest of an export that was killed between its first shard and its last."""
    command = [str(ROOT / "dyadic"), "export", "exported", "--format", name, "--shard-size", SHARD, "--sampler", server.sampler]
    manifest = directory / "manifest.json"
    for _ in range(5):
        process = subprocess.Popen([*command, "--to", str(directory)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while not has_steps(manifest) and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.wait()
        left: dict[str, Any] = json.loads(manifest.read_text())
        if not left["complete"]:
            return left
        shutil.rmtree(directory)  # It was too quick.
    pytest.fail("no export was killed in time")


@pytest.mark.parametrize("name", ["numpy", "mds", "parquet"])
def test_a_killed_export_goes_on_and_gives_the_same_files(
    server: Server, long_run: dyadic.Run, exports: Exports, tmp_path: pathlib.Path, name: str
) -> None:
    whole = exports(name, "lengths" if name == "numpy" else "steps")
    left = killed_export(server, tmp_path / "killed", name)
    assert 0 < left["nextStep"] < long_run.total_steps
    facts = export(server, tmp_path / "killed", "--format", name)
    assert (facts["resumedAt"], facts["endStep"]) == (left["nextStep"], long_run.total_steps)
    assert contents(tmp_path / "killed") == contents(whole)
    listed = sums(whole)
    written = contents(whole)
    assert listed == {path: digest for path, digest in written.items() if path not in ("SHA256SUMS", "manifest.json")}
    described = json.loads((whole / "manifest.json").read_text())["files"]
    assert {file["path"]: file["sha256"] for file in described} == {path: digest for path, digest in written.items() if path != "manifest.json"}


@pytest.mark.parametrize(("name", "by"), [("mds", "steps"), ("numpy", "lengths")])
def test_a_longer_export_goes_on_from_a_shorter_one(server: Server, long_run: dyadic.Run, tmp_path: pathlib.Path, name: str, by: str) -> None:
    options = ["--format", name, "--by", by]
    export(server, tmp_path / "grown", *options, "--steps", "10..50")
    nested = tmp_path / "grown" / "nested"
    nested.mkdir()
    for mine in ("shard-00000.mds", "index.json", "SHA256SUMS"):
        (nested / mine).write_text("mine")
    facts = export(server, tmp_path / "grown", *options, "--steps", "10..100")
    assert facts["resumedAt"] == 10 + STEPS_PER_SHARD
    assert all(path.read_text() == "mine" for path in nested.iterdir())
    shutil.rmtree(nested)
    export(server, tmp_path / "whole", *options, "--steps", "10..100")
    assert contents(tmp_path / "grown") == contents(tmp_path / "whole")
