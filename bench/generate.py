"""Discussions to measure with, in our own words: the same seed gives the same texts, threads and replies."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TextIO
from xml.sax.saxutils import escape

REACH = 200
"""How many comments back one is answered at most."""
_BEGAN = datetime(2024, 3, 1, 6, 0, tzinfo=UTC)
_SUBJECTS = (
    *("The ferry", "The harbour office", "My neighbour", "The council", "Whoever was there", "The old pilot"),
    *("A letter from the yard", "The night shift", "Nobody I know", "The report", "The woman at the counter"),
)
_VERBS = (
    *("stayed in port", "told it differently", "asked for the minutes", "kept the receipt", "waited for the wind"),
    *("said so years ago", "read all of it twice", "has no reason to lie", "went home early", "closed the gate"),
)
_ENDS = (
    *("and that was on a Tuesday", "which nobody wrote down", "although the light was on", "as far as I could see"),
    *("before the fog came in", "while the band played", "and I would say it again", "if the tide tables are right"),
)
_NAMES = (
    *("Ann", "Bram", "Chioma", "Dov", "Elif", "Finn", "Grażyna", "Hana", "Ilir", "Jun", "Karim", "Lotte", "Mirek"),
    *("Nadia", "Oddny", "Pilar", "Quirin", "Rasa", "Søren", "Tuğba", "Uli", "Vera", "Wim", "Xenia", "Yara", "Zoltán"),
)


def words(chance: random.Random, sentences: int) -> str:
    """Return a text of that many sentences."""
    return " ".join(
        f"{chance.choice(_SUBJECTS)} {chance.choice(_VERBS)} {chance.choice(_ENDS)}." for _ in range(sentences)
    )


def length(chance: random.Random) -> int:
    """Return how many sentences somebody writes: most few, some many. On average it gives 330 bytes."""
    return min(40, 1 + int(chance.expovariate(1 / 4)))


def names(chance: random.Random, count: int) -> list[str]:
    """Return that many names, all different."""
    return [f"{chance.choice(_NAMES)} {number}" for number in range(1, count + 1)]


def write_disqus(path: Path, sizes: Sequence[int], seed: int = 1) -> None:
    """Write an export of the Disqus kind with one thread for each size; thread N stands at https://news.example/N."""
    chance = random.Random(seed)
    with path.open("w", encoding="utf-8") as file:
        file.write('<?xml version="1.0" encoding="utf-8"?>\n')
        file.write('<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">\n')
        for thread in range(1, len(sizes) + 1):
            file.write(
                f'<thread dsq:id="{thread}"><id>{thread}</id><forum>harbour</forum>'
                f"<link>https://news.example/{thread}</link><title>What the harbour said, part {thread}</title>"
                f"<createdAt>{_BEGAN:%Y-%m-%dT%H:%M:%SZ}</createdAt>"
                "<isClosed>false</isClosed><isDeleted>false</isDeleted></thread>\n"
            )
        first = 1
        for thread, size in enumerate(sizes, 1):
            _write_posts(file, thread, first, size, chance)
            first += size
        file.write("</disqus>\n")


def _write_posts(file: TextIO, thread: int, first: int, size: int, chance: random.Random) -> None:
    written = _BEGAN
    for id, parent in shape(first, size, chance):
        written += timedelta(seconds=chance.randrange(20, 400))
        name = f"{chance.choice(_NAMES)} {chance.randrange(1, 2 + size // 8)}"
        body = "".join(f"<p>{words(chance, length(chance))}</p>" for _ in range(chance.choice((1, 1, 1, 2))))
        if chance.random() < 0.05:
            body += f'<p>See <a href="https://archive.example/{id}">archive.example</a></p>'
        answered = f'<parent dsq:id="{parent}" />' if parent else ""
        file.write(
            f'<post dsq:id="{id}"><id /><message><![CDATA[{body}]]></message>'
            f"<createdAt>{written:%Y-%m-%dT%H:%M:%SZ}</createdAt>"
            f"<isDeleted>{str(chance.random() < 0.01).lower()}</isDeleted><isSpam>false</isSpam>"
            f"<author><name>{escape(name)}</name><isAnonymous>true</isAnonymous></author>"
            f'<thread dsq:id="{thread}" />{answered}</post>\n'
        )


def shape(first: int, size: int, chance: random.Random) -> Iterator[tuple[int, int]]:
    """Yield the number of each comment and of what it answers: four in ten begin anew, others answer recent ones."""
    for id in range(first, first + size):
        if id == first or chance.random() < 0.4:
            yield id, 0
        else:
            yield id, chance.randrange(max(first, id - REACH), id)
