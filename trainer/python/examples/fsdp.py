"""Fully sharded training on a run, with distributed checkpoints: FSDP2, or FSDP with `--fsdp 1`.

    torchrun --nproc-per-node 4 fsdp.py pretrain --sampler 127.0.0.1:7070 --steps 100 --checkpoint fsdp

Start it again, with any number of ranks, and it goes on with the next step: the global batch of a step is the same.
"""

import os

import arguments
import dyadic
import torch
import torch.distributed as dist
import torch.distributed.checkpoint as dcp
from model import Model
from torch.distributed.checkpoint.state_dict import get_state_dict, set_state_dict
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import FullyShardedDataParallel, fully_shard

parser = arguments.parser(__doc__)
parser.add_argument("--fsdp", type=int, choices=(1, 2), default=2)
given = parser.parse_args()
kind = "cuda" if torch.cuda.is_available() else "cpu"
dist.init_process_group("nccl" if kind == "cuda" else "gloo")
device = torch.device(kind, int(os.environ["LOCAL_RANK"])) if kind == "cuda" else torch.device(kind)
mesh = init_device_mesh(kind, (dist.get_world_size(),))
with dyadic.connect(given.sampler) as client:
    run = client.describe_run(given.run)
torch.manual_seed(0)
model = Model(run.vocabulary_size, run.max_length).to(device)
if given.fsdp == 1:
    model = FullyShardedDataParallel(model, device_id=device, use_orig_params=True)
else:
    for part in (*model.blocks, model):
        fully_shard(part, mesh=mesh)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
# Over gloo, PyTorch 2.7 adds gradients up where it should average them.
sums = kind == "cpu" and torch.__version__ < "2.8" and given.fsdp == 2
dataset = dyadic.Dataset(run.name, sampler=given.sampler, end_step=given.steps)
if os.path.exists(given.checkpoint):
    weights, moments = get_state_dict(model, optimizer)
    dcp.load({"model": weights, "optimizer": moments, "data": dataset}, checkpoint_id=given.checkpoint)
    set_state_dict(model, optimizer, model_state_dict=weights, optim_state_dict=moments)

for batch in dataset:
    here = batch.to(device)
    loss = model(here.inputs, here.targets) * batch.loss_weight
    (loss / dataset.world if sums else loss).backward()
    optimizer.step()
    optimizer.zero_grad()
    total = loss.detach().clone()
    dist.all_reduce(total)
    if dataset.rank == 0:
        print(f"step {batch.step} length {batch.length} loss {total.item() / dataset.world:.5f}", flush=True)

weights, moments = get_state_dict(model, optimizer)
dcp.save({"model": weights, "optimizer": moments, "data": dataset}, checkpoint_id=given.checkpoint)
dist.destroy_process_group()
