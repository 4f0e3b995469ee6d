"""Lightning on a run, saved and resumed by Lightning.

    torchrun --nproc-per-node 2 lightning_module.py pretrain --sampler 127.0.0.1:7070 --steps 100 --checkpoint last.ckpt

Lightning fetches a batch ahead of the one that it trains, so the place in the run is that of the batch in `training_step`, and not
that of the data set. Gradients are averaged over ranks, so the loss is weighted.
"""

import os

import arguments
import dyadic
import lightning
import torch
from model import Model
from torch.utils.data import DataLoader

given = arguments.parser(__doc__).parse_args()
with dyadic.connect(given.sampler) as client:
    run = client.describe_run(given.run)
dataset = dyadic.Dataset(run.name, sampler=given.sampler)


class Pretraining(lightning.LightningModule):
    def __init__(self) -> None:
        super().__init__()
        self.model = Model(run.vocabulary_size, run.max_length)

    def training_step(self, batch: dyadic.Batch, number: int) -> torch.Tensor:
        loss = self.model(batch.inputs, batch.targets) * batch.loss_weight
        mean = self.all_gather(loss.detach()).mean()
        self.place = batch.state_dict()
        if self.global_rank == 0:
            print(f"step {batch.step} length {batch.length} loss {mean.item():.5f}", flush=True)
        return loss

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.AdamW(self.parameters(), lr=1e-3)

    def on_save_checkpoint(self, checkpoint: dict) -> None:
        checkpoint["dyadic"] = self.place

    def on_load_checkpoint(self, checkpoint: dict) -> None:
        self.place = checkpoint["dyadic"]
        dataset.load_state_dict(self.place)


lightning.seed_everything(0, verbose=False)
world = int(os.environ.get("WORLD_SIZE", "1"))
quiet = {"logger": False, "enable_progress_bar": False, "enable_model_summary": False, "enable_checkpointing": False}
trainer = lightning.Trainer(devices=world, strategy="ddp" if world > 1 else "auto", max_steps=given.steps, **quiet)
resumed = given.checkpoint if os.path.exists(given.checkpoint) else None
trainer.fit(Pretraining(), DataLoader(dataset, batch_size=None), ckpt_path=resumed)
trainer.save_checkpoint(given.checkpoint)
