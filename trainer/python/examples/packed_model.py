"""The transformer of `model.py` on packed steps, with three kinds of attention."""

from typing import Any

import dyadic
import torch
import torch.nn.functional as F
from model import Block, Model
from torch.nn.attention.flex_attention import create_block_mask, create_mask, flex_attention

KINDS = ("dense", "flex", "varlen")


def who_attends(batch: dyadic.PackedBatch, kind: str) -> Any:
    """What the attention of a kind has to know: a token attends to itself and to those before it in its sequence."""
    if kind == "varlen":
        return batch.cu_seqlens
    lengths = batch.lengths

    def attends(row: torch.Tensor, _: torch.Tensor, query: torch.Tensor, key: torch.Tensor) -> torch.Tensor:
        return (query >= key) & (query // lengths[row] == key // lengths[row])

    rows, width = batch.tokens.shape
    device = batch.tokens.device
    if kind == "dense":  # has every pair of tokens: for short rows
        return create_mask(attends, rows, 1, width, width, device=device)
    # Where it is not compiled, this makes the dense mask on its way.
    make = torch.compile(create_block_mask) if device.type == "cuda" else create_block_mask
    return make(attends, rows, None, width, width, device=device)


class PackedBlock(Block):
    def forward(self, x: torch.Tensor, mask: Any, kind: str, max_seqlen: int) -> torch.Tensor:
        rows, width, hidden = x.shape
        q, k, v = self.qkv(self.norms[0](x)).view(rows, width, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        if kind == "flex":
            a = flex_attention(q, k, v, block_mask=mask).transpose(1, 2)
        elif kind == "dense":
            a = F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(1, 2)
        else:
            from torch.nn.attention.varlen import varlen_attn  # PyTorch 2.12 and later, a GPU, half precision

            q, k, v = (part.transpose(1, 2).flatten(0, 1).bfloat16() for part in (q, k, v))
            a = varlen_attn(q, k, v, mask, mask, max_seqlen, max_seqlen, window_size=(-1, 0)).to(x.dtype)
        x = x + self.out(a.reshape(rows, width, hidden))
        return x + self.mlp(self.norms[1](x))


class PackedModel(Model):
    """`forward` takes ids, targets and places `(rows, width)`, and what `who_attends` says; it gives the mean loss."""

    block = PackedBlock

    def forward(
        self, tokens: torch.Tensor, targets: torch.Tensor, position_ids: torch.Tensor, mask: Any, kind: str
    ) -> torch.Tensor:
        x = self.tokens(tokens) + self.positions(position_ids)
        for block in self.blocks:
            x = block(x, mask, kind, self.positions.num_embeddings)
        return F.cross_entropy(self.head(self.norm(x)).flatten(0, 1), targets.view(-1))
