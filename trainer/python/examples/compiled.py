"""`torch.compile` with lengths that change: one warm-up a length, before the first step.

    python compiled.py pretrain --sampler 127.0.0.1:7070 --steps 20

A run has few lengths, and every batch of a length has the same shape (with ranks or micro-batches that divide the rows). So
the model is compiled once for each, with static shapes, and never again.
"""

import time

import arguments
import dyadic
import torch
from model import Model


def main() -> None:
    parser = arguments.parser(__doc__, saves=False)
    parser.add_argument("--backend", default="inductor", help="of torch.compile; 'eager' shows the same without a C++ compiler")
    given = parser.parse_args()
    with dyadic.connect(given.sampler) as client:
        run = client.describe_run(given.run)
    torch.manual_seed(0)
    model = Model(run.vocabulary_size, run.max_length)
    # Each length is a compiled graph of its own; the limit is how many there may be.
    torch._dynamo.config.cache_size_limit = len(run.lengths) + 1
    compiled = torch.compile(model, dynamic=False, backend=given.backend)
    for length in run.lengths:
        start = time.monotonic()
        ids = torch.zeros(run.tokens_per_step // length, length, dtype=torch.int64)
        # Inputs and targets are two tensors, as in a batch: one given twice would be another case to compile.
        compiled(ids, ids.clone()).backward()
        print(f"length {length} compiled in {time.monotonic() - start:.1f} s", flush=True)
    model.zero_grad()

    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    with torch.compiler.set_stance("fail_on_recompile"):
        for batch in dyadic.Dataset(given.run, sampler=given.sampler, end_step=given.steps):
            loss = compiled(batch.inputs, batch.targets)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            print(f"step {batch.step} length {batch.length} loss {loss.item():.4f}", flush=True)


if __name__ == "__main__":
    main()
