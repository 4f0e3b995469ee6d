"""Makes ../resources/tokenizer-vectors.json: small tokenizers, and the ids that the Hugging Face library gives.

    pip install tokenizers==0.23.3
    python make_vectors.py
"""

import json
import pathlib

from strings import WORDS, strings
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers as N, pre_tokenizers as P, trainers

CL100K = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
TEXT = [" ".join(WORDS), "日本語 ありがとう 你好 Ελληνικά русский 1234567 don't\n\n\tcafé naïve  ﬁ ﬃ ① Å"] * 3


def byte_level(**more):
    return P.ByteLevel(**{"add_prefix_space": False, "use_regex": True, **more})


def split(pattern, behavior, invert=False):
    return P.Split(Regex(pattern), behavior, invert)


TOKENIZERS = {
    "gpt2": (None, byte_level()),
    "prefix space": (None, byte_level(add_prefix_space=True)),
    "cl100k": (None, P.Sequence([split(CL100K, "isolated"), byte_level(use_regex=False)])),
    "falcon": (
        None,
        P.Sequence([
            P.Punctuation("contiguous"), byte_level(), P.Digits(False), split("[0-9][0-9][0-9]", "isolated"),
        ]),
    ),
    "digits": (N.NFKC(), P.Sequence([P.Digits(True), P.Punctuation(), byte_level(use_regex=False)])),
    "merged with previous": (N.NFD(), P.Sequence([split(r"\s|x", "merged_with_previous"), byte_level(use_regex=False)])),
    "merged with next": (N.NFKD(), P.Sequence([split(r"\s|[aeiou]+", "merged_with_next"), byte_level(use_regex=False)])),
    "contiguous": (N.NFC(), P.Sequence([split(r"\w", "contiguous"), byte_level(use_regex=False)])),
    "inverted": (N.Lowercase(), P.Sequence([split(r"\w+|[^\w\s]+", "removed", True), byte_level(use_regex=False)])),
    "whitespace": (N.Strip(), P.Sequence([P.Whitespace(), byte_level(use_regex=False)])),
    "whitespace split": (N.Strip(True, False), P.Sequence([P.WhitespaceSplit(), byte_level(add_prefix_space=True)])),
    "literal": (N.Replace("e", "é"), P.Sequence([P.Split("a", "merged_with_next"), byte_level(use_regex=False)])),
    "regex replaced": (N.Replace(Regex(r"\s+"), " "), byte_level()),
    "llama2": (N.Sequence([N.Prepend("▁"), N.Replace(" ", "▁")]), None),
    "metaspace always": (None, P.Metaspace("▁", "always")),
    "metaspace first": (None, P.Metaspace("▁", "first", split=False)),
    "metaspace never": (N.NFKC(), P.Sequence([P.Digits(True), P.Metaspace("▁", "never")])),
    "metaspace behind": (None, P.Sequence([P.Punctuation(), P.Metaspace("▁", "first")])),
    "metaspace behind split": (None, P.Sequence([P.WhitespaceSplit(), P.Metaspace("▁", "first")])),
    "metaspace behind words": (None, P.Sequence([P.Whitespace(), P.Digits(True), P.Metaspace("▁", "first")])),
    "metaspace behind strip": (N.Strip(), P.Metaspace("▁", "first")),
    "metaspace behind nothing": (N.Replace(Regex(r"\s+"), ""), P.Metaspace("▁", "first")),
    "metaspace behind replaced": (N.Sequence([N.NFC(), N.Replace(Regex(r"\s+"), "_")]), P.Metaspace("▁", "first")),
    "metaspace behind prepended": (N.Sequence([N.Prepend("_"), N.Strip()]), P.Metaspace("▁", "first")),
}
ADDED = [
    AddedToken("<|endoftext|>", special=True, normalized=False),
    AddedToken("<s>", special=True, normalized=False),
    AddedToken("<think>", normalized=False),
    AddedToken("<th", special=True, normalized=False),
    AddedToken("York", single_word=True, normalized=True),
    AddedToken("cafe\u0301", normalized=True),
    AddedToken("==", lstrip=True, rstrip=True, normalized=False),
    AddedToken("!=", lstrip=True, normalized=True),
]


def tokenizer(normalizer, pre_tokenizer, ignore_merges):
    fallback = pre_tokenizer is None or "ByteLevel" not in str(pre_tokenizer)
    made = Tokenizer(models.BPE(byte_fallback=fallback, ignore_merges=ignore_merges))
    if normalizer is not None:
        made.normalizer = normalizer
    if pre_tokenizer is not None:
        made.pre_tokenizer = pre_tokenizer
    bytes_ = [f"<0x{value:02X}>" for value in range(256)] if fallback else []
    made.train_from_iterator(
        TEXT,
        trainers.BpeTrainer(
            vocab_size=len(bytes_) + (256 + 120 if not fallback else 220),
            special_tokens=bytes_,
            initial_alphabet=[] if fallback else P.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    contents = json.loads(made.to_str())
    # The trainer lists the tokens for bytes as added ones, which they are not.
    contents["added_tokens"] = []
    made = Tokenizer.from_str(json.dumps(contents))
    made.add_tokens(ADDED)
    return made


def main():
    made = []
    for number, (name, (normalizer, pre_tokenizer)) in enumerate(TOKENIZERS.items()):
        one = tokenizer(normalizer, pre_tokenizer, ignore_merges=number % 2 == 1)
        one.encode_special_tokens = True
        texts = ["", " ", "  hello 1 world", "\n a", "a\u2e43b\u061dc\u166dd", "x == y !=z York NewYork <think>ing", *strings(number, 25)]
        vectors = [
            {"text": text, "ids": one.encode(text, add_special_tokens=False).ids} for text in texts if len(text) < 250
        ]
        made.append({"name": name, "tokenizer": json.loads(one.to_str()), "strings": vectors})
    path = pathlib.Path(__file__).parent / "../resources/tokenizer-vectors.json"
    path.write_text(json.dumps(made, separators=(",", ":")) + "\n")
    print(f"{len(made)} tokenizers, {path.stat().st_size} bytes")


main()
