import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

from outspoken.discussion.errors import NotPossible
from outspoken.discussion.state import Actor, Event, State
from outspoken.discussion.thread import Opening
from outspoken.figures import Figures
from outspoken.store import writer as module
from outspoken.store.changes import change_state
from outspoken.store.checking import check
from outspoken.store.database import Database, open_database
from outspoken.store.publishing import publish
from outspoken.store.sealing import Entropy
from outspoken.store.submission import Receipt, Submission
from outspoken.store.threads import lock_thread, set_opening
from outspoken.store.writer import Changed, Unavailable, Work, Writer
from tests.factories import MOMENT, a_submission, open_ferry
from tests.postgres import Cluster

PATIENCE = 60
"""Seconds after which a future that isn't resolved is taken for lost."""


@pytest.fixture
def postgres(own_postgres: Database) -> Database:
    """A database of a test's own: it is told to refuse, and connections to it are cut."""
    return own_postgres


@pytest.fixture
def writer(database: Database) -> Iterator[Writer]:
    open_ferry(database)
    running = Writer(database)
    yield running
    running.close()


def publishing(submission: Submission, entropy: Entropy) -> Work[Receipt]:
    return lambda connection: publish(connection, submission, MOMENT, entropy)


def numbers(database: Database) -> list[int]:
    with database.reading() as connection:
        return list(connection.exec_driver_sql("SELECT number FROM comments ORDER BY number").scalars())


class Gate:
    """A piece of work that keeps the writer busy until it is opened, so that others gather behind it."""

    def __init__(self, writer: Writer) -> None:
        self.is_reached, self.is_open = threading.Event(), threading.Event()
        self.answer: Future[None] = writer.submit("gate", self._wait)
        assert self.is_reached.wait(PATIENCE)

    def _wait(self, connection: sa.Connection) -> None:
        self.is_reached.set()
        assert self.is_open.wait(PATIENCE)


def test_whoever_has_an_answer_has_it_from_disk(database: Database, writer: Writer, entropy: Entropy) -> None:
    for expected in range(1, 11):
        receipt = writer.submit("ferry", publishing(a_submission(), entropy)).result(PATIENCE)

        assert receipt.number == expected
        assert numbers(database)[-1] == expected


def test_what_waits_is_committed_together_and_nobody_is_answered_before(
    database: Database, writer: Writer, entropy: Entropy
) -> None:
    gate = Gate(writer)
    answers = [writer.submit("ferry", publishing(a_submission(), entropy)) for _ in range(40)]
    answered_early = threading.Event()
    last: Future[None] = writer.submit(
        "zzz", lambda _: answered_early.set() if any(answer.done() for answer in answers) or numbers(database) else None
    )
    assert writer.depth == 41

    gate.is_open.set()

    assert [answer.result(PATIENCE).number for answer in answers] == list(range(1, 41))
    last.result(PATIENCE)
    assert not answered_early.is_set()
    assert numbers(database) == list(range(1, 41))


def test_a_transaction_waits_for_who_is_on_the_way_and_not_when_nobody_is(sqlite: Database, entropy: Entropy) -> None:
    open_ferry(sqlite)
    on_the_way: list[Submission] = []
    figures = Figures()
    answers: list[Future[Receipt]] = []

    def coming() -> int:
        if on_the_way:
            answers.append(writer.submit("ferry", publishing(on_the_way.pop(), entropy)))
        return len(on_the_way)

    writer = Writer(sqlite, figures=figures, coming=coming, gathering=PATIENCE)
    try:
        writer.submit("ferry", publishing(a_submission(), entropy)).result(PATIENCE)
        assert figures.commits.seconds > 0
        alone = sum(figures.commits.counts)

        on_the_way.extend(a_submission() for _ in range(3))
        answers.append(writer.submit("ferry", publishing(a_submission(), entropy)))
        while len(answers) < 4:
            time.sleep(0.001)
        assert sorted(answer.result(PATIENCE).number for answer in answers) == [2, 3, 4, 5]
    finally:
        writer.close()

    assert alone == 1
    assert sum(figures.commits.counts) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        "INSERT INTO nowhere VALUES (1)",
        "INSERT INTO sites (name) VALUES ('half')",
        "SELECT this is not SQL",
        "INSERT INTO keys (thread, number, key) SELECT thread, number, key FROM keys",
    ],
)
def test_one_bad_piece_does_not_fail_its_neighbours(
    database: Database, writer: Writer, entropy: Entropy, wrong: str
) -> None:
    gate = Gate(writer)
    before = writer.submit("ferry", publishing(a_submission(), entropy))
    bad: Future[object] = writer.submit("ferry", lambda connection: connection.exec_driver_sql(wrong))
    refused = writer.submit("ferry", publishing(a_submission(parent=99), entropy))
    after = writer.submit("ferry", publishing(a_submission(), entropy))

    gate.is_open.set()

    assert [before.result(PATIENCE).number, after.result(PATIENCE).number] == [1, 2]
    with pytest.raises(sa.exc.DBAPIError):
        bad.result(PATIENCE)
    with pytest.raises(Exception, match="does not exist"):
        refused.result(PATIENCE)
    assert numbers(database) == [1, 2]
    assert list(check(database)) == []


def test_a_piece_that_fails_half_way_leaves_nothing(database: Database, writer: Writer, entropy: Entropy) -> None:
    def half(connection: sa.Connection) -> None:
        publish(connection, a_submission(), MOMENT, entropy)
        raise NotPossible("changed my mind")

    with pytest.raises(NotPossible, match="changed my mind"):
        writer.submit("ferry", half).result(PATIENCE)
    assert writer.submit("ferry", publishing(a_submission(), entropy)).result(PATIENCE).number == 1


def test_an_answer_that_nobody_waits_for_any_more_is_not_worked_for(
    database: Database, writer: Writer, entropy: Entropy
) -> None:
    gate = Gate(writer)
    cancelled = writer.submit("ferry", publishing(a_submission(), entropy))
    kept = writer.submit("ferry", publishing(a_submission(), entropy))

    assert cancelled.cancel()
    gate.is_open.set()

    assert kept.result(PATIENCE).number == 1
    with pytest.raises(CancelledError):
        cancelled.result(PATIENCE)
    assert numbers(database) == [1]


def test_closing_finishes_what_waits_and_takes_nothing_more(database: Database, entropy: Entropy) -> None:
    open_ferry(database)
    writer = Writer(database)
    gate = Gate(writer)
    answers = [writer.submit("ferry", publishing(a_submission(), entropy)) for _ in range(20)]
    more = [writer.submit("ferry", lambda _, turn=turn: turn) for turn in range(600)]  # type: ignore[misc]
    threading.Timer(0.1, gate.is_open.set).start()

    writer.close()
    writer.close()

    assert [answer.result(0).number for answer in answers] == list(range(1, 21))
    assert [answer.result(0) for answer in more] == list(range(600))
    with pytest.raises(Unavailable, match="stopping"):
        writer.submit("ferry", publishing(a_submission(), entropy))


def test_what_is_handed_in_while_the_writer_closes_is_answered_or_refused(sqlite: Database) -> None:
    for _ in range(20):
        writer = Writer(sqlite)
        answers: list[Future[None]] = []
        is_closing = threading.Event()

        def hand_in(
            writer: Writer = writer,
            answers: list[Future[None]] = answers,
            is_closing: threading.Event = is_closing,
        ) -> None:
            try:
                while True:
                    answers.append(writer.submit("ferry", lambda _: None))
                    is_closing.set()
            except Unavailable:
                pass

        sender = threading.Thread(target=hand_in)
        sender.start()
        is_closing.wait(PATIENCE)
        writer.close()
        sender.join()

        for answer in answers:
            answer.result(PATIENCE)


def test_a_full_queue_says_so(database: Database, writer: Writer) -> None:
    gate = Gate(writer)
    try:
        for _ in range(module._PIECES):
            writer.submit("ferry", lambda _: None)
        with pytest.raises(Unavailable, match="Too many people"):
            writer.submit("ferry", lambda _: None)
    finally:
        gate.is_open.set()


def test_what_waits_is_bounded_in_bytes_too(sqlite: Database) -> None:
    writer = Writer(sqlite)
    gate = Gate(writer)
    try:
        writer.submit("ferry", lambda _: None, size=module._BYTES - 10)
        with pytest.raises(Unavailable, match="Too many people"):
            writer.submit("ferry", lambda _: None, size=11)
        writer.submit("ferry", lambda _: None, size=10)
        assert (writer.depth, writer.bytes) == (2, module._BYTES)
    finally:
        gate.is_open.set()
        writer.close()

    assert (writer.depth, writer.bytes) == (0, 0)


def test_what_hides_something_is_taken_in_when_the_queue_is_full_for_everybody_else(sqlite: Database) -> None:
    writer = Writer(sqlite)
    gate = Gate(writer)
    try:
        for _ in range(module._PIECES):
            writer.submit("ferry", lambda _: None)
        with pytest.raises(Unavailable):
            writer.submit("ferry", lambda _: None)
        hidden = writer.submit_change("ferry", lambda _: "hidden")
    finally:
        gate.is_open.set()

    assert hidden.result(PATIENCE) == "hidden"
    writer.close()


def test_readers_are_told_apart_what_was_added_and_what_was_altered(sqlite: Database) -> None:
    told: list[Changed] = []
    writer = Writer(sqlite, told.append)
    gate = Gate(writer)
    writer.submit("ferry", lambda _: None)
    writer.submit("bridge", lambda _: None)
    writer.submit_change("bridge", lambda _: None)
    gate.is_open.set()
    writer.close()

    assert told[-1] == Changed(added=frozenset({"ferry"}), altered=frozenset({"bridge"}))


def test_threads_are_announced_after_they_are_on_disk_and_before_anybody_is_answered(
    database: Database, entropy: Entropy
) -> None:
    open_ferry(database)
    open_ferry(database, "bridge")
    answers: list[Future[Receipt]] = []
    told: list[tuple[frozenset[str], list[int], list[bool]]] = []
    writer = Writer(
        database,
        lambda changed: told.append((changed.added, numbers(database), [answer.done() for answer in answers])),
    )
    gate = Gate(writer)
    answers.append(writer.submit("ferry", publishing(a_submission(), entropy)))
    answers.append(writer.submit("bridge", publishing(a_submission("bridge"), entropy)))

    gate.is_open.set()
    writer.close()

    assert told[0][0] == {"gate"}
    assert told[1:] == [({"ferry", "bridge"}, [1, 1], [False, False])]


def test_the_writer_outlives_an_announcement_that_fails(database: Database, entropy: Entropy) -> None:
    open_ferry(database)

    def fail(_: Changed) -> None:
        raise LookupError("nobody listens")

    writer = Writer(database, fail)
    receipts = [writer.submit("ferry", publishing(a_submission(), entropy)).result(PATIENCE) for _ in range(2)]
    writer.close()

    assert [receipt.number for receipt in receipts] == [1, 2]


def test_a_database_that_is_gone_is_told_to_everybody_and_the_writer_goes_on(sqlite: Database) -> None:
    # Another program holds the file; SQLite's patience is shortened so that the test need not wait for it.
    with sqlite.writing() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=50")
    writer = Writer(sqlite)

    other = sqlite3.connect(str(sqlite.file), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    answers = [writer.submit(thread, lambda _: None) for thread in ("one", "two")]
    for answer in answers:
        with pytest.raises(Unavailable, match="Nothing of it is lost"):
            answer.result(PATIENCE)
    other.execute("ROLLBACK")
    other.close()

    assert writer.submit("one", lambda _: 7).result(PATIENCE) == 7
    writer.close()


def test_a_full_disk_fails_the_whole_transaction_and_not_half_of_it(sqlite: Database, entropy: Entropy) -> None:
    open_ferry(sqlite)
    with sqlite.writing() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")
    writer = Writer(sqlite)
    gate = Gate(writer)
    answers = [writer.submit("ferry", publishing(a_submission(), entropy)) for _ in range(200)]
    gate.is_open.set()

    for answer in answers:
        with pytest.raises(Unavailable):
            answer.result(PATIENCE)
    writer.close()

    assert numbers(sqlite) == []
    assert list(check(sqlite)) == []


@pytest.mark.postgres
def test_a_connection_that_is_cut_while_it_writes_is_made_anew_and_the_work_done_once(
    postgres: Database, cluster: Cluster, entropy: Entropy
) -> None:
    open_ferry(postgres)
    writer = Writer(postgres)
    attempts = []

    def cut(connection: sa.Connection) -> Receipt:
        attempts.append(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
        if len(attempts) == 1:
            publish(connection, a_submission(), MOMENT, entropy)
            cluster.execute(f"SELECT pg_terminate_backend({attempts[0]}, 10000)")
        return publish(connection, a_submission(), MOMENT, entropy)

    gate = Gate(writer)
    neighbour = writer.submit("ferry", publishing(a_submission(), entropy))
    answer = writer.submit("ferry", cut)
    gate.is_open.set()

    assert (neighbour.result(PATIENCE).number, answer.result(PATIENCE).number) == (1, 2)
    writer.close()
    assert len(attempts) == len(set(attempts)) == 2
    assert numbers(postgres) == [1, 2]


@pytest.mark.postgres
def test_a_deadlock_that_chose_us_is_tried_again(postgres: Database) -> None:
    open_ferry(postgres)
    open_ferry(postgres, "bridge")
    writer = Writer(postgres)
    has_first, they_wait, they_are_done, attempts = threading.Event(), threading.Event(), threading.Event(), []

    def ours(connection: sa.Connection) -> None:
        attempts.append(1)
        if len(attempts) > 1:
            # The row that was given up is free for whoever is faster: tried again at once, it may be ours once more.
            assert they_are_done.wait(PATIENCE)
        connection.exec_driver_sql("SET LOCAL deadlock_timeout = '50ms'")
        set_opening(connection, "ferry", Opening.CLOSED)
        if len(attempts) == 1:
            has_first.set()
            assert they_wait.wait(PATIENCE)
        set_opening(connection, "bridge", Opening.CLOSED)

    answer = writer.submit("ferry", ours)
    with postgres.writing() as connection:
        connection.exec_driver_sql("SET LOCAL deadlock_timeout = '30min'")
        set_opening(connection, "bridge", Opening.READ_ONLY)
        assert has_first.wait(PATIENCE)
        they_wait.set()
        set_opening(connection, "ferry", Opening.READ_ONLY)
    they_are_done.set()
    answer.result(PATIENCE)
    writer.close()

    assert len(attempts) == 2


@pytest.mark.postgres
def test_a_server_that_stays_away_is_told_after_a_few_attempts(postgres: Database, cluster: Cluster) -> None:
    writer = Writer(postgres)
    attempts = []

    def cut(connection: sa.Connection) -> None:
        attempts.append(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
        cluster.execute(f"SELECT pg_terminate_backend({attempts[-1]}, 10000)")
        connection.exec_driver_sql("SELECT 1")

    with pytest.raises(Unavailable):
        writer.submit("ferry", cut).result(PATIENCE)
    assert writer.submit("ferry", lambda _: 7).result(PATIENCE) == 7
    writer.close()

    assert len(attempts) == module._ATTEMPTS


def wait_until_waiting(cluster: Cluster, database: Database, count: int) -> None:
    """Return when that many connections wait for a lock."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = "
    for _ in range(PATIENCE * 50):
        if cluster.execute(f"{query}'{database.url.database}'")[0][0] == count:
            return
        time.sleep(0.02)
    raise AssertionError("nobody waits")


@pytest.mark.postgres
def test_the_same_attempt_in_two_processes_at_once_is_taken_once(
    postgres: Database, cluster: Cluster, entropy: Entropy
) -> None:
    open_ferry(postgres)
    others = [open_database(Path("/nowhere"), cluster.url(str(postgres.url.database))) for _ in range(2)]
    writers = [Writer(other) for other in others]
    submission = a_submission()

    with postgres.writing() as connection:
        lock_thread(connection, "ferry")
        answers = [writer.submit("ferry", publishing(submission, entropy)) for writer in writers]
        wait_until_waiting(cluster, postgres, 2)
    receipts = [answer.result(PATIENCE) for answer in answers]
    for writer, other in zip(writers, others, strict=True):
        writer.close()
        other.close()

    assert sorted(receipt.is_duplicate for receipt in receipts) == [False, True]
    assert numbers(postgres) == [1]


@pytest.mark.postgres
def test_a_moderator_and_a_writer_lock_in_the_same_order(
    postgres: Database, cluster: Cluster, entropy: Entropy
) -> None:
    open_ferry(postgres)
    with postgres.writing() as connection:
        publish(connection, a_submission(), MOMENT, entropy)
    moderator = Writer(postgres)
    attempts = []

    def hold(connection: sa.Connection) -> State:
        attempts.append(1)
        return change_state(*(connection, "ferry", 1, Event.HOLD, Actor.MODERATOR), rule="", reason="", now=MOMENT)

    with postgres.writing() as connection:
        lock_thread(connection, "ferry")
        answer = moderator.submit("ferry", hold)
        wait_until_waiting(cluster, postgres, 1)
        publish(connection, a_submission(parent=1), MOMENT, entropy)

    assert answer.result(PATIENCE) is State.HELD
    moderator.close()
    assert len(attempts) == 1
    assert list(check(postgres)) == []


@pytest.mark.postgres
def test_many_processes_in_many_threads_never_wait_for_each_other_for_ever(
    postgres: Database, entropy: Entropy
) -> None:

    open_ferry(postgres)
    with postgres.writing() as connection:
        for parent in (0, 1, 2):
            publish(connection, a_submission(parent=parent), MOMENT, entropy)
    others = [open_database(Path("/nowhere"), postgres.url.render_as_string(hide_password=False)) for _ in range(3)]
    writers = [Writer(other) for other in others]
    answers: list[Future[object]] = []
    for turn in range(60):
        for at, writer in enumerate(writers):
            if at == 0:
                event = Event.REMOVE if turn % 2 == 0 else Event.RESTORE
                answers.append(
                    writer.submit(
                        "ferry",
                        lambda connection, event=event: change_state(  # type: ignore[misc]
                            *(connection, "ferry", 3, event, Actor.MODERATOR), rule="", reason="", now=MOMENT
                        ),
                    )
                )
            else:
                answers.append(writer.submit("ferry", publishing(a_submission(parent=2), entropy)))
    for answer in answers:
        answer.result(PATIENCE)
    for writer, other in zip(writers, others, strict=True):
        writer.close()
        other.close()

    assert numbers(postgres) == list(range(1, 124))
    assert list(check(postgres)) == []


@pytest.mark.postgres
def test_a_server_that_turns_read_only_is_unavailable_until_it_turns_back(postgres: Database, entropy: Entropy) -> None:
    open_ferry(postgres)
    writer = Writer(postgres)
    writer.submit("ferry", publishing(a_submission(), entropy)).result(PATIENCE)
    try:
        _turn_read_only(postgres, "on")
        with pytest.raises(Unavailable, match="can't be saved at the moment"):
            _write_on(writer, entropy)
    finally:
        _turn_read_only(postgres, "off")
    written = None
    while written is None:
        with suppress(Unavailable):
            written = writer.submit("ferry", publishing(a_submission(), entropy)).result(PATIENCE)
    writer.close()

    assert numbers(postgres) == list(range(1, written.number + 1))


def _write_on(writer: Writer, entropy: Entropy) -> None:
    """Write until it fails: a setting reaches a session only after a while."""
    while True:
        writer.submit("ferry", publishing(a_submission(), entropy)).result(PATIENCE)


def _turn_read_only(database: Database, state: str) -> None:
    database.maintain(f"ALTER SYSTEM SET default_transaction_read_only = {state}")
    database.maintain("SELECT pg_reload_conf()")
