"""Losses and gradients of packed steps are those of their sequences one by one."""

import pathlib
import sys

import dyadic
import pytest
import torch
from conftest import Server
from test_examples import EXAMPLES, has, start, train

sys.path.append(str(EXAMPLES))

from model import Model
from packed_model import PackedModel, who_attends

GROUP = 3

# Newer versions have no backward for it on CPUs, and say so.
FLEX_TRAINS = tuple(map(int, torch.__version__.split(".")[:2])) <= (2, 7)
FLEX = pytest.param("flex", marks=pytest.mark.skipif(not FLEX_TRAINS, reason="FlexAttention trains on CPUs up to torch 2.7 only"))


@pytest.fixture(scope="module")
def packed(server: Server, run: dyadic.Run) -> dyadic.PackedBatch:
    """One that has rows of several lengths."""
    for batch in dyadic.Dataset(run.name, sampler=server.sampler, packed=GROUP):
        assert isinstance(batch, dyadic.PackedBatch)
        if len(set(batch.lengths.tolist())) == GROUP:
            return batch
    raise AssertionError("the run has no such step")


def sequences(packed: dyadic.PackedBatch) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """As a varlen kernel finds them."""
    bounds = packed.cu_seqlens.tolist()
    tokens, targets = packed.tokens.view(-1), packed.targets.view(-1)
    pairs = list(zip(bounds, bounds[1:], strict=False))[: packed.sequences]
    return [(tokens[first:end], targets[first:end]) for first, end in pairs]


def require_gradients(found: torch.nn.Module, expected: torch.nn.Module) -> None:
    for (name, one), other in zip(found.named_parameters(), expected.parameters(), strict=True):
        assert one.grad is not None
        torch.testing.assert_close(one.grad, other.grad, rtol=1e-5, atol=1e-7, msg=name)


@pytest.mark.parametrize("kind", ["dense", FLEX])
def test_losses_and_gradients_are_those_of_the_sequences(run: dyadic.Run, packed: dyadic.PackedBatch, kind: str) -> None:
    torch.manual_seed(0)
    together = PackedModel(run.vocabulary_size, run.max_length)
    one_by_one = Model(run.vocabulary_size, run.max_length)
    one_by_one.load_state_dict(together.state_dict())

    loss = together(packed.tokens, packed.targets, packed.position_ids, who_attends(packed, kind), kind)
    loss.backward()
    total = torch.zeros(())
    for tokens, targets in sequences(packed):
        part = one_by_one(tokens[None], targets[None]) * len(tokens) / packed.tokens.numel()
        part.backward()
        total += part.detach()

    assert len(sequences(packed)) > GROUP
    assert loss.item() == pytest.approx(total.item(), rel=1e-6)
    require_gradients(together, one_by_one)


@has("transformers")
def test_a_model_of_hugging_face_sees_where_sequences_begin(packed: dyadic.PackedBatch, run: dyadic.Run) -> None:
    from transformers import Qwen3Config, Qwen3ForCausalLM

    torch.manual_seed(0)
    config = Qwen3Config(
        vocab_size=run.vocabulary_size,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=16,
        max_position_embeddings=run.max_length,
    )
    together = Qwen3ForCausalLM(config)
    one_by_one = Qwen3ForCausalLM(config)
    one_by_one.load_state_dict(together.state_dict())

    loss = together(**packed.as_mapping()).loss
    loss.backward()
    total = torch.zeros(())
    for tokens, targets in sequences(packed):
        labels = {"labels": targets[None], "shift_labels": targets[None]}
        part = one_by_one(tokens[None], **labels, num_items_in_batch=packed.tokens.numel()).loss
        part.backward()
        total += part.detach()

    assert loss.item() == pytest.approx(total.item(), rel=1e-5)
    require_gradients(together, one_by_one)


def test_the_example_compiles_once_and_goes_on(server: Server, run: dyadic.Run, tmp_path: pathlib.Path) -> None:
    program = ["packed.py", "--group", "2", "--attention", "flex" if FLEX_TRAINS else "dense"]
    first = train(1, program, server, 4, tmp_path / "saved")
    second = train(1, program, server, 8, tmp_path / "saved")

    # That it goes on with the same bytes is what test_packed.py holds.
    assert (list(first), list(second)) == ([1, 3], [5, 7])
    assert second[7] < first[1]


def test_varlen_asks_for_a_gpu(server: Server, run: dyadic.Run, tmp_path: pathlib.Path) -> None:
    if torch.cuda.is_available():
        kinds = [train(1, ["packed.py", "--attention", kind], server, 8, tmp_path / kind) for kind in ("dense", "varlen")]
        assert kinds[0] == pytest.approx(kinds[1], abs=5e-2)
    else:
        with pytest.raises(AssertionError, match="--attention varlen needs a GPU"):
            start([sys.executable, "packed.py", run.name, "--attention", "varlen", "--checkpoint", str(tmp_path / "saved")])
