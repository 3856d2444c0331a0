"""Claims: what a code leads to, how comments become a browser's or are erased, and what is kept of e-mails."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pyrage
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from outspoken.discussion.errors import NotAllowed, NotFound, NotPossible
from outspoken.discussion.state import State
from outspoken.discussion.thread import Opening
from outspoken.store import claims, contacts
from outspoken.store.changes import is_author
from outspoken.store.checking import check
from outspoken.store.claims import Act
from outspoken.store.contacts import NotOpened, sealing, written_under
from outspoken.store.database import Database
from outspoken.store.imports import known_records
from outspoken.store.jobs import job_named
from outspoken.store.joining import begin_merge, go_on
from outspoken.store.ledger import ensure_salt
from outspoken.store.loading import Arrival, Load, NewThread
from outspoken.store.offering import offer
from outspoken.store.recognising import written, written_as
from outspoken.store.sealing import Entropy
from outspoken.store.sites import add_site
from outspoken.store.taking_over import Holder, parts_of
from outspoken.store.undoing import undo
from outspoken.store.windows import comment_at
from tests.factories import MOMENT, a_site, a_story, a_submission, an_arrival, rows_of, say

FERRY, LOCK = "ferry0000000", "lock00000000"
DIGEST = b"d" * 32
ME, OTHER = Holder(b"me" * 16, b"k" * 32, b"m" * 16), Holder(b"ot" * 16, b"o" * 32, b"n" * 16)
UNTIL = MOMENT + timedelta(days=14)
KEY = pyrage.x25519.Identity.generate()
ROUNDS = count()
seal = sealing([KEY.to_public()])


def bring(database: Database, entropy: Entropy, threads: dict[str, list[Arrival]], people: list[Any]) -> None:
    with database.writing() as connection:
        for site in ("harbour", "lantern"):
            add_site(connection, a_site(site))
        ensure_salt(connection, "harbour", entropy)
        load = Load("harbour", "example", "job", entropy)
        for id, arrivals in threads.items():
            page = NewThread(id, a_story(id), Opening.OPEN, MOMENT, None, (f"harbour.example/{id}",), people)
            named = [replace(arrival, source=f"{id}{arrival.number}") for arrival in arrivals]
            load.open(page, named)
        load.write(connection)


@pytest.fixture
def brought(database: Database, entropy: Entropy) -> Database:
    """Two imported threads. In the first, two people go by the name of Greta; the second has one, and one nameless."""
    greta, gerda = 1, 2
    first = [
        an_arrival(1, author=greta, contact=seal("greta@example.org")),
        an_arrival(2, author=greta, contact=seal("another@example.org")),
        an_arrival(3, author=gerda),
        an_arrival(4, author=greta, contact=seal("Greta@Example.org ")),
    ]
    second = [an_arrival(1, author=greta, contact=seal("greta@example.org")), an_arrival(2, author=None)]
    # The second thread's people are the same two, of whom Gerda has written there too.
    second.append(an_arrival(3, author=gerda))
    bring(database, entropy, {FERRY: first, LOCK: second}, [("Greta", None), ("Gerda", "gerda-1")])
    return database


MINE = [(FERRY, 1), (FERRY, 4), (LOCK, 1), (LOCK, 2)]


def offered(database: Database, found: list[tuple[str, int]] | None = None, digest: bytes = DIGEST) -> None:
    with database.writing() as connection:
        offer(connection, "harbour", digest, MINE if found is None else found, UNTIL, MOMENT)


def settled(
    database: Database, act: Act, holder: Holder = ME, digest: bytes = DIGEST, now: datetime = MOMENT
) -> list[tuple[str, int]]:
    with database.reading() as connection:
        left = claims.what_is_left(connection, "harbour", digest, 1_000)
    done = []
    for thread, numbers in parts_of(left):
        with database.writing() as connection:
            part = (thread, numbers)
            done += [(thread, at) for at in claims.settle(connection, "harbour", digest, act, holder, part, now)]
    return done


def whose(database: Database, thread: str, number: int, holder: Holder = ME) -> bool:
    with database.reading() as connection:
        return is_author(connection, comment_at(connection, thread, number), holder.key_hash)


def test_what_is_taken_over_belongs_to_the_key_and_what_others_of_the_name_wrote_does_not(brought: Database) -> None:
    offered(brought)

    assert settled(brought, Act.TAKE) == MINE

    assert [whose(brought, *at) for at in MINE] == [True] * 4
    assert not whose(brought, FERRY, 2)
    assert not whose(brought, FERRY, 3)
    with brought.reading() as connection:
        assert [comment_at(connection, FERRY, number).author.name for number in (1, 2, 4)] == ["Greta"] * 3  # type: ignore[union-attr]
    assert list(check(brought)) == []


def test_nothing_in_the_database_links_what_was_taken_over_in_two_threads(brought: Database) -> None:
    offered(brought)
    settled(brought, Act.TAKE)

    with brought.reading() as connection:
        assert rows_of(connection, "SELECT * FROM claimed") == []
        sources = rows_of(connection, "SELECT source FROM authors WHERE key_hash IS NOT NULL")
    assert {tuple(row) for row in sources} == {(None,)}


def test_what_is_erased_is_gone_and_does_not_come_back(brought: Database) -> None:
    offered(brought)

    assert sorted(settled(brought, Act.ERASE)) == MINE

    with brought.reading() as connection:
        assert {comment_at(connection, *at).state for at in MINE} == {State.DELETED}
        assert comment_at(connection, FERRY, 2).state is State.PUBLISHED
        salt = rows_of(connection, "SELECT ledger_salt FROM sites WHERE name = 'harbour'")[0][0]
        names = [("example", f"{thread}{number}") for thread, number in MINE]
        known = known_records(connection, "harbour", names, bytes(salt))
    assert {at.job for at in known.values()} == {""}
    assert len(known) == len(MINE)
    assert list(check(brought)) == []


def test_a_code_is_for_one_browser_and_one_thing(brought: Database) -> None:
    offered(brought)
    with brought.writing() as connection:
        claims.settle(connection, "harbour", DIGEST, Act.TAKE, ME, (FERRY, [1]), MOMENT)

    with pytest.raises(NotAllowed, match="another browser"):
        settled(brought, Act.TAKE, OTHER)
    with pytest.raises(NotPossible, match="something else"):
        settled(brought, Act.ERASE, ME)
    assert settled(brought, Act.TAKE) == [(FERRY, 4), (LOCK, 1), (LOCK, 2)]
    assert settled(brought, Act.TAKE) == []


@pytest.mark.parametrize("site", ["harbour", "lantern"])
def test_a_code_that_is_over_or_another_sites_is_worth_nothing(brought: Database, site: str) -> None:
    offered(brought)
    later = UNTIL if site == "harbour" else MOMENT

    with brought.writing() as connection, pytest.raises(NotFound, match="isn't valid here"):
        claims.settle(connection, site, DIGEST, Act.TAKE, ME, (FERRY, [1]), later)
    with brought.reading() as connection, pytest.raises(NotFound):
        claims.claim_at(connection, site, DIGEST, later)
    with brought.writing() as connection:
        claims.forget_expired(connection, "harbour", UNTIL)
        assert claims.claims_of(connection, "harbour") == []
        assert rows_of(connection, "SELECT * FROM claimed") == []


def test_a_part_does_nothing_with_what_the_code_does_not_lead_to(brought: Database) -> None:
    offered(brought, [(FERRY, 1)])

    with brought.writing() as connection:
        assert claims.settle(connection, "harbour", DIGEST, Act.ERASE, ME, (FERRY, [1, 2, 3]), MOMENT) == [1]
        assert claims.settle(connection, "harbour", DIGEST, Act.ERASE, ME, (LOCK, [1]), MOMENT) == []
    with brought.reading() as connection:
        assert comment_at(connection, FERRY, 3).state is State.PUBLISHED


@pytest.mark.parametrize("act", Act)
def test_what_has_become_anothers_meanwhile_is_let_be(brought: Database, act: Act) -> None:
    offered(brought)
    offered(brought, [(FERRY, 1)], b"e" * 32)
    settled(brought, Act.TAKE, OTHER, b"e" * 32)

    done = settled(brought, act)

    assert (FERRY, 1) not in done
    assert whose(brought, FERRY, 1, OTHER)
    assert list(check(brought)) == []


def test_only_what_was_imported_and_is_nobodys_can_be_offered(brought: Database, entropy: Entropy) -> None:
    (receipt,) = say(brought, entropy, a_submission(FERRY))
    offered(brought, [(FERRY, 1)])
    settled(brought, Act.TAKE)
    offered(brought, [(LOCK, 1)], b"e" * 32)
    settled(brought, Act.ERASE, digest=b"e" * 32)

    for at, why in (
        ((FERRY, receipt.number), "belongs to a reader"),
        ((FERRY, 1), "belongs to a reader"),
        ((LOCK, 1), "erased already"),
        ((FERRY, 99), "isn't there"),
        (("nowhere00000", 1), "isn't there"),
    ):
        with brought.writing() as connection, pytest.raises((NotFound, NotPossible), match=why):
            offer(connection, "harbour", b"f" * 32, [(FERRY, 3), at], UNTIL, MOMENT)
    with brought.writing() as connection, pytest.raises(NotFound):
        offer(connection, "lantern", b"f" * 32, [(FERRY, 3)], UNTIL, MOMENT)
    with brought.reading() as connection:
        assert {claim.digest for claim in claims.claims_of(connection, "harbour")} == {DIGEST, b"e" * 32}


def test_whoever_wrote_there_under_the_same_key_and_name_stays_one_author(brought: Database) -> None:
    offered(brought, [(FERRY, 1)])
    settled(brought, Act.TAKE)
    offered(brought, [(FERRY, 4)], b"e" * 32)
    settled(brought, Act.TAKE, digest=b"e" * 32)

    with brought.reading() as connection:
        one, four = (comment_at(connection, FERRY, number).author for number in (1, 4))
    assert one == four


def test_an_e_mail_finds_what_was_written_under_it_with_the_key_and_nothing_without(brought: Database) -> None:
    stranger = pyrage.x25519.Identity.generate()

    assert list(written_under(brought, "harbour", " GRETA@example.org", [KEY])) == [(FERRY, 1), (FERRY, 4), (LOCK, 1)]
    with pytest.raises(NotOpened):
        list(written_under(brought, "harbour", "greta@example.org", [stranger]))
    assert list(written_under(brought, "harbour", "nobody@example.org", [KEY])) == []
    assert list(written_under(brought, "lantern", "greta@example.org", [KEY])) == []
    with brought.reading() as connection:
        sealed = [bytes(row.sealed) for row in rows_of(connection, "SELECT sealed FROM contacts")]
    assert len(set(sealed)) == 4
    assert not any(b"greta" in one.lower() for one in sealed)


@pytest.mark.parametrize("act", Act)
def test_an_e_mail_goes_when_its_comment_is_claimed_or_erased(brought: Database, act: Act) -> None:
    offered(brought)
    settled(brought, act)

    with brought.reading() as connection:
        assert [tuple(row) for row in rows_of(connection, "SELECT thread, number FROM contacts")] == [(FERRY, 2)]
    assert sum(contacts.forget_all(brought, "harbour")) == 1


def test_undoing_an_import_takes_its_e_mails_along(brought: Database, now: datetime) -> None:
    with brought.writing() as connection:
        connection.exec_driver_sql(
            "INSERT INTO jobs (id, site, format, started) VALUES ('job', 'harbour', 'example', 1)"
        )
    with brought.reading() as connection:
        job = job_named(connection, "job")

    for _ in undo(brought, job, now):
        pass

    with brought.reading() as connection:
        assert contacts.count(connection, "harbour") == 0
    assert list(check(brought)) == []


def test_codes_and_e_mails_follow_what_is_joined(brought: Database, now: datetime, entropy: Entropy) -> None:
    offered(brought)
    with brought.writing() as connection:
        joining = begin_merge(connection, "harbour", LOCK, FERRY, now)
    for _ in go_on(brought, joining, now, entropy):
        pass

    found = sorted(written_under(brought, "harbour", "greta@example.org", [KEY]))
    taken = settled(brought, Act.TAKE)

    assert found == [(FERRY, 1), (FERRY, 4), (FERRY, 5)]
    assert taken == [(FERRY, 1), (FERRY, 4), (FERRY, 5), (FERRY, 6)]
    assert [whose(brought, FERRY, number) for number in range(1, 8)] == [True, False, False, True, True, True, False]
    assert list(check(brought)) == []


def test_names_and_accounts_find_what_was_imported_under_them(brought: Database) -> None:
    with brought.reading() as connection:
        by_name = list(written_as(connection, "harbour", name="Greta"))
        by_account = list(written_as(connection, "harbour", account="gerda-1"))
        both = list(written_as(connection, "harbour", name="Greta", account="gerda-1"))
        nobody = list(written_as(connection, "lantern", name="Greta"))
        told = written(connection, [(FERRY, 3), (FERRY, 77)])
    assert by_name == [(FERRY, 1), (FERRY, 2), (FERRY, 4), (LOCK, 1)]
    assert by_account == [(FERRY, 3), (LOCK, 3)]
    assert (both, nobody) == ([], [])
    assert [(one.number, one.name, one.headline, one.is_published) for one in told] == [(3, "Gerda", FERRY, True)]


@given(st.lists(st.tuples(st.integers(1, 4), st.booleans()), min_size=1, max_size=12), st.integers(0, 3))
def test_whatever_is_claimed_in_whatever_parts_exactly_that_is_taken(
    sqlite: Database, entropy: Entropy, said: list[tuple[int, bool]], cut: int
) -> None:
    thread = f"thread{next(ROUNDS):06}"
    people = sorted({author for author, _ in said})
    arrivals = [an_arrival(number, author=people.index(author) + 1) for number, (author, _) in enumerate(said, start=1)]
    bring(sqlite, entropy, {thread: arrivals}, [(f"P{author}", None) for author in people])
    mine = [(thread, number) for number, (_, is_mine) in enumerate(said, start=1) if is_mine]
    for part in filter(None, (mine[:cut], mine[cut:])):
        digest = entropy(32)
        offered(sqlite, part, digest)
        settled(sqlite, Act.TAKE, digest=digest)

    everything = [(thread, number) for number in range(1, len(said) + 1)]
    with sqlite.reading() as connection:
        names = [getattr(comment_at(connection, *at).author, "name", None) for at in everything]
    assert [at for at in everything if whose(sqlite, *at)] == mine
    assert names == [f"P{author}" for author, _ in said]
    with sqlite.reading() as connection:
        assert not list(check_authors(connection, thread))


def check_authors(connection: sa.Connection, thread: str) -> list[Any]:
    """Return the authors of a thread who have written nothing."""
    return list(
        rows_of(
            connection,
            f"SELECT number FROM authors WHERE thread = '{thread}' AND number NOT IN"
            f" (SELECT author FROM comments WHERE thread = '{thread}' AND author IS NOT NULL)",
        )
    )
