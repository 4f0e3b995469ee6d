"""Trains on a run: python plain_with_dyadic.py pretrain"""

import sys

import dyadic
import torch
from model import Model
from torch.utils.data import DataLoader

run = dyadic.connect().describe_run(sys.argv[1])
dataset = dyadic.Dataset(run.name)
loader = DataLoader(dataset, batch_size=None)
model = Model(run.vocabulary_size, run.max_length)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)

for step, batch in enumerate(loader):
    loss = model(batch.inputs, batch.targets) * batch.loss_weight
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    print(f"step {step} loss {loss.item():.4f}")
