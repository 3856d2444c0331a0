"""Every invariant of the stored data, verified. Each finding is one line that names where it is."""

from collections.abc import Iterator

import sqlalchemy as sa

from outspoken.discussion.order import best_rank, controversial_rank
from outspoken.discussion.place import Place, root
from outspoken.discussion.state import WITH_TEXT, State
from outspoken.store.database import Database
from outspoken.store.rows import Row
from outspoken.store.sealing import Damaged, unseal
from outspoken.store.tables import (
    addresses,
    authors,
    bodies,
    comments,
    contacts,
    decisions,
    job_threads,
    joinings,
    keys,
    ledger,
    provenance,
    redirects,
    reports,
    sites,
    threads,
    votes,
)
from outspoken.text.markup import Markup
from outspoken.text.render import RENDERER, render

_CHUNK = 1_000
_STATES = frozenset(state.value for state in State)


def check(database: Database) -> Iterator[str]:
    """Yield what is wrong: in the file, in threads, in comments, in texts, and rows that belong to nothing."""
    with database.reading() as connection:
        if database.is_sqlite:
            yield from _file(connection)
        for thread in connection.execute(threads.select().order_by(threads.c.id)).all():
            yield from _thread(connection, thread)
        yield from _orphans(connection)
        yield from _moved(connection)


def _file(connection: sa.Connection) -> Iterator[str]:
    for (line,) in connection.exec_driver_sql("PRAGMA integrity_check"):
        if line != "ok":
            yield f"file: {line}"


def _thread(connection: sa.Connection, thread: Row) -> Iterator[str]:
    where = f"thread {thread.id}"
    places: dict[int, tuple[Place, int]] = {}
    shown_replies: dict[int, int] = {}
    facts: list[tuple[int, int, int, bool, str]] = []
    published = last = 0
    kept_votes = _kept_votes(connection, thread.id)
    decided = _decided(connection, thread.id)
    for row in _comments(connection, thread.id):
        last = row.number
        published += row.state == State.PUBLISHED.value
        facts.append((row.number, row.parent, row.replies, row.shown, row.state))
        if row.shown:
            shown_replies[row.parent] = shown_replies.get(row.parent, 0) + 1
        yield from _place(where, row, places)
        yield from _votes(where, row, kept_votes)
        if decided.get(row.number, row.state) != row.state:
            yield f"{where}, comment {row.number}: is {row.state}, but was decided to be {decided[row.number]}"
        yield from _text(where, row)
    for number, _, replies, shown, state in facts:
        counted = shown_replies.get(number, 0)
        if replies != counted:
            yield f"{where}, comment {number}: counts {replies} replies, {counted} are shown"
        if shown != (state == State.PUBLISHED.value or counted > 0):
            yield f"{where}, comment {number}: is {state}, yet {'shown' if shown else 'not shown'}"
    if thread.comments != published:
        yield f"{where}: counts {thread.comments} comments, {published} are published"
    last_author = connection.execute(
        sa.select(sa.func.max(authors.c.number)).where(authors.c.thread == thread.id)
    ).scalar()
    if thread.last_author < (last_author or 0):
        yield f"{where}: gave out author {thread.last_author}, but has an author {last_author}"
    if thread.last_number < last:
        yield f"{where}: gave out number {thread.last_number}, but has a comment {last}"


def _comments(connection: sa.Connection, thread: str) -> Iterator[Row]:
    last = 0
    query = (
        sa.select(comments, bodies.c.renderer, bodies.c.sealed, keys.c.key, authors.c.number.label("author_row"))
        .outerjoin(bodies, (bodies.c.thread == comments.c.thread) & (bodies.c.number == comments.c.number))
        .outerjoin(keys, (keys.c.thread == comments.c.thread) & (keys.c.number == comments.c.number))
        .outerjoin(authors, (authors.c.thread == comments.c.thread) & (authors.c.number == comments.c.author))
        .where(comments.c.thread == thread)
        .order_by(comments.c.number)
        .limit(_CHUNK)
    )
    while rows := connection.execute(query.where(comments.c.number > last)).all():
        yield from rows
        last = rows[-1].number


def _place(where: str, row: Row, places: dict[int, tuple[Place, int]]) -> Iterator[str]:
    if row.state not in _STATES:
        yield f"{where}, comment {row.number}: has the unknown state {row.state}"
    place, depth = Place(row.trunk, row.path), row.depth
    if not row.parent:
        expected = (root(row.number), 0)
    elif row.parent in places:
        above, depth_above = places[row.parent]
        expected = (above.below(row.number), depth_above + 1)
    else:
        yield f"{where}, comment {row.number}: replies to {row.parent}, which isn't there or came later"
        expected = (place, depth)
    if (place, depth) != expected:
        yield f"{where}, comment {row.number}: doesn't stand below its parent {row.parent}"
    places[row.number] = (place, depth)


def _votes(where: str, row: Row, kept: dict[tuple[int, int], int]) -> Iterator[str]:
    if row.best_rank != best_rank(row.up, row.down) or row.controversial_rank != controversial_rank(row.up, row.down):
        yield f"{where}, comment {row.number}: has a rank that its votes don't give"
    # Votes are forgotten after a while and only counts remain, so there may be fewer rows, never more.
    if kept.get((row.number, 1), 0) > row.up or kept.get((row.number, -1), 0) > row.down:
        yield f"{where}, comment {row.number}: has more votes kept than counted"


def _kept_votes(connection: sa.Connection, thread: str) -> dict[tuple[int, int], int]:
    rows = connection.execute(
        sa.select(votes.c.number, votes.c.value, sa.func.count().label("kept"))
        .where(votes.c.thread == thread)
        .group_by(votes.c.number, votes.c.value)
    )
    return {(row.number, row.value): row.kept for row in rows}


def _decided(connection: sa.Connection, thread: str) -> dict[int, str]:
    """Return the state that the latest decision on each comment of a thread led to."""
    rows = connection.execute(
        sa.select(decisions.c.number, decisions.c.after)
        .where(decisions.c.thread == thread)
        .order_by(decisions.c.number, decisions.c.sequence)
    )
    return {row.number: row.after for row in rows}


def _text(where: str, row: Row) -> Iterator[str]:
    at = f"{where}, comment {row.number}"
    if row.author is not None and row.author_row is None:
        yield f"{at}: names author {row.author}, who isn't there"
    if row.state == State.DELETED.value:
        kept = (row.sealed, row.key, row.author, row.created, row.edited, row.quotes, row.origin, row.submission)
        if any(value is not None for value in kept) or row.up or row.down:
            yield f"{at}: is deleted, but something of it was kept"
        return
    if (row.sealed is None) != (row.key is None):
        yield f"{at}: has a text without a key, or a key without a text"
    if row.sealed is None and row.state == State.PUBLISHED.value:
        yield f"{at}: is published without a text"
    if row.sealed is None or row.key is None:
        return
    try:
        body = unseal(row.sealed, row.key, row.renderer, row.thread, row.number)
    except Damaged as damaged:
        yield f"{at}: {damaged}"
        return
    if body.renderer != RENDERER:
        yield f"{at}: was rendered by version {body.renderer}, this program has {RENDERER}"
    elif render(body.source, Markup(body.markup)) != body.html:
        yield f"{at}: its HTML isn't what its source gives"


def _orphans(connection: sa.Connection) -> Iterator[str]:
    for table in (bodies, keys, votes, decisions, provenance, ledger, reports, contacts):
        missing = (
            sa.select(table.c.thread, table.c.number)
            .outerjoin(comments, (comments.c.thread == table.c.thread) & (comments.c.number == table.c.number))
            .where(comments.c.number.is_(None))
        )
        for thread, number in connection.execute(missing):
            yield f"{table.name}: a row of thread {thread}, comment {number}, which isn't there"
    for table, what in ((reports, "reports of it were"), (contacts, "an e-mail was")):
        kept = (
            sa.select(table.c.thread, table.c.number)
            .distinct()
            .join(comments, (comments.c.thread == table.c.thread) & (comments.c.number == table.c.number))
            .where(comments.c.state == State.DELETED.value)
        )
        for thread, number in connection.execute(kept):
            yield f"thread {thread}, comment {number}: is deleted, but {what} kept"
    erased = sa.select(ledger.c.thread, ledger.c.number, comments.c.state).join(
        comments, (comments.c.thread == ledger.c.thread) & (comments.c.number == ledger.c.number)
    )
    is_there = comments.c.state.in_([state.value for state in WITH_TEXT])
    for thread, number, state in connection.execute(erased.where(is_there)):
        yield f"ledger: comment {number} of thread {thread} was erased for good, but is {state}"
    for table in (comments, authors, addresses, job_threads):
        lost = sa.select(table.c.thread).distinct().outerjoin(threads, threads.c.id == table.c.thread)
        for (thread,) in connection.execute(lost.where(threads.c.id.is_(None))):
            yield f"{table.name}: rows of thread {thread}, which isn't there"
    homeless = sa.select(threads.c.id, threads.c.site).outerjoin(sites, sites.c.name == threads.c.site)
    for thread, site in connection.execute(homeless.where(sites.c.name.is_(None))):
        yield f"threads: thread {thread} belongs to site {site}, which isn't there"
    unused = (
        sa.select(authors.c.thread, authors.c.number)
        .outerjoin(comments, (comments.c.thread == authors.c.thread) & (comments.c.author == authors.c.number))
        .where(comments.c.number.is_(None))
    )
    for thread, number in connection.execute(unused):
        yield f"authors: author {number} of thread {thread} has written nothing that is left"


def _moved(connection: sa.Connection) -> Iterator[str]:
    """Look where old addresses lead, and for what was begun and isn't done: meanwhile comments may stand twice."""
    begun = {row.origin: row for row in connection.execute(joinings.select().order_by(joinings.c.origin))}
    for row in begun.values():
        yield f"thread {row.origin}: is on its way into {row.target}; “outspoken threads resume” finishes it"
    leaving = sa.select(threads.c.id).where(threads.c.leaving.is_not(None))
    for id in connection.execute(leaving.order_by(threads.c.id)).scalars():
        if id not in begun:
            yield f"thread {id}: nobody can write in it, though it isn't on its way into another"
    led = (
        sa.select(redirects, comments.c.number.label("comment"), threads.c.id.label("led_to"))
        .outerjoin(comments, (comments.c.thread == redirects.c.thread) & (comments.c.number == redirects.c.number))
        .outerjoin(threads, threads.c.id == redirects.c.thread)
    )
    for row in connection.execute(led):
        if row.led_to is None or bool(row.number) != bool(row.was_number) or (row.number and row.comment is None):
            yield f"redirects: {row.was}/{row.was_number} leads to {row.thread}/{row.number}, which isn't there"
    for query in (
        sa.select(redirects).join(threads, threads.c.id == redirects.c.was).where(redirects.c.was_number == 0),
        sa.select(redirects).join(
            comments, (comments.c.thread == redirects.c.was) & (comments.c.number == redirects.c.was_number)
        ),
    ):
        for row in connection.execute(query):
            if row.was not in begun:
                yield f"redirects: {row.was}/{row.was_number} leads elsewhere, but is there"
