"""A run behind torchtitan's data loader interface, trained by a small loop of its shape.

    torchrun --nproc-per-node 2 titan.py pretrain --sampler 127.0.0.1:7070 --steps 100 --checkpoint folder

torchtitan divides the sum of losses by the targets of all ranks; rows that the client made have none.
"""

import os

import arguments
import dyadic
import torch
import torch.distributed as dist
import torch.distributed.checkpoint as dcp
import torch.nn.functional as F
from model import Model
from torch.nn.parallel import DistributedDataParallel
from torchtitan.components.dataloader import BaseDataLoader


class RunDataLoader(BaseDataLoader):
    def __init__(self, run: str, rank: int, world: int, **options) -> None:
        self.dataset = dyadic.Dataset(run, rank=rank, world=world, mapping=True, **options)

    def __iter__(self):
        for batch in self.dataset:
            yield {"input": batch["input_ids"]}, batch["labels"]

    def state_dict(self) -> dict:
        return self.dataset.state_dict()

    def load_state_dict(self, state_dict: dict) -> None:
        self.dataset.load_state_dict(state_dict)


given = arguments.parser(__doc__).parse_args()
dist.init_process_group("gloo")
with dyadic.connect(given.sampler) as client:
    run = client.describe_run(given.run)
torch.manual_seed(0)
model = DistributedDataParallel(Model(run.vocabulary_size, run.max_length))
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
loader = RunDataLoader(run.name, dist.get_rank(), dist.get_world_size(), sampler=given.sampler, end_step=given.steps)
weights = {"model": model.module.state_dict(), "data": loader}  # the loader is Stateful: saved and loaded in place
if os.path.exists(given.checkpoint):
    dcp.load(weights, checkpoint_id=given.checkpoint)
    model.module.load_state_dict(weights["model"])

for step, (inputs, labels) in enumerate(loader, loader.dataset.state_dict()["next_step"]):
    logits = model(inputs["input"]).flatten(0, 1)
    share = F.cross_entropy(logits, labels.view(-1), reduction="sum") / run.tokens_per_step
    (share * dist.get_world_size()).backward()  # DDP divides by the ranks
    optimizer.step()
    optimizer.zero_grad()
    dist.all_reduce(share.detach_())
    if dist.get_rank() == 0:
        print(f"step {step} loss {share.item():.5f}", flush=True)

dcp.save(weights, checkpoint_id=given.checkpoint)
dist.destroy_process_group()
