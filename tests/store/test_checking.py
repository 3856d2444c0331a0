import pytest
import sqlalchemy as sa

from outspoken.discussion.state import State
from outspoken.store.changes import delete
from outspoken.store.checking import check
from outspoken.store.database import Database
from outspoken.store.imports import author_numbers
from outspoken.store.loading import take_in
from outspoken.store.sealing import Entropy, seal
from outspoken.store.votes import Ballot, vote
from tests.factories import MOMENT, a_body, a_submission, an_arrival, open_ferry, say

KEY = b"k" * 32


@pytest.fixture
def lively(database: Database, entropy: Entropy) -> Database:
    """A thread with everything in it: replies, a held comment, a tombstone, votes, something imported."""
    open_ferry(database)
    say(
        *(database, entropy),
        a_submission(name="Greta", key_hash=KEY),
        a_submission(parent=1),
        a_submission(parent=2),
        a_submission(state=State.HELD, rule="links"),
        a_submission(),
    )
    with database.writing() as connection:
        delete(connection, "ferry", 1, key_hash=KEY, now=MOMENT)
        for voter, value in ((b"a", 1), (b"b", 1), (b"c", -1)):
            vote(connection, Ballot("ferry", 2, voter, None, value))
        people = author_numbers(connection, "ferry", [("Jo", None)], entropy)
        take_in(
            *(connection, "ferry", [an_arrival(6, author=people["Jo", None])]),
            site="harbour",
            format="example",
            job="j",
            entropy=entropy,
        )
    return database


def broken_by(database: Database, *statements: str, **values: object) -> list[str]:
    with database.writing() as connection:
        for statement in statements:
            connection.execute(sa.text(statement), values)
    return list(check(database))


def test_nothing_is_wrong_with_a_lively_thread(lively: Database) -> None:
    assert list(check(lively)) == []


def test_nothing_is_wrong_with_an_empty_database(database: Database) -> None:
    assert list(check(database)) == []


BREAKS = {
    "a wrong path": (
        "UPDATE comments SET path = (SELECT path FROM comments WHERE number = 5), trunk = 9 WHERE number = 3",
        "comment 3: doesn't stand below its parent 2",
    ),
    "a wrong depth": ("UPDATE comments SET depth = 7 WHERE number = 3", "comment 3: doesn't stand below its parent 2"),
    "a wrong trunk": ("UPDATE comments SET trunk = 1 WHERE number = 5", "comment 5: doesn't stand below its parent 0"),
    "a parent that isn't there": (
        "UPDATE comments SET parent = 77 WHERE number = 5",
        "comment 5: replies to 77, which isn't there or came later",
    ),
    "a parent that came later": (
        "UPDATE comments SET parent = 5 WHERE number = 3",
        "comment 3: replies to 5, which isn't there or came later",
    ),
    "an unknown state": ("UPDATE comments SET state = 'odd' WHERE number = 5", "comment 5: has the unknown state odd"),
    "a wrong count of replies": (
        "UPDATE comments SET replies = 4 WHERE number = 2",
        "comment 2: counts 4 replies, 1 are shown",
    ),
    "a published comment that isn't shown": (
        "UPDATE comments SET shown = false WHERE number = 5",
        "comment 5: is published, yet not shown",
    ),
    "a held comment that is shown": (
        "UPDATE comments SET shown = true WHERE number = 4",
        "comment 4: is held, yet shown",
    ),
    "a wrong count of comments": (
        "UPDATE threads SET comments = 40",
        "thread ferry: counts 40 comments, 4 are published",
    ),
    "a number that will be given twice": (
        "UPDATE threads SET last_number = 5",
        "thread ferry: gave out number 5, but has a comment 6",
    ),
    "an author's number that will be given twice": (
        "UPDATE threads SET last_author = 2",
        "thread ferry: gave out author 2, but has an author 6",
    ),
    "a wrong best rank": (
        "UPDATE comments SET best_rank = 1 WHERE number = 2",
        "comment 2: has a rank that its votes don't give",
    ),
    "a wrong controversial rank": (
        "UPDATE comments SET controversial_rank = 1 WHERE number = 5",
        "comment 5: has a rank that its votes don't give",
    ),
    "an erased comment that came back": (
        "INSERT INTO ledger (site, digest, thread, number) SELECT 'harbour', key, 'ferry', 2 FROM keys"
        " WHERE number = 2",
        "ledger: comment 2 of thread ferry was erased for good, but is published",
    ),
    "an import into no thread": (
        "INSERT INTO job_threads (site, job, thread, opened) VALUES ('harbour', 'job', 'nowhere', true)",
        "job_threads: rows of thread nowhere, which isn't there",
    ),
    "a vote for that wasn't counted": (
        "INSERT INTO votes (thread, number, voter, value) SELECT 'ferry', 5, voter, 1 FROM votes WHERE value = -1",
        "comment 5: has more votes kept than counted",
    ),
    "a vote against that wasn't counted": (
        "INSERT INTO votes (thread, number, voter, value) SELECT 'ferry', 5, voter, -1 FROM votes WHERE value = -1",
        "comment 5: has more votes kept than counted",
    ),
    "a state that wasn't decided": (
        "UPDATE comments SET state = 'spam' WHERE number = 4",
        "comment 4: is spam, but was decided to be held",
    ),
    "an author who isn't there": (
        "UPDATE comments SET author = 55 WHERE number = 5",
        "comment 5: names author 55, who isn't there",
    ),
    "a deleted comment that kept its time": (
        "UPDATE comments SET created = 1 WHERE number = 1",
        "comment 1: is deleted, but something of it was kept",
    ),
    "a deleted comment that kept its author": (
        "UPDATE comments SET author = 2 WHERE number = 1",
        "comment 1: is deleted, but something of it was kept",
    ),
    "a deleted comment that kept a key": (
        "INSERT INTO keys (thread, number, key) SELECT thread, 1, key FROM keys WHERE number = 2",
        "comment 1: is deleted, but something of it was kept",
    ),
    "a text without a key": (
        "DELETE FROM keys WHERE number = 5",
        "comment 5: has a text without a key, or a key without a text",
    ),
    "a key without a text": (
        "DELETE FROM bodies WHERE number = 4",
        "comment 4: has a text without a key, or a key without a text",
    ),
    "a published comment without a text": (
        "DELETE FROM bodies WHERE number = 5",
        "comment 5: is published without a text",
    ),
    "a text in another's place": (
        "UPDATE bodies SET sealed = (SELECT sealed FROM bodies WHERE number = 2) WHERE number = 5",
        "comment 5: the text of ferry/5 can't be opened",
    ),
    "a key in another's place": (
        "UPDATE keys SET key = (SELECT key FROM keys WHERE number = 2) WHERE number = 5",
        "comment 5: the text of ferry/5 can't be opened",
    ),
    "a text of a newer renderer": (
        "UPDATE bodies SET renderer = 99 WHERE number = 5",
        "comment 5: was rendered by version 99, this program has 1",
    ),
    "a text that belongs to nothing": (
        "UPDATE bodies SET number = 77 WHERE number = 5",
        "bodies: a row of thread ferry, comment 77, which isn't there",
    ),
    "a key that belongs to nothing": (
        "UPDATE keys SET number = 77 WHERE number = 5",
        "keys: a row of thread ferry, comment 77, which isn't there",
    ),
    "a vote that belongs to nothing": (
        "UPDATE votes SET number = 77",
        "votes: a row of thread ferry, comment 77, which isn't there",
    ),
    "a decision that belongs to nothing": (
        "UPDATE decisions SET number = 77 WHERE number = 4",
        "decisions: a row of thread ferry, comment 77, which isn't there",
    ),
    "provenance that belongs to nothing": (
        "UPDATE provenance SET number = 77",
        "provenance: a row of thread ferry, comment 77, which isn't there",
    ),
    "comments of a thread that isn't there": (
        "DELETE FROM threads",
        "comments: rows of thread ferry, which isn't there",
    ),
    "authors of a thread that isn't there": ("DELETE FROM threads", "authors: rows of thread ferry, which isn't there"),
    "addresses of a thread that isn't there": (
        "UPDATE addresses SET thread = 'gone'",
        "addresses: rows of thread gone, which isn't there",
    ),
    "a thread of a site that isn't there": (
        "DELETE FROM sites",
        "threads: thread ferry belongs to site harbour, which isn't there",
    ),
    "an author of nothing": (
        "UPDATE authors SET number = 55 WHERE number = 6",
        "authors: author 55 of thread ferry has written nothing that is left",
    ),
}


@pytest.mark.parametrize(("statement", "finding"), BREAKS.values(), ids=BREAKS.keys())
def test_whatever_is_broken_by_hand_is_found(lively: Database, statement: str, finding: str) -> None:
    found = broken_by(lively, statement)

    assert any(finding in line for line in found), found


def test_html_that_its_source_does_not_give_is_found(lively: Database, entropy: Entropy) -> None:
    body = a_body("Words.")
    forged = seal(type(body)(body.source, body.markup, "<p>Other words.</p>", body.renderer), "ferry", 5, entropy)

    found = broken_by(
        lively,
        "UPDATE bodies SET sealed = :sealed WHERE number = 5",
        "UPDATE keys SET key = :key WHERE number = 5",
        sealed=forged.sealed,
        key=forged.key,
    )

    assert found == ["thread ferry, comment 5: its HTML isn't what its source gives"]


def test_one_flipped_bit_in_a_text_is_found(lively: Database) -> None:
    with lively.writing() as connection:
        sealed = bytearray(connection.exec_driver_sql("SELECT sealed FROM bodies WHERE number = 5").scalar_one())
    sealed[20] ^= 1

    found = broken_by(lively, "UPDATE bodies SET sealed = :sealed WHERE number = 5", sealed=bytes(sealed))

    assert found == ["thread ferry, comment 5: the text of ferry/5 can't be opened"]


def test_a_vote_that_was_forgotten_is_no_finding(lively: Database) -> None:
    assert broken_by(lively, "DELETE FROM votes") == []


def test_a_damaged_file_is_found(sqlite: Database, entropy: Entropy) -> None:
    open_ferry(sqlite)
    say(sqlite, entropy, *(a_submission() for _ in range(50)))
    with sqlite.writing() as connection:
        # An index that lacks a row, as a torn write leaves it.
        connection.exec_driver_sql("PRAGMA writable_schema=ON")
        connection.exec_driver_sql(
            "UPDATE sqlite_schema SET sql = replace(sql, '''held''', '''published''') WHERE name = 'comments_held'"
        )
        connection.exec_driver_sql("PRAGMA writable_schema=RESET")
    sqlite.close()

    assert any(line.startswith("file: ") for line in check(sqlite))
