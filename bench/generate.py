"""Discussions to measure with, in our own words: the same seed gives the same texts, threads and replies."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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


def write_wxr(path: Path, sizes: Sequence[int], seed: int = 1) -> None:
    """Write the same discussions as `write_disqus` as an export of WordPress, each comment below its post."""
    chance = random.Random(seed)
    with path.open("w", encoding="utf-8") as file:
        file.write(
            '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" '
            'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wp="http://wordpress.org/export/1.2/">\n'
            "<channel>\n<title>Harbour</title>\n<wp:wxr_version>1.2</wp:wxr_version>\n"
            "<wp:base_blog_url>https://news.example</wp:base_blog_url>\n"
        )
        first = 1
        for page, size in enumerate(sizes, 1):
            file.write(
                f"<item>\n<title>What the harbour said, part {page}</title>\n<link>https://news.example/{page}</link>\n"
                f"<content:encoded><![CDATA[<p>{words(chance, 20)}</p>]]></content:encoded>\n"
                f"<wp:post_id>{page}</wp:post_id>\n<wp:post_date_gmt>{_BEGAN:%Y-%m-%d %H:%M:%S}</wp:post_date_gmt>\n"
                "<wp:status>publish</wp:status>\n<wp:comment_status>open</wp:comment_status>\n"
            )
            _write_comments(file, first, size, chance)
            file.write("</item>\n")
            first += size
        file.write("</channel>\n</rss>\n")


@dataclass(frozen=True, slots=True)
class _Said:
    """A comment of a made-up discussion."""

    id: int
    parent: int
    """0 for a root."""
    written: datetime
    name: str
    paragraphs: list[str]
    is_deleted: bool


def _discussion(first: int, size: int, chance: random.Random) -> Iterator[_Said]:
    written = _BEGAN
    for id, parent in shape(first, size, chance):
        written += timedelta(seconds=chance.randrange(20, 400))
        name = f"{chance.choice(_NAMES)} {chance.randrange(1, 2 + size // 8)}"
        paragraphs = [words(chance, length(chance)) for _ in range(chance.choice((1, 1, 1, 2)))]
        if chance.random() < 0.05:
            paragraphs.append(f'See <a href="https://archive.example/{id}">archive.example</a>')
        yield _Said(id, parent, written, name, paragraphs, chance.random() < 0.01)


def _write_posts(file: TextIO, thread: int, first: int, size: int, chance: random.Random) -> None:
    for said in _discussion(first, size, chance):
        body = "".join(f"<p>{paragraph}</p>" for paragraph in said.paragraphs)
        answered = f'<parent dsq:id="{said.parent}" />' if said.parent else ""
        file.write(
            f'<post dsq:id="{said.id}"><id /><message><![CDATA[{body}]]></message>'
            f"<createdAt>{said.written:%Y-%m-%dT%H:%M:%SZ}</createdAt>"
            f"<isDeleted>{str(said.is_deleted).lower()}</isDeleted><isSpam>false</isSpam>"
            f"<author><name>{escape(said.name)}</name><isAnonymous>true</isAnonymous></author>"
            f'<thread dsq:id="{thread}" />{answered}</post>\n'
        )


def _write_comments(file: TextIO, first: int, size: int, chance: random.Random) -> None:
    for said in _discussion(first, size, chance):
        moment = f"{said.written:%Y-%m-%d %H:%M:%S}"
        body = "\n\n".join(said.paragraphs)
        file.write(
            f"<wp:comment>\n<wp:comment_id>{said.id}</wp:comment_id>\n"
            f"<wp:comment_author><![CDATA[{said.name}]]></wp:comment_author>\n"
            "<wp:comment_author_email>reader@news.example</wp:comment_author_email>\n"
            "<wp:comment_author_url></wp:comment_author_url>\n<wp:comment_author_IP>198.18.0.1</wp:comment_author_IP>\n"
            f"<wp:comment_date>{moment}</wp:comment_date>\n<wp:comment_date_gmt>{moment}</wp:comment_date_gmt>\n"
            f"<wp:comment_content><![CDATA[{body}]]></wp:comment_content>\n"
            f"<wp:comment_approved>{'trash' if said.is_deleted else '1'}</wp:comment_approved>\n"
            f"<wp:comment_type></wp:comment_type>\n<wp:comment_parent>{said.parent}</wp:comment_parent>\n"
            "<wp:comment_user_id>0</wp:comment_user_id>\n</wp:comment>\n"
        )


def shape(first: int, size: int, chance: random.Random) -> Iterator[tuple[int, int]]:
    """Yield the number of each comment and of what it answers: four in ten begin anew, others answer recent ones."""
    for id in range(first, first + size):
        if id == first or chance.random() < 0.4:
            yield id, 0
        else:
            yield id, chance.randrange(max(first, id - REACH), id)
