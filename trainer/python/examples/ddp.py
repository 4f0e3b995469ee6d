"""Data-parallel training on a run, with gradient accumulation and checkpoints.

    torchrun --nproc-per-node 2 ddp.py pretrain --sampler 127.0.0.1:7070 --steps 100 --checkpoint ddp.pt

Start it again, with any number of ranks, and it goes on with the next step: the global batch of a step is the same.
"""

import os

import arguments
import dyadic
import torch
import torch.distributed as dist
from model import Model
from torch.nn.parallel import DistributedDataParallel

parser = arguments.parser(__doc__)
parser.add_argument("--micro-tokens", type=int, default=8192)
given = parser.parse_args()
dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
device = torch.device("cuda", int(os.environ["LOCAL_RANK"])) if torch.cuda.is_available() else torch.device("cpu")
client = dyadic.connect(given.sampler)
run = client.describe_run(given.run)
torch.manual_seed(0)
model = DistributedDataParallel(Model(run.vocabulary_size, run.max_length).to(device))
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
# Rank and world are found from torch.distributed.
dataset = dyadic.Dataset(run.name, sampler=given.sampler, end_step=given.steps, pin_memory=device.type == "cuda")
if os.path.exists(given.checkpoint):
    saved = torch.load(given.checkpoint, map_location=device)
    model.module.load_state_dict(saved["model"])
    optimizer.load_state_dict(saved["optimizer"])
    dataset.load_state_dict(saved["data"])

for batch in dataset:
    total = torch.zeros((), device=device)
    parts = list(batch.to(device, non_blocking=True).micro_batches(given.micro_tokens))
    for i, part in enumerate(parts):
        model.require_backward_grad_sync = i + 1 == len(parts)
        # A rank's share of the step's rows: the mean over ranks, which DDP makes of gradients, is that over the step.
        loss = model(part.inputs, part.targets) * part.loss_weight
        loss.backward()
        total += loss.detach()
    optimizer.step()
    optimizer.zero_grad()
    dist.all_reduce(total)
    if dataset.rank == 0:
        print(f"step {batch.step} length {batch.length} loss {total.item() / dataset.world:.5f}", flush=True)

if dataset.rank == 0:
    state = {"model": model.module.state_dict(), "optimizer": optimizer.state_dict(), "data": dataset.state_dict()}
    torch.save(state, given.checkpoint)
    client.commit(dataset.state_dict())  # the checkpoint is safe: the sampler may know
dist.destroy_process_group()
