"""Everything a reader, a writer, a moderator or an import asks of the store, each with the statements it may send."""

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from outspoken.discussion.errors import Invalid
from outspoken.discussion.order import Cursor, Sort
from outspoken.discussion.report import Reason
from outspoken.discussion.state import Actor, Event, State
from outspoken.discussion.thread import Opening
from outspoken.store import (
    branches,
    changes,
    completing,
    decisions,
    imports,
    jobs,
    ledger,
    loading,
    publishing,
    redirects,
    reports,
    sites,
    threads,
    undoing,
    votes,
    windows,
)
from outspoken.store.reports import Report
from outspoken.store.votes import Ballot
from tests.factories import MOMENT, a_body, a_site, a_story, a_submission, an_arrival
from tests.scale.crowds import SITE, VOTED, Crowd, attempt_of, author_of, key_of

LATER = MOMENT + timedelta(minutes=1)
_KNOWN = 200
_PEOPLE = 100
_entropy = random.Random(20260504).randbytes

Ask = Callable[[sa.Connection, Crowd], object]


@dataclass(frozen=True, slots=True)
class Question:
    """One question, put to a discussion of any size."""

    name: str
    ask: Ask
    statements: int
    """At most, whatever the size."""


def _window(sort: Sort, *, of: str = "thread", side: str = "") -> Ask:
    def ask(connection: sa.Connection, crowd: Crowd) -> object:
        parent = crowd.hub if of == "hub" else 0
        # Without siblings there is no further window either.
        at = {side: _cursor(crowd, parent, sort)} if side and parent in crowd.siblings else {}
        return windows.window_of(connection, crowd.thread, sort, parent=parent, **at)

    return ask


def _cursor(crowd: Crowd, parent: int, sort: Sort) -> Cursor:
    middle = crowd.siblings[parent]
    rank = {Sort.BEST: middle.best_rank, Sort.CONTROVERSIAL: middle.controversial_rank}.get(sort, 0)
    return Cursor(rank, middle.number)


def _own_page(connection: sa.Connection, crowd: Crowd) -> None:
    thread = threads.thread_by_id(connection, crowd.thread)
    sites.site_named(connection, thread.site)
    comment = windows.comment_at(connection, crowd.thread, crowd.deepest)
    changes.is_author(connection, comment, b"another's")
    windows.ancestors_of(connection, crowd.thread, crowd.deepest)
    windows.window_of(connection, crowd.thread, Sort.BEST, parent=crowd.deepest)


def _first_chunk(connection: sa.Connection, crowd: Crowd) -> None:
    next(windows.in_reading_order(connection, crowd.thread))


def _publish(**changes: Any) -> Ask:
    def ask(connection: sa.Connection, crowd: Crowd) -> object:
        asked = {name: value(crowd) if callable(value) else value for name, value in changes.items()}
        with suppress(Invalid):
            return publishing.publish(connection, a_submission(crowd.thread, **asked), LATER, _entropy)

    return ask


def _own(crowd: Crowd) -> int:
    """Return the number of a comment by a guest."""
    return crowd.number(20)


def _key(crowd: Crowd) -> bytes:
    return key_of(crowd.thread, author_of(crowd, _own(crowd)))


def _name(crowd: Crowd) -> str:
    return f"Reader {author_of(crowd, _own(crowd))}"


def _edit(hold: tuple[str, str] | None) -> Ask:
    def ask(connection: sa.Connection, crowd: Crowd) -> object:
        return changes.edit(
            *(connection, crowd.thread, _own(crowd)),
            key_hash=_key(crowd),
            body=a_body("Better."),
            quotes=(),
            hold=hold,
            now=LATER,
            entropy=_entropy,
        )

    return ask


def _delete(connection: sa.Connection, crowd: Crowd) -> None:
    changes.delete(connection, crowd.thread, _own(crowd), key_hash=_key(crowd), now=LATER)


def _vote(voter: bytes, value: int) -> Ask:
    return lambda connection, crowd: votes.vote(connection, Ballot(crowd.thread, VOTED, voter, None, value))


def _decide(event: Event, number: Callable[[Crowd], int], *before: Event) -> Ask:
    def ask(connection: sa.Connection, crowd: Crowd) -> None:
        for step in (*before, event):
            changes.change_state(
                *(connection, crowd.thread, number(crowd), step, Actor.MODERATOR), rule="r", reason="", now=LATER
            )

    return ask


def _imported(crowd: Crowd, limit: int = _KNOWN) -> list[tuple[str, str]]:
    return [("example", f"{crowd.thread} {number}") for number in range(crowd.size // 4 * 4, 0, -4)][:limit]


def _people(crowd: Crowd) -> Iterator[tuple[str, str | None]]:
    for author in range(2, min(2 * _PEOPLE, crowd.size // 4) + 1, 2):
        yield f"Reader {author}", f"s{author}"
    for number in range(20):
        yield f"Newcomer {number}", None


def _take_in(connection: sa.Connection, crowd: Crowd) -> None:
    """Take in a reply to a comment that is there, with replies of its own."""
    (known,) = imports.known_records(connection, SITE, _imported(crowd, 1)).values()
    above = an_arrival(known.number, place=known.place, depth=known.depth)
    arrivals = [an_arrival(crowd.size + 1, above, source=f"{crowd.thread} new")]
    for number in range(crowd.size + 2, crowd.size + 20):
        arrivals.append(an_arrival(number, arrivals[0], source=f"{crowd.thread} new {number}"))
    threads.lock_thread(connection, crowd.thread)
    loading.take_in(connection, crowd.thread, arrivals, site=SITE, format="example", job="job", entropy=_entropy)


def _job(connection: sa.Connection, crowd: Crowd) -> None:
    jobs.begin_job(connection, id="job", site=SITE, format="example", fingerprint="f", now=LATER)
    jobs.finish_job(connection, "job", {}, LATER)
    jobs.unfinished_job(connection, SITE, "f")
    jobs.job_named(connection, "job")
    jobs.threads_opened_by(connection, SITE, "job")


def _step(connection: sa.Connection, crowd: Crowd) -> None:
    last = range(crowd.size, max(0, crowd.size - 40), -1)
    branches.remove_all(connection, crowd.thread, last, rule="r", reason="", now=LATER)


def _leads(connection: sa.Connection, crowd: Crowd) -> None:
    imports.one_at_a_time(connection, SITE)
    wanted = [f"harbour.example/{crowd.thread}", *(f"nowhere.example/{number}" for number in range(100))]
    assert imports.threads_at(connection, SITE, wanted)


def _erased(connection: sa.Connection, crowd: Crowd) -> None:
    salt = ledger.ensure_salt(connection, SITE, _entropy)
    ledger.enter(connection, SITE, crowd.thread, crowd.size // 4 * 4)
    assert ledger.erased(connection, SITE, salt, _imported(crowd))


def _complete(connection: sa.Connection, crowd: Crowd) -> None:
    comment = windows.comment_at(connection, crowd.thread, crowd.size // 4 * 4)
    completing.complete(connection, comment, completing.Completion(body=a_body(), created=LATER), _entropy)
    completing.complete_story(connection, crowd.thread, a_story(excerpt="It was late."))


def _take_out(connection: sa.Connection, crowd: Crowd) -> None:
    threads.lock_thread(connection, crowd.thread)
    undoing.take_out(connection, SITE, crowd.thread, range(crowd.size, max(0, crowd.size - 20), -1), LATER)


READING = [
    *(Question(f"first view, {sort}", _window(sort), 17) for sort in Sort),
    *(Question(f"next window, {sort}", _window(sort, side="after"), 17) for sort in Sort),
    *(Question(f"window before, {sort}", _window(sort, side="before"), 17) for sort in Sort),
    *(Question(f"replies of one, {sort}", _window(sort, of="hub"), 17) for sort in Sort),
    *(Question(f"next replies of one, {sort}", _window(sort, of="hub", side="after"), 17) for sort in Sort),
    Question("a comment's own page", _own_page, 9),
    Question("first part of all in reading order", _first_chunk, 1),
    Question("latest comments", lambda c, crowd: windows.latest_comments(c, crowd.thread, 30), 1),
    Question("held comments", lambda c, crowd: windows.held_comments(c, crowd.thread, 15), 1),
    Question("version", lambda c, crowd: threads.version_of(c, crowd.thread), 1),
    Question("decisions on one", lambda c, crowd: decisions.decisions_on(c, crowd.thread, crowd.held), 1),
    Question("counts by page", lambda c, crowd: threads.counts_at(c, SITE, [f"harbour.example/{crowd.thread}"]), 2),
    Question("an old address", lambda c, crowd: redirects.spot_now(c, f"{crowd.thread}-once", crowd.hub), 2),
    Question("old addresses of one", lambda c, crowd: redirects.former_spots(c, crowd.thread, crowd.hub), 1),
    Question("latest reports", lambda c, _: reports.latest_reports(c, SITE, 50), 1),
    Question("look-up by page", lambda c, crowd: threads.thread_at(c, SITE, [f"harbour.example/{crowd.thread}"]), 1),
]
"""What readers and those who look after a discussion are shown."""

WRITING = [
    Question("publish a root", _publish(), 9),
    Question("publish a reply", _publish(parent=lambda crowd: crowd.hub), 11),
    Question(
        "publish a reply as somebody known", _publish(parent=lambda crowd: crowd.hub, key_hash=_key, name=_name), 10
    ),
    Question("publish what has to wait", _publish(state=State.HELD, rule="links", reason="It has many links."), 11),
    Question("publish from a form all are shown", _publish(may_be_repeated=True), 10),
    Question("publish the same again", _publish(idempotency_key=lambda crowd: attempt_of(_own(crowd))), 4),
    Question("publish the same words again", _publish(key_hash=_key, name=_name, body=a_body()), 8),
    Question("publish under a name that is taken", _publish(name=_name), 4),
    Question("edit", _edit(None), 9),
    Question("edit so that it has to wait", _edit(("links", "It has many links.")), 19),
    Question("delete", _delete, 21),
    Question("vote", _vote(b"somebody", 1), 7),
    Question("change a vote", _vote((1).to_bytes(16), -1), 7),
    Question("take a vote back", _vote((1).to_bytes(16), 0), 6),
    Question("remove one with many replies", _decide(Event.REMOVE, lambda crowd: crowd.hub), 8),
    Question("remove one without", _decide(Event.REMOVE, lambda crowd: crowd.number(0)), 11),
    Question("approve", _decide(Event.APPROVE, lambda crowd: crowd.held), 11),
    Question("reject", _decide(Event.REJECT, lambda crowd: crowd.held), 8),
    Question("mark as spam", _decide(Event.MARK_SPAM, lambda crowd: crowd.number(0)), 11),
    Question("hold", _decide(Event.HOLD, lambda crowd: crowd.number(0)), 11),
    Question("remove and restore", _decide(Event.RESTORE, lambda crowd: crowd.number(0), Event.REMOVE), 22),
    Question("remove forty at once", _step, 60),
    Question("close a discussion", lambda c, crowd: threads.set_opening(c, crowd.thread, Opening.CLOSED), 1),
    Question("report", lambda c, crowd: reports.report(c, Report(crowd.thread, crowd.hub, Reason.SPAM, "", MOMENT)), 4),
    Question("put reports away", lambda c, crowd: reports.forget_reports(c, crowd.thread, crowd.hub), 1),
    Question("count many votes", lambda c, crowd: votes.take_votes(c, crowd.thread, crowd.hub, {b"a": 1, b"b": -1}), 5),
]
"""What writers, voters and moderators do."""

IMPORTING = [
    Question("200 known records", lambda c, crowd: imports.known_records(c, SITE, _imported(crowd)), 3),
    Question("100 authors", lambda c, crowd: imports.author_numbers(c, crowd.thread, _people(crowd), _entropy), 5),
    Question("take in a branch of 20", _take_in, 14),
    Question("note a job", _job, 5),
    Question("where 100 addresses lead", _leads, 2),
    Question("200 records that may be erased", _erased, 12),
    Question("fill in what a comment lost", _complete, 10),
    Question("take out twenty", _take_out, 80),
]
"""What an import asks for each of its parts."""


@dataclass(frozen=True, slots=True)
class SiteQuestion:
    """One question, put to a publication with any number of stories."""

    name: str
    ask: Callable[[sa.Connection, str], object]
    statements: int


def _open(connection: sa.Connection, site: str) -> None:
    threads.open_thread(
        connection, id="new", site=site, story=a_story(), addresses_of_page=[f"{site}.example/new"], now=LATER
    )


def _move(connection: sa.Connection, site: str) -> None:
    threads.move_thread(connection, site, f"{site}-0000007", "https://a.example/x", "a.example/x")


PUBLISHING = [
    SiteQuestion("newest stories", lambda c, site: threads.newest_threads(c, site, 20), 1),
    SiteQuestion("liveliest threads", lambda c, site: threads.liveliest_threads(c, site, 20), 1),
    SiteQuestion("latest on a site", lambda c, site: windows.latest_on_site(c, site, 12), 13),
    SiteQuestion("a page that has no discussion", lambda c, site: threads.thread_at(c, site, ["nowhere.example"]), 1),
    SiteQuestion("a page that has one", lambda c, site: threads.thread_at(c, site, [f"{site}.example/7"]), 1),
    SiteQuestion("a thread", lambda c, site: threads.thread_by_id(c, f"{site}-0000007"), 1),
    SiteQuestion("the site", sites.site_named, 1),
    SiteQuestion("all sites", lambda c, site: sites.all_sites(c), 1),
    SiteQuestion("open a thread", _open, 3),
    SiteQuestion("move a thread to another page", _move, 5),
    SiteQuestion("change the site", lambda c, site: sites.add_site(c, a_site(site)), 1),
]
"""What is asked of a site, however many stories it has."""
