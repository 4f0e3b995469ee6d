"""Hugging Face's Trainer on a run, saved and resumed by the Trainer.

    torchrun --nproc-per-node 2 huggingface.py pretrain --sampler 127.0.0.1:7070 --steps 100 --checkpoint folder

The loader goes to the Trainer as it is: its batches are shared out to ranks already. The place in the run stands beside the Trainer's
own files, and `ignore_data_skip` keeps it from fetching every step from 0 on again.
"""

import json
import pathlib

import arguments
import dyadic
import torch
from torch.utils.data import DataLoader
from transformers import LlamaConfig, LlamaForCausalLM, Trainer, TrainerCallback, TrainingArguments, set_seed
from transformers.trainer_utils import get_last_checkpoint


class Place(TrainerCallback):
    """Prints losses, and keeps the place in the run with each checkpoint."""

    def on_log(self, options, state, control, logs=None, **others):
        if state.is_world_process_zero and "loss" in logs:
            print(f"step {state.global_step - 1} loss {float(logs['loss']):.5f}", flush=True)

    def on_save(self, options, state, control, **others):
        if state.is_world_process_zero:
            folder = pathlib.Path(options.output_dir, f"checkpoint-{state.global_step}")
            (folder / "dyadic.json").write_text(json.dumps(dataset.state_dict()))


class RunTrainer(Trainer):
    def get_train_dataloader(self):
        return DataLoader(self.train_dataset, batch_size=None)


given = arguments.parser(__doc__).parse_args()
training = TrainingArguments(
    given.checkpoint, max_steps=given.steps, learning_rate=1e-3, lr_scheduler_type="constant", logging_steps=1, save_steps=given.steps,
    ignore_data_skip=True, disable_tqdm=True, report_to=[], log_level="error", use_cpu=not torch.cuda.is_available(),
)  # fmt: skip
with dyadic.connect(given.sampler) as client:
    run = client.describe_run(given.run)
set_seed(0)
shape = {"hidden_size": 64, "intermediate_size": 256, "num_hidden_layers": 2, "num_attention_heads": 4}
model = LlamaForCausalLM(LlamaConfig(vocab_size=run.vocabulary_size, max_position_embeddings=run.max_length, **shape))
dataset = dyadic.Dataset(run.name, sampler=given.sampler, mapping=True)
last = get_last_checkpoint(given.checkpoint) if pathlib.Path(given.checkpoint).exists() else None
if last:
    dataset.load_state_dict(json.loads(pathlib.Path(last, "dyadic.json").read_text()))
RunTrainer(model, training, train_dataset=dataset, callbacks=[Place()]).train(resume_from_checkpoint=last)
