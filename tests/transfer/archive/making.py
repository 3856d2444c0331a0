"""Communities with something of everything: all states, votes, edits, decisions, imports, names in many scripts."""

import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from outspoken.discussion.comment import Origin, Quotation
from outspoken.discussion.state import Actor, Event, State
from outspoken.pages.kept import KeptPages
from outspoken.store.changes import change_state, edit
from outspoken.store.database import Database
from outspoken.store.imports import author_numbers
from outspoken.store.joining import begin_merge, begin_split, finish_all
from outspoken.store.ledger import ensure_salt
from outspoken.store.loading import take_in
from outspoken.store.publishing import publish
from outspoken.store.sites import add_site
from outspoken.store.threads import lock_thread, open_thread
from outspoken.store.votes import take_votes
from outspoken.store.windows import comment_at
from outspoken.transfer.archive.restoring import restore_archive
from outspoken.transfer.archive.writing import Written, write_archive
from outspoken.transfer.report import Report
from tests.factories import MOMENT, a_body, a_site, a_story, a_submission, an_arrival

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
        # As the first import does.
        ensure_salt(connection, site, chance.randbytes)
        # One transaction for all of it: what is tested begins afterwards.
        ids = [_open(connection, number, chance, site) for number in range(threads)]
        for id in ids:
            _Talk(connection, id, chance, site).go_on(comments // threads)
    rearrange(database, ids[0], chance, site)
    return ids


def rearrange(database: Database, thread: str, chance: random.Random, site: str) -> None:
    """Join a small thread with another, take a part of that one away, and let an imported comment be erased."""
    page = f"harbour.example/{thread}/part"
    with database.writing() as connection:
        small = _open(connection, 99, chance, site)
        _Talk(connection, small, chance, site).go_on(3)
        for number in (1, 4):
            if comment_at(connection, small, number).state is State.PUBLISHED:
                change_state(connection, small, number, Event.DELETE, Actor.AUTHOR, rule="", reason="", now=MOMENT)
        begin_merge(connection, site, small, thread, MOMENT)
    finish_all(database, MOMENT, chance.randbytes)
    with database.writing() as connection:
        part = "".join(chance.choices("0123456789abcdefghjkmnpqrstvwxyz", k=12))
        begin_split(connection, site, thread, [2], id=part, story=a_story("Part"), address=page, now=MOMENT)
    finish_all(database, MOMENT, chance.randbytes)


def _open(connection: sa.Connection, number: int, chance: random.Random, site: str) -> str:
    id = "".join(chance.choices("0123456789abcdefghjkmnpqrstvwxyz", k=12))
    open_thread(
        connection,
        id=id,
        site=site,
        story=a_story(
            f"Story {number} of «{chance.choice(NAMES)}»",
            excerpt="The line closes.\n\nSo they say.",
            url=f"https://harbour.example/{id}",
        ),
        addresses_of_page=[f"harbour.example/{id}", f"id:{number}ж"],
        now=MOMENT,
    )
    return id


class _Talk:
    """One discussion: what people write, then votes, what was said elsewhere, and what moderators do."""

    def __init__(self, connection: sa.Connection, thread: str, chance: random.Random, site: str) -> None:
        self._connection = connection
        self._thread = thread
        self._chance = chance
        self._site = site
        self._said: list[int] = []
        self._keys = {name: chance.randbytes(32) for name in NAMES}

    def go_on(self, comments: int) -> None:
        """Let so many comments be written."""
        chance = self._chance
        for number in range(1, comments + 1):
            self._say(number)
        said = self._said
        for number in said:
            voters = {chance.randbytes(16): chance.choice([1, 1, -1]) for _ in range(chance.choice([0, 0, 1, 5]))}
            take_votes(self._connection, self._thread, number, voters)
        self._bring_in(comments + 1)
        for number in chance.sample(said, len(said) // 3):
            event = chance.choice(_EVENTS)
            actor = Actor.AUTHOR if event is Event.DELETE else Actor.MODERATOR
            change_state(
                self._connection, self._thread, number, event, actor, rule="house rules", reason="Ж\n", now=MOMENT
            )

    def _say(self, number: int) -> None:
        """Write a comment and sometimes change it."""
        chance = self._chance
        name = chance.choice(NAMES)
        state = chance.choice([State.PUBLISHED] * 9 + [State.HELD])
        submission = a_submission(
            self._thread,
            parent=chance.choice([0, *self._said[-30:]]),
            name=name,
            key_hash=self._keys[name],
            mark=self._keys[name][:16],
            body=a_body(f"{chance.choice(TEXTS)}\n\n{chance.random()}"),
            quotes=(Quotation(0, 4, 8),) if number % 7 == 0 else (),
            idempotency_key=chance.randbytes(16),
            state=state,
        )
        publish(self._connection, submission, MOMENT, chance.randbytes)
        if state is State.PUBLISHED and number % 11 == 0:
            self._edit(number, self._keys[name])
        if state is State.PUBLISHED:
            self._said.append(number)

    def _edit(self, number: int, key: bytes) -> None:
        edit(
            self._connection,
            self._thread,
            number,
            key_hash=key,
            body=a_body(f"Changed: {self._chance.random()}"),
            quotes=(),
            hold=None,
            now=MOMENT + timedelta(minutes=5),
            entropy=self._chance.randbytes,
        )

    def _bring_in(self, first: int) -> None:
        """Add what was said in an older system."""
        id, entropy = self._thread, self._chance.randbytes
        above = an_arrival(first, source=f"{id}/1")
        below = an_arrival(first + 1, above, state=State.REMOVED, source=f"ж {id}/2")
        origin = Origin("example", ("link",), ("depth",))
        leaf = an_arrival(first + 2, below, line=None, source=f"Z{id}/3", origin=origin)
        lock_thread(self._connection, id)
        numbers = author_numbers(self._connection, id, [("Old Hand", "17")], entropy)
        arrivals = [replace(above, author=numbers["Old Hand", "17"]), below, leaf]
        take_in(self._connection, id, arrivals, site=self._site, format="example", job="j1", entropy=entropy)


def archive(database: Database, path: Path, site: str = "harbour", **how: Any) -> Written:
    """Write an archive of a site."""
    with database.reading() as connection:
        return write_archive(connection, site, path, KeptPages(), **how)


def restore(database: Database, path: Path, site: str = "harbour", **how: Any) -> Report:
    """Bring an archive in."""
    return restore_archive(path, database=database, site=site, entropy=_chance.randbytes, now=lambda: MOMENT, **how)
