"""A real server process on a data folder of its own: the example site, and a few threads for what it hasn't got."""

import contextlib
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from outspoken.demo.loading import load_demo
from outspoken.discussion.thread import Opening, Site, Story
from outspoken.pages.translations import language
from outspoken.store.database import Database, open_database
from outspoken.store.publishing import publish
from outspoken.store.sealing import Entropy
from outspoken.store.sites import add_site, all_sites
from outspoken.store.threads import new_thread_id, open_thread
from outspoken.store.upgrading import upgrade
from outspoken.text.names import clean_name
from outspoken.transfer.addresses import fold_url
from tests.browser.embed.hosts import NEWS
from tests.factories import a_body, a_submission

LONG = 300
"""Comments of the long thread, all of them roots."""
DEEP = 14
"""Levels of the deep one."""
MIXED = (
    (
        0,
        "نورس البحر",
        'جلستُ هناك أمس، ولم يكن المقعد مبلولًا.\n\nThe sign said "wet paint", in English.\n\n> لم يجلس عليه أحد بعد',
    ),
    (1, "Gannet", "@نورس البحر: I saw it too (في الصباح). 12 people, 3 dogs."),
    (2, "海鸥", "长椅就在旧起重机原来的地方。我们每天都从那里走过，却没有人问过我们。"),
    (0, "שחף", "הספסל עומד ליד המים, 100 מטר מהמנוף.\n\n1. ראשון\n2. second\n\n`git --help`"),
    (4, "Чайка", "Скамейка стоит там, где стоял кран. См. <https://pier.example/скамейка>."),
    (0, "\u202egnp.exe", "**نصّ** و*نصّ مائل* و`code` و[رابط](https://pier.example)."),
)
"""Number of what is answered, name, text."""
_SETTINGS = """
[limits]
comments_per_ten_minutes = 100000
comments_per_day = 100000
comments_per_minute_in_thread = 100000
votes_per_ten_minutes = 100000
fastest_form_seconds = 0
"""
_DEADLINE = 120.0


@dataclass(frozen=True, slots=True)
class Filled:
    """Ids of the threads that a folder was filled with."""

    lively: str
    """The example site's liveliest thread."""
    long: str
    busy: str
    """Where tests write what doesn't come into the first window."""
    deep: str
    empty: str
    closed: str
    read_only: str
    mixed: str
    """Where people write in several scripts, in both directions."""
    playground: str
    """Where tests write."""
    language: str
    """What the pages speak."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers."""

    base: str
    filled: Filled

    def thread(self, id: str = "") -> str:
        """Return the address of a thread, by default the lively one."""
        return f"{self.base}/t/{id or self.filled.lively}"

    def frame(self) -> str:
        """Return the address of the lively thread in a frame of somebody else's page."""
        return f"{self.base}/frame/t/{self.filled.lively}"

    def say(self, text: str) -> str:
        """Return what stands on the pages for an English text."""
        return language(self.filled.language).gettext(text)


def fill(folder: Path, now: datetime | None = None, spoken: str = "en") -> Filled:
    """Fill an empty data folder; all its sites speak one language."""
    folder.joinpath("outspoken.toml").write_text(_SETTINGS)
    now, entropy = now or datetime.now(UTC), random.Random(20260504).randbytes
    database = open_database(folder)
    try:
        upgrade(database, now)
        lively = load_demo(database, now, entropy)
        with database.writing() as connection:
            for site in all_sites(connection):
                add_site(connection, replace(site, language=spoken))
            pier = Site("pier", "The Pier Gazette", ("https://pier.example", f"https://{NEWS}"), spoken, indexed=False)
            add_site(connection, pier)
        return Filled(
            lively=lively,
            long=_thread(database, "Everything the pier has ever been called", now, entropy, roots=LONG),
            busy=_thread(database, "The pier and its gulls", now, entropy, roots=60),
            deep=_thread(database, "A conversation that would not end", now, entropy, levels=DEEP),
            empty=_thread(database, "Nobody was asked about the new bollards", now, entropy),
            closed=_thread(database, "The vote on the ferry is counted", now, entropy, Opening.CLOSED, roots=3),
            read_only=_thread(database, "From the archive: the great fog", now, entropy, Opening.READ_ONLY, roots=2),
            mixed=_thread(database, "المقعد على الرصيف – The bench on the quay", now, entropy, said=MIXED),
            playground=_thread(database, "A bench on the quay", now, entropy, roots=4),
            language=spoken,
        )
    finally:
        database.close()


def _thread(
    database: Database,
    headline: str,
    now: datetime,
    entropy: Entropy,
    opening: Opening = Opening.OPEN,
    *,
    roots: int = 0,
    levels: int = 0,
    said: tuple[tuple[int, str, str], ...] = (),
) -> str:
    id, earlier = new_thread_id(entropy), now - timedelta(hours=5)
    story = Story(
        headline,
        url=f"https://pier.example/{id}",
        attribution="Pier Wire",
        excerpt="The bench will stand where the old crane stood, the harbour office said.\n\nNobody has sat on it yet.",
        published=earlier,
    )
    with database.writing() as connection:
        open_thread(
            connection,
            id=id,
            site="pier",
            story=story,
            addresses_of_page=[fold_url(f"https://pier.example/{id}")],
            now=earlier,
        )
        for number in range(1, roots + 1):
            body = a_body(f"Root number {number}: I have seen this pier in every weather, and it has seen me.")
            publish(connection, a_submission(id, body=body), earlier + timedelta(minutes=number % 240), entropy)
        for level in range(levels):
            body = a_body(f"Level {level}: you say that, and yet the tide comes in, twice a day, without being asked.")
            publish(connection, a_submission(id, parent=level, body=body), earlier + timedelta(minutes=level), entropy)
        for minute, (parent, name, text) in enumerate(said):
            comment = a_submission(id, parent=parent, name=clean_name(name), body=a_body(text))
            publish(connection, comment, earlier + timedelta(minutes=minute), entropy)
        if opening is not Opening.OPEN:
            connection.exec_driver_sql(f"UPDATE threads SET opening = '{opening}' WHERE id = '{id}'")
    return id


@contextlib.contextmanager
def serving(folder: Path, filled: Filled) -> Iterator[Running]:
    """Serve a filled folder on the loopback until the block ends, and stop that very process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [Path(sys.executable).with_name("outspoken"), "serve", "--data", folder, "--port", str(port)]
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
        try:
            base = f"http://localhost:{port}"
            _wait(base, process, log)
            yield Running(base, filled)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait(base: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    began = time.monotonic()
    while time.monotonic() - began < _DEADLINE:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended: {log.read_text()}")
        with contextlib.suppress(httpx.TransportError):
            httpx.get(f"{base}/readyz").raise_for_status()
            return
        time.sleep(0.05)
    raise RuntimeError(f"the server doesn't answer: {log.read_text()}")
