"""Requests that carry comments: for our API and for Isso's, the same texts for both."""

import json
import random

from bench.generate import length, words

_POOL = 2_000


def for_us(seed: int) -> tuple[str, ...]:
    """Return bodies for our API, each open at its end for what makes its text its own."""
    return tuple(json.dumps({"body": f"{text} ("}).removesuffix('"}') for text in _texts(seed))


def for_isso(seed: int) -> tuple[str, ...]:
    """Return bodies for Isso's API, each open at its end."""
    about = {"author": None, "email": None, "website": None, "parent": None, "title": "What the harbour said"}
    return tuple(json.dumps({**about, "text": f"{text} ("}).removesuffix('"}') for text in _texts(seed))


def _texts(seed: int) -> list[str]:
    chance = random.Random(seed)
    return [words(chance, length(chance)) for _ in range(_POOL)]
