"""Trains on a frozen file of token ids: python plain.py tokens.bin"""

import sys

import torch
from chunks import Chunks
from model import Model
from torch.utils.data import DataLoader

dataset = Chunks(sys.argv[1], length=256)
loader = DataLoader(dataset, batch_size=16, shuffle=True)
model = Model(vocabulary=257, max_length=256)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)

for step, (inputs, targets) in enumerate(loader):
    loss = model(inputs, targets)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    print(f"step {step} loss {loss.item():.4f}")
