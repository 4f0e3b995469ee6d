"""Compares the gradients of ranks, averaged by DDP, with those of one process; one process a rank: gradients.py SAMPLER STEPS RUN..."""

import sys

import dyadic
import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

sampler, steps, runs = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
dist.init_process_group("gloo")


def loss_of(model: nn.Module, batch: dyadic.Batch) -> torch.Tensor:
    return nn.functional.cross_entropy(model(batch.inputs).flatten(0, 1), batch.targets.view(-1))


torch.manual_seed(0)
plain = nn.Sequential(nn.Embedding(257, 16), nn.GELU(), nn.Linear(16, 257))
model = DistributedDataParallel(plain)
with dyadic.connect(sampler) as client:
    for run in runs:
        for batch in dyadic.Dataset(run, sampler=sampler, end_step=steps):
            whole = client.get_batch(run, batch.step)
            plain.zero_grad()
            loss_of(plain, whole).backward()
            expected = [parameter.grad.clone() for parameter in plain.parameters() if parameter.grad is not None]
            for tokens in (1, batch.length * 2, 1 << 20):
                plain.zero_grad()
                parts = list(batch.micro_batches(tokens))
                for i, part in enumerate(parts):
                    model.require_backward_grad_sync = i + 1 == len(parts)
                    (loss_of(model, part) * part.loss_weight).backward()
                for parameter, right in zip(plain.parameters(), expected, strict=True):
                    torch.testing.assert_close(parameter.grad, right, rtol=1e-4, atol=1e-6)
dist.destroy_process_group()
