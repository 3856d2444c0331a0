"""Communities with something of everything: all states, votes, edits, decisions, imports, names in many scripts."""

import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from outspoken.discussion.comment import Origin, Quotation
from outspoken.discussion.state import Actor, Event, State
from outspoken.pages.kept import KeptPages
from outspoken.store.changes import change_state, edit
from outspoken.store.database import Database
from outspoken.store.imports import author_numbers, take_in
from outspoken.store.sites import add_site
from outspoken.store.threads import lock_thread, open_thread
from outspoken.store.votes import take_votes
from outspoken.transfer.archive.restoring import restore_archive
from outspoken.transfer.archive.writing import Written, write_archive
from outspoken.transfer.report import Report
from tests.factories import MOMENT, a_body, a_site, a_story, a_submission, an_arrival, say

NAMES = ("Zoë", "Мария", "שלום", "محمد", "李雷", "", "Ana <b>", "O'Neil & Co", "🏳️‍🌈 Robin", "Greta")
TEXTS = (
    "The *ferry* was late again.",
    "می‌خواهم, and क्‍ष, and 🏳️‍⚧️",
    "> quoted\n\nhttps://harbour.example/a?b=c&d <script>alert(1)</script>",
    '```\ncode \\ "quotes" \t tab\n```',
    "Nobody asked the islanders.",
)
_chance = random.Random(5)
_EVENTS = (Event.REMOVE, Event.HOLD, Event.MARK_SPAM, Event.DELETE)


def fill(database: Database, seed: int, *, comments: int = 60, threads: int = 3, site: str = "harbour") -> list[str]:
    """Make a community by chance and return its threads."""
    chance = random.Random(seed)
    with database.writing() as connection:
        add_site(connection, a_site(site, origins=("https://harbour.example",), live_tick=30))
    ids = []
    for number in range(threads):
        id = "".join(chance.choices("0123456789abcdefghjkmnpqrstvwxyz", k=12))
        ids.append(id)
        with database.writing() as connection:
            open_thread(
                connection,
                id=id,
                site=site,
                story=a_story(
                    f"Story {number} of «{chance.choice(NAMES)}»", excerpt="The line closes.\n\nSo they say."
                ),
                addresses_of_page=[f"harbour.example/{id}", f"id:{number}ж"],
                now=MOMENT,
            )
        _discuss(database, id, chance, comments // threads, site)
    return ids


def _discuss(database: Database, thread: str, chance: random.Random, comments: int, site: str) -> None:
    keys = {name: chance.randbytes(32) for name in NAMES}
    said = _talk(database, thread, chance, comments, keys)
    with database.writing() as connection:
        for number in said:
            voters = {chance.randbytes(16): chance.choice([1, 1, -1]) for _ in range(chance.choice([0, 0, 1, 5]))}
            take_votes(connection, thread, number, voters)
    _bring_in(database, thread, comments + 1, chance, site)
    for number in chance.sample(said, len(said) // 3):
        with database.writing() as connection:
            event = chance.choice(_EVENTS)
            actor = Actor.AUTHOR if event is Event.DELETE else Actor.MODERATOR
            change_state(connection, thread, number, event, actor, rule="house rules", reason="Ж\n", now=MOMENT)


def _talk(database: Database, thread: str, chance: random.Random, comments: int, keys: dict[str, bytes]) -> list[int]:
    """Let people write, and return the numbers of what was published."""
    said: list[int] = []
    for number in range(1, comments + 1):
        name = chance.choice(NAMES)
        state = chance.choice([State.PUBLISHED] * 9 + [State.HELD])
        submission = a_submission(
            thread,
            parent=chance.choice([0, *said[-30:]]),
            name=name,
            key_hash=keys[name],
            mark=keys[name][:16],
            body=a_body(f"{chance.choice(TEXTS)}\n\n{chance.random()}"),
            quotes=(Quotation(0, 4, 8),) if number % 7 == 0 else (),
            idempotency_key=chance.randbytes(16),
            state=state,
        )
        say(database, chance.randbytes, submission)
        if state is State.PUBLISHED:
            said.append(number)
        if number % 11 == 0 and state is State.PUBLISHED:
            with database.writing() as connection:
                edit(
                    connection,
                    thread,
                    number,
                    key_hash=keys[name],
                    body=a_body(f"Changed: {chance.random()}"),
                    quotes=(),
                    hold=None,
                    now=MOMENT + timedelta(minutes=5),
                    entropy=chance.randbytes,
                )
    return said


def _bring_in(database: Database, thread: str, first: int, chance: random.Random, site: str) -> None:
    above = an_arrival(first, source=f"{thread}/1")
    below = an_arrival(first + 1, above, state=State.REMOVED, source=f"ж {thread}/2")
    leaf = an_arrival(
        first + 2, below, line=None, source=f"Z{thread}/3", origin=Origin("example", ("link",), ("depth",))
    )
    with database.writing() as connection:
        lock_thread(connection, thread)
        numbers = author_numbers(connection, thread, [("Old Hand", "17")], chance.randbytes)
        arrivals = [replace(above, author=numbers["Old Hand", "17"]), below, leaf]
        take_in(connection, thread, arrivals, site=site, format="example", job="j1", entropy=chance.randbytes)


def archive(database: Database, path: Path, site: str = "harbour", **how: Any) -> Written:
    """Write an archive of a site."""
    with database.reading() as connection:
        return write_archive(connection, site, path, KeptPages(), **how)


def restore(database: Database, path: Path, site: str = "harbour", **how: Any) -> Report:
    """Bring an archive in."""
    return restore_archive(path, database=database, site=site, entropy=_chance.randbytes, now=lambda: MOMENT, **how)
