"""Hugging Face accelerate: a model of transformers on a run, saved and loaded by accelerate.

    torchrun --nproc-per-node 2 accelerated.py pretrain --sampler 127.0.0.1:7070 --steps 100 --checkpoint folder

The data set is no loader of accelerate's: it knows rank and world, and its batches are shared out already. It is registered for
checkpoints, so `save_state` and `load_state` keep its place.
"""

import os

import arguments
import dyadic
import torch
from accelerate import Accelerator
from transformers import LlamaConfig, LlamaForCausalLM

given = arguments.parser(__doc__).parse_args()
accelerator = Accelerator(cpu=not torch.cuda.is_available())
with dyadic.connect(given.sampler) as client:
    run = client.describe_run(given.run)
torch.manual_seed(0)
shape = {"hidden_size": 64, "intermediate_size": 256, "num_hidden_layers": 2, "num_attention_heads": 4}
config = LlamaConfig(vocab_size=run.vocabulary_size, max_position_embeddings=run.max_length, **shape)
model = LlamaForCausalLM(config)
model, optimizer = accelerator.prepare(model, torch.optim.AdamW(model.parameters(), lr=1e-3))
dataset = dyadic.Dataset(run.name, sampler=given.sampler, end_step=given.steps, mapping=True)
accelerator.register_for_checkpointing(dataset)
if os.path.exists(given.checkpoint):
    accelerator.load_state(given.checkpoint)

for batch in dataset:
    # A share of the mean over the step's targets: no weights are needed, and the mean over ranks is right.
    loss = model(**batch.to(accelerator.device)).loss
    accelerator.backward(loss)
    optimizer.step()
    optimizer.zero_grad()
    mean = accelerator.reduce(loss.detach(), "mean")
    if accelerator.is_main_process:
        print(f"step {batch.position.step} loss {mean.item():.5f}", flush=True)

accelerator.save_state(given.checkpoint)
accelerator.end_training()
