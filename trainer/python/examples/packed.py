"""Packed steps: every step has one shape, and no token attends to another document.

    python packed.py pretrain --sampler 127.0.0.1:7070 --group 4 --steps 40 --checkpoint packed.pt

Start it again, and it goes on with the next packed step. On a GPU, add `--attention flex --backend inductor`, or
`--attention varlen`; on CPUs, newer versions of PyTorch have neither for training.
"""

import os

import arguments
import dyadic
import torch
from packed_model import KINDS, PackedModel, who_attends


def main() -> None:
    parser = arguments.parser(__doc__)
    parser.add_argument("--group", type=int, default=4, help="steps of the run in a packed step")
    parser.add_argument("--attention", choices=KINDS, default="dense")
    parser.add_argument("--backend", default="eager", help="of torch.compile")
    given = parser.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if given.attention == "varlen" and device.type != "cuda":
        parser.error("--attention varlen needs a GPU")
    with dyadic.connect(given.sampler) as client:
        run = client.describe_run(given.run)
    torch.manual_seed(0)
    model = PackedModel(run.vocabulary_size, run.max_length).to(device)
    compiled = torch.compile(model, dynamic=False, backend=given.backend)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    end = given.steps // given.group * given.group
    dataset = dyadic.Dataset(run.name, sampler=given.sampler, packed=given.group, end_step=end)
    if os.path.exists(given.checkpoint):
        saved = torch.load(given.checkpoint, map_location=device)
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        dataset.load_state_dict(saved["data"])
    for number, batch in enumerate(dataset):
        batch = batch.to(device)
        mask = who_attends(batch, given.attention)
        # After the first step nothing is compiled again, whatever lengths come.
        with torch.compiler.set_stance("fail_on_recompile" if number else "default"):
            loss = compiled(batch.tokens, batch.targets, batch.position_ids, mask, given.attention)
            loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        print(f"step {batch.step} loss {loss.item():.5f}", flush=True)
    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "data": dataset.state_dict()}
    torch.save(state, given.checkpoint)


if __name__ == "__main__":
    main()
