"""Data-parallel training on a run, with gradient accumulation and checkpoints.

    torchrun --nproc-per-node 2 ddp.py pretrain --sampler 127.0.0.1:7070 --steps 100 --checkpoint ddp.pt

Start it again, with any number of ranks, and it goes on with the next step: the global batch of a step is the same.
"""

import argparse
import os
import pathlib

import dyadic
import torch
import torch.distributed as dist
from model import Model
from torch.nn.parallel import DistributedDataParallel


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run")
    parser.add_argument("--sampler")
    parser.add_argument("--steps", type=int, default=100, help="where to end, counted from the run's first step")
    parser.add_argument("--checkpoint", type=pathlib.Path)
    parser.add_argument("--micro-tokens", type=int, default=8192)
    arguments = parser.parse_args()
    dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    device = torch.device("cuda", int(os.environ["LOCAL_RANK"])) if torch.cuda.is_available() else torch.device("cpu")

    with dyadic.connect(arguments.sampler) as client:
        run = client.describe_run(arguments.run)
    torch.manual_seed(0)
    model = DistributedDataParallel(Model(run.vocabulary_size, run.max_length).to(device))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    # Rank and world are found from torch.distributed.
    dataset = dyadic.Dataset(
        arguments.run, sampler=arguments.sampler, end_step=arguments.steps, pin_memory=torch.cuda.is_available()
    )
    if arguments.checkpoint and arguments.checkpoint.exists():
        saved = torch.load(arguments.checkpoint, map_location=device)
        model.module.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        dataset.load_state_dict(saved["data"])

    last = None
    for batch in dataset:
        total = torch.zeros((), device=device)
        parts = list(batch.to(device, non_blocking=True).micro_batches(arguments.micro_tokens))
        for i, part in enumerate(parts):
            model.require_backward_grad_sync = i + 1 == len(parts)
            # Ranks may have different numbers of rows; DDP divides the sum of gradients by the world size.
            share = part.rows * dataset.world / batch.rows_in_step
            loss = model(part.inputs, part.targets) * share
            loss.backward()
            total += loss.detach()
        optimizer.step()
        optimizer.zero_grad()
        dist.all_reduce(total)
        last = batch
        if dataset.rank == 0:
            print(f"step {batch.step} length {batch.length} loss {total.item() / dataset.world:.5f}", flush=True)

    if arguments.checkpoint and last is not None and dataset.rank == 0:
        torch.save(
            {"model": model.module.state_dict(), "optimizer": optimizer.state_dict(), "data": last.state_dict()},
            arguments.checkpoint,
        )
        # The checkpoint is safe: the sampler may know.
        with dyadic.connect(arguments.sampler) as client:
            client.commit(last.position)
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
