"""torchdata's StatefulDataLoader on a run, on one or more ranks.

    torchrun --nproc-per-node 2 stateful.py pretrain --sampler 127.0.0.1:7070 --steps 100 --checkpoint stateful.pt

The loader's own state is that of rank 0, and any number of ranks goes on with it: without workers the data set counts steps, which
all ranks share. With workers keep `batch.state_dict()`, which fits any number of workers too.
"""

import os

import arguments
import dyadic
import torch
import torch.distributed as dist
from model import Model
from torch.nn.parallel import DistributedDataParallel
from torchdata.stateful_dataloader import StatefulDataLoader

given = arguments.parser(__doc__).parse_args()
dist.init_process_group("gloo")
with dyadic.connect(given.sampler) as client:
    run = client.describe_run(given.run)
torch.manual_seed(0)
model = DistributedDataParallel(Model(run.vocabulary_size, run.max_length))
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
dataset = dyadic.Dataset(run.name, sampler=given.sampler, end_step=given.steps)
loader = StatefulDataLoader(dataset, batch_size=None)
if os.path.exists(given.checkpoint):
    saved = torch.load(given.checkpoint)
    model.module.load_state_dict(saved["model"])
    optimizer.load_state_dict(saved["optimizer"])
    loader.load_state_dict(saved["loader"])

state = None
for batch in loader:
    loss = model(batch.inputs, batch.targets) * batch.loss_weight
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    state = loader.state_dict()
    total = loss.detach().clone()
    dist.all_reduce(total)
    if dataset.rank == 0:
        print(f"step {batch.step} length {batch.length} loss {total.item() / dataset.world:.5f}", flush=True)

if dataset.rank == 0 and state is not None:
    parts = {"model": model.module.state_dict(), "optimizer": optimizer.state_dict(), "loader": state}
    torch.save(parts, given.checkpoint)
dist.destroy_process_group()
