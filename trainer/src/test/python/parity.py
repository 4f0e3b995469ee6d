"""Holds the trainer's model against a plain PyTorch model with the same weights and batches.

Called by `trainer/parity`, which builds the Java side and passes its command line in PARITY_JAVA.
`check`: loss, gradients, 20 optimizer steps, logits in `transformers`. Ends with 1 where they differ.
`time`: step times of both, in turns, on the same threads.
"""

import argparse
import math
import os
import pathlib
import shlex
import statistics
import subprocess
import sys
import tempfile
import time

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import nn

BETAS, EPSILON, DECAY, CLIP = (0.9, 0.95), 1e-8, 0.1, 1.0
SHAPES = [(1, 8192), (8, 1024), (32, 256)]


class Attention(nn.Module):
    def __init__(self, hidden, heads, epsilon):
        super().__init__()
        self.heads, self.size = heads, hidden // heads
        self.q_proj = nn.Linear(hidden, hidden, bias=False)
        self.k_proj = nn.Linear(hidden, hidden, bias=False)
        self.v_proj = nn.Linear(hidden, hidden, bias=False)
        self.o_proj = nn.Linear(hidden, hidden, bias=False)
        self.q_norm = nn.RMSNorm(self.size, eps=epsilon)
        self.k_norm = nn.RMSNorm(self.size, eps=epsilon)

    def forward(self, x, cos, sin):
        rows, length, hidden = x.shape

        def split(y):
            return y.view(rows, length, self.heads, self.size).transpose(1, 2)

        def rotate(y):
            first, second = y.chunk(2, -1)
            return y * cos + torch.cat([-second, first], -1) * sin

        q = rotate(self.q_norm(split(self.q_proj(x))))
        k = rotate(self.k_norm(split(self.k_proj(x))))
        a = F.scaled_dot_product_attention(q, k, split(self.v_proj(x)), is_causal=True)
        return self.o_proj(a.transpose(1, 2).reshape(rows, length, hidden))


class FeedForward(nn.Module):
    def __init__(self, hidden, inner):
        super().__init__()
        self.gate_proj = nn.Linear(hidden, inner, bias=False)
        self.up_proj = nn.Linear(hidden, inner, bias=False)
        self.down_proj = nn.Linear(inner, hidden, bias=False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Block(nn.Module):
    def __init__(self, hidden, heads, inner, epsilon):
        super().__init__()
        self.input_layernorm = nn.RMSNorm(hidden, eps=epsilon)
        self.self_attn = Attention(hidden, heads, epsilon)
        self.post_attention_layernorm = nn.RMSNorm(hidden, eps=epsilon)
        self.mlp = FeedForward(hidden, inner)

    def forward(self, x, cos, sin):
        x = x + self.self_attn(self.input_layernorm(x), cos, sin)
        return x + self.mlp(self.post_attention_layernorm(x))


class Plain(nn.Module):
    """A decoder-only transformer as one writes it in PyTorch."""

    def __init__(self, config):
        super().__init__()
        hidden, epsilon = config["hidden_size"], config["rms_norm_eps"]
        self.base, self.size = config["rope_theta"], config["head_dim"]
        self.model = nn.Module()
        self.model.embed_tokens = nn.Embedding(config["vocab_size"], hidden)
        self.model.layers = nn.ModuleList(
            Block(hidden, config["num_attention_heads"], config["intermediate_size"], epsilon)
            for _ in range(config["num_hidden_layers"])
        )
        self.model.norm = nn.RMSNorm(hidden, eps=epsilon)
        self.lm_head = nn.Linear(hidden, config["vocab_size"], bias=False)
        if config["tie_word_embeddings"]:
            self.lm_head.weight = self.model.embed_tokens.weight

    def forward(self, ids):
        frequencies = 1.0 / self.base ** (torch.arange(0, self.size, 2, dtype=torch.float32) / self.size)
        angles = torch.outer(torch.arange(ids.shape[1], dtype=torch.float32), frequencies)
        angles = torch.cat([angles, angles], -1)
        x = self.model.embed_tokens(ids)
        for layer in self.model.layers:
            x = layer(x, angles.cos(), angles.sin())
        return self.lm_head(self.model.norm(x))

    def loss(self, rows):
        logits = self(rows[:, :-1])
        return F.cross_entropy(logits.reshape(-1, logits.shape[-1]), rows[:, 1:].reshape(-1))


class Peer:
    """The Java side."""

    def __init__(self, folder, *arguments):
        self.folder = folder
        self.count = 0
        self.process = subprocess.Popen(
            shlex.split(os.environ["PARITY_JAVA"]) + [str(a) for a in arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.engine = self.answer("ready")

    def answer(self, expected):
        line = self.process.stdout.readline().strip()
        if expected and not line.startswith(expected):
            raise SystemExit(f"the Java side answered {line!r} where {expected!r} was expected")
        return line.removeprefix(expected).strip()

    def ask(self, *words, expected=""):
        self.process.stdin.write(" ".join(str(w) for w in words) + "\n")
        self.process.stdin.flush()
        return self.answer(expected)

    def file(self, rows):
        self.count += 1
        path = self.folder / f"ids-{self.count}"
        path.write_bytes(rows.numpy().astype("<i8").tobytes())
        return path

    def step(self, rows, rate):
        loss, norm, millis = self.ask("step", self.file(rows), rows.shape[0], rate).split()
        return float(loss), float(norm), float(millis)

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)


def plain_model(peer, folder):
    import json

    peer.ask("checkpoint", folder / "checkpoint", expected="written")
    saved = folder / "checkpoint" / "step-0000000000"
    model = Plain(json.loads((saved / "config.json").read_text()))
    missing, unexpected = model.load_state_dict(load_file(saved / "model.safetensors"), strict=False)
    assert not unexpected and set(missing) <= {"lm_head.weight"}, (missing, unexpected)
    return model, saved


def optimizer(model):
    matrices = [p for p in model.parameters() if p.dim() >= 2]
    scales = [p for p in model.parameters() if p.dim() < 2]
    groups = [{"params": matrices, "weight_decay": DECAY}, {"params": scales, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=1e-3, betas=BETAS, eps=EPSILON, fused=True)


def plain_step(model, adam, rows, rate):
    start = time.perf_counter()
    for group in adam.param_groups:
        group["lr"] = rate
    adam.zero_grad(set_to_none=True)
    loss = model.loss(rows)
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
    adam.step()
    return loss.item(), norm.item(), (time.perf_counter() - start) * 1e3


def batch(generator, rows, length, vocabulary):
    # Zipf-like ids: uniform ones teach nothing.
    uniform = torch.rand(rows, length + 1, generator=generator)
    return (vocabulary ** uniform).long().clamp(max=vocabulary - 1)


def check(folder, name, vocabulary, tied):
    peer = Peer(folder, name, vocabulary, "tied" if tied else "untied", "fp32", torch.get_num_threads())
    generator = torch.Generator().manual_seed(1)
    model, saved = plain_model(peer, folder)
    failed = []

    def hold(what, difference, most):
        print(f"{name} {'tied' if tied else 'untied'}: {what}: {difference:.3g} (at most {most:g})")
        if not difference <= most:
            failed.append(what)

    rows = batch(generator, 4, 300, vocabulary)
    peer.ask("gradients", folder / "gradients", peer.file(rows), rows.shape[0], expected="written")
    found = load_file(folder / "gradients")
    model.loss(rows).backward()
    worst = 0.0
    for key, parameter in model.named_parameters():
        worst = max(worst, ((parameter.grad - found[key]).norm() / parameter.grad.norm()).item())
    hold("gradients, largest relative difference of a parameter's", worst, 1e-5)

    inputs = rows[:, :-1].contiguous()
    peer.ask("logits", folder / "logits", peer.file(inputs), inputs.shape[0], expected="written")
    import numpy

    logits = torch.from_numpy(numpy.fromfile(folder / "logits", "<f4")).view(*inputs.shape, -1)
    with torch.no_grad():
        hold("logits, largest difference to plain PyTorch", (model(inputs) - logits).abs().max().item(), 1e-5)
        import transformers

        theirs = transformers.AutoModelForCausalLM.from_pretrained(saved, dtype=torch.float32).eval()
        hold(
            f"logits, largest difference to transformers' {type(theirs).__name__}",
            (theirs(inputs).logits - logits).abs().max().item(),
            1e-5,
        )
        theirs_loss = theirs(rows, labels=rows).loss.item()
    hold("loss, difference to transformers'", abs(theirs_loss - model.loss(rows).item()), 1e-5)

    adam = optimizer(model)
    losses = norms = 0.0
    for step in range(20):
        length = [64, 256, 128, 512][step % 4]
        rows = batch(generator, 2048 // length, length, vocabulary)
        mine = peer.step(rows, 1e-3)
        plain = plain_step(model, adam, rows, 1e-3)
        losses = max(losses, abs(mine[0] - plain[0]) / plain[0])
        norms = max(norms, abs(mine[1] - plain[1]) / plain[1])
    hold("20 optimizer steps of 4 lengths, largest relative difference of a loss", losses, 1e-5)
    hold("20 optimizer steps, largest relative difference of a gradient norm", norms, 5e-4)
    peer.close()
    return failed


def measure(folder, name, vocabulary, rounds):
    peer = Peer(folder, name, vocabulary, "tied", "fp32", torch.get_num_threads())
    print(f"{name}, vocabulary {vocabulary}, {torch.get_num_threads()} threads; Java: {peer.engine}; Python: {torch.__version__}")
    generator = torch.Generator().manual_seed(1)
    model, _ = plain_model(peer, folder)
    adam = optimizer(model)
    for count, length in SHAPES:
        rows = batch(generator, count, length, vocabulary)
        times = [[], []]
        for round in range(rounds + 2):
            mine = peer.step(rows, 1e-4)[2]
            plain = plain_step(model, adam, rows, 1e-4)[2]
            if round >= 2:
                times[0].append(mine)
                times[1].append(plain)
        ratios = sorted(a / b for a, b in zip(*times))
        print(
            f"{count:3d} x {length:5d}: Java {statistics.median(times[0]):8.1f} ms, plain PyTorch"
            f" {statistics.median(times[1]):8.1f} ms, ratio {statistics.median(ratios):.3f}"
            f" ({ratios[0]:.3f} to {ratios[-1]:.3f}, {rounds} rounds)",
            flush=True,
        )
    peer.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["check", "time"])
    parser.add_argument("--model", default="small")
    parser.add_argument("--vocabulary", type=int, default=50257)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    with tempfile.TemporaryDirectory() as folder:
        if arguments.what == "time":
            measure(pathlib.Path(folder), arguments.model, arguments.vocabulary, arguments.rounds)
            return
        failed = []
        for tied in (True, False):
            part = pathlib.Path(folder) / str(tied)
            part.mkdir()
            failed += check(part, "tiny", 1000, tied)
        if failed:
            sys.exit(f"differs: {', '.join(failed)}")
        print("parity: loss, gradients, optimizer steps and logits agree to rounding")


if __name__ == "__main__":
    main()
