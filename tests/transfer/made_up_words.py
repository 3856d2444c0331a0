"""Words, names and sentences that nobody has ever seen, in five scripts."""

import random

_SCRIPTS = (
    ("abcdefghijklmnopqrstuvwxyz", ".!?"),
    ("aàeéiîoõuüncçñbdfgst", ".!?"),
    ("абвгдежзиклмнопрстуя", ".!?"),
    ("ابتثجحخدذرزسشصضطظعغ", ".!؟"),
    ("的一是在不了有和人这中大为上个国我以要他", "。！？"),
)
_WITHOUT_SPACES = 4


def word(dice: random.Random, script: int) -> str:
    """Make up a word."""
    letters = _SCRIPTS[script][0]
    longest = 3 if script == _WITHOUT_SPACES else 8
    return "".join(dice.choice(letters) for _ in range(dice.randint(2, longest)))


def name(dice: random.Random) -> str:
    """Make up a name of one to three words, some with capitals, some with a number."""
    script = dice.randrange(len(_SCRIPTS))
    words = [word(dice, script) for _ in range(1 if script == _WITHOUT_SPACES else dice.randint(1, 3))]
    if dice.random() < 0.6:
        words = [part[0].upper() + part[1:] for part in words]
    return " ".join(words) + (str(dice.randint(1, 99)) if dice.random() < 0.2 else "")


def sentence(dice: random.Random) -> str:
    """Make up a sentence of up to fifteen words."""
    script = dice.randrange(len(_SCRIPTS))
    words = [word(dice, script) for _ in range(dice.randint(1, 15))]
    text = ("" if script == _WITHOUT_SPACES else " ").join(words)
    return text[0].upper() + text[1:] + dice.choice(_SCRIPTS[script][1])
