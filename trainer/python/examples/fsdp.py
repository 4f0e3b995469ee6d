"""Fully sharded training on a run, with distributed checkpoints.

    torchrun --nproc-per-node 4 fsdp.py pretrain --sampler 127.0.0.1:7070 --steps 100 --checkpoint fsdp

Start it again, with any number of ranks, and it goes on with the next step: the global batch of a step is the same.
"""

import argparse
import json
import os
import pathlib

import dyadic
import torch
import torch.distributed as dist
import torch.distributed.checkpoint as dcp
from model import Model
from torch.distributed.checkpoint.state_dict import get_state_dict, set_state_dict
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run")
    parser.add_argument("--sampler")
    parser.add_argument("--steps", type=int, default=100, help="where to end, counted from the run's first step")
    parser.add_argument("--checkpoint", type=pathlib.Path)
    arguments = parser.parse_args()
    kind = "cuda" if torch.cuda.is_available() else "cpu"
    dist.init_process_group("nccl" if kind == "cuda" else "gloo")
    device = torch.device(kind, int(os.environ["LOCAL_RANK"])) if kind == "cuda" else torch.device(kind)
    mesh = init_device_mesh(kind, (dist.get_world_size(),))

    with dyadic.connect(arguments.sampler) as client:
        run = client.describe_run(arguments.run)
    torch.manual_seed(0)
    model = Model(run.vocabulary_size, run.max_length).to(device)
    for block in model.blocks:
        fully_shard(block, mesh=mesh)
    fully_shard(model, mesh=mesh)
    for part in (*model.blocks, model):
        # Gradients are summed over ranks: each weighs its loss by its share of the rows.
        part.set_reduce_scatter_divide_factor(1.0)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    dataset = dyadic.Dataset(arguments.run, sampler=arguments.sampler, end_step=arguments.steps)
    position = arguments.checkpoint and arguments.checkpoint / "position.json"
    if position and position.exists():
        weights, moments = get_state_dict(model, optimizer)
        dcp.load({"model": weights, "optimizer": moments}, checkpoint_id=arguments.checkpoint)
        set_state_dict(model, optimizer, model_state_dict=weights, optim_state_dict=moments)
        dataset.load_state_dict(json.loads(position.read_text()))

    last = None
    for batch in dataset:
        here = batch.to(device)
        loss = model(here.inputs, here.targets) * (batch.rows / batch.rows_in_step)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        total = loss.detach().clone()
        dist.all_reduce(total)
        last = batch
        if dataset.rank == 0:
            print(f"step {batch.step} length {batch.length} loss {total.item():.5f}", flush=True)

    if position and last is not None:
        weights, moments = get_state_dict(model, optimizer)
        dcp.save({"model": weights, "optimizer": moments}, checkpoint_id=arguments.checkpoint)
        if dataset.rank == 0:
            position.write_text(json.dumps(last.state_dict()))
            with dyadic.connect(arguments.sampler) as client:
                client.commit(last.position)
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
