"""Random texts that tokenizers stumble over: all of Unicode, runs, mixtures, code, special tokens spelled out."""

import random

BLOCKS = [
    (0x20, 0x7E), (0xA0, 0xFF), (0x100, 0x24F), (0x300, 0x36F), (0x370, 0x3FF), (0x400, 0x4FF), (0x590, 0x5FF),
    (0x600, 0x6FF), (0x900, 0x97F), (0xE00, 0xE7F), (0xF00, 0xFFF), (0x1100, 0x11FF), (0x1E00, 0x1EFF),
    (0x2000, 0x206F), (0x2070, 0x209F), (0x2150, 0x218F), (0x3000, 0x30FF), (0x3130, 0x318F), (0x4E00, 0x9FFF),
    (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0xFE00, 0xFE0F), (0xFF00, 0xFFEF), (0x1D400, 0x1D7FF), (0x1F300, 0x1FAFF),
    (0x20000, 0x2A6DF), (0x1F1E6, 0x1F1FF), (0x10000, 0x105FF), (0x16D40, 0x16D7F), (0xA7C0, 0xA7FF),
]
WORDS = (
    "the of and to in that is was for it's don't I'LL we've they're He said NEW York naïve Straße fix() x_y->z; == != "
    "/* */ // # http://a.b/c?d=e&f=1 foo.bar@baz.com \u00bd cafe\u0301 <|endoftext|> <|end_of_text|> <s> </s> <unk> "
    "<think> </think> <tool_call> <unused7> <mask> ｜User｜ <｜User｜> <｜fim▁hole｜> <|im_start|>"
).split(" ")
SPACES = [
    " ", "  ", "\n", "\t", "\r\n", "\n\n", "\u00a0", "\u3000", "\u2028", "\u200d", "\ufeff", "   ", "\x00", "\x85",
    " \n ", "▁", "/", "\u200b",
]
SIGNS = "'\"()[]{}<>.,;:!?-_=+*/\\|@#$%^&~`"
CHARACTERS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]


def strings(seed, count):
    """So many texts; the same ones for the same seed."""
    chance = random.Random(seed)
    for _ in range(count):
        yield _string(chance)


def _string(chance):
    kind = chance.random()
    length = int(chance.expovariate(1 / 20)) + 1

    def one():
        return chr(chance.randint(*chance.choice(BLOCKS)))

    if kind < 0.15:
        return "".join(chr(chance.choice(CHARACTERS)) for _ in range(length))
    if kind < 0.35:
        block = chance.choice(BLOCKS)
        return "".join(chr(chance.randint(*block)) for _ in range(length))
    if kind < 0.5:
        return "".join(one() for _ in range(length))
    if kind < 0.6:
        return "".join(one() * chance.randint(1, 40) for _ in range(chance.randint(1, 4)))
    if kind < 0.85:
        return "".join(chance.choice(WORDS) + chance.choice(SPACES) for _ in range(length))
    if kind < 0.95:
        return "".join(_mixed(chance, one) for _ in range(length))
    # Broken surrogates are replaced, as they are on their way into UTF-8.
    broken = "".join(chr(chance.randint(0xD800, 0xDFFF)) if chance.random() < 0.2 else one() for _ in range(length))
    return broken.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _mixed(chance, one):
    word = chance.choice(WORDS)
    return chance.choice(
        [
            word,
            word.upper(),
            word.title(),
            chance.choice(SPACES),
            chance.choice(SIGNS),
            str(chance.randint(0, 10 ** chance.randint(1, 12))),
            one(),
        ]
    )
