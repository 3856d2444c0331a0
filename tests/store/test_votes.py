"""Votes that come in one by one, and many at once."""

import random

import pytest
import sqlalchemy as sa

from outspoken.discussion.errors import NotPossible, Refusal
from outspoken.discussion.thread import Opening
from outspoken.store.checking import check
from outspoken.store.threads import set_opening, version_of
from outspoken.store.votes import Ballot, Tally, take_votes, vote, vote_all
from outspoken.store.windows import comment_at
from tests.factories import a_submission, open_ferry, say

MANY = {bytes([number]) * 16: 1 if number % 3 else -1 for number in range(60)}


def test_many_votes_at_once_count_as_many_one_by_one(database, entropy):
    thread = open_ferry(database)
    say(database, entropy, a_submission(thread), a_submission(thread))

    with database.writing() as connection:
        counted = take_votes(connection, thread, 1, MANY)
        for voter, value in MANY.items():
            vote(connection, Ballot(thread, 2, voter, None, value))

    with database.reading() as connection:
        at_once, one_by_one = (comment_at(connection, thread, number) for number in (1, 2))
    assert counted == Tally(at_once.up, at_once.down) == Tally(one_by_one.up, one_by_one.down) == Tally(40, 20)
    assert (at_once.best_rank, at_once.controversial_rank) == (one_by_one.best_rank, one_by_one.controversial_rank)
    assert list(check(database)) == []


def test_no_votes_at_once_change_nothing(database, entropy):
    thread = open_ferry(database)
    say(database, entropy, a_submission(thread))
    with database.writing() as connection:
        before = version_of(connection, thread)

        assert take_votes(connection, thread, 1, {}) == Tally(0, 0)
        assert version_of(connection, thread) == before


def test_a_read_only_thread_takes_no_votes_at_once(database, entropy):
    thread = open_ferry(database)
    say(database, entropy, a_submission(thread))

    with database.writing() as connection:
        set_opening(connection, thread, Opening.READ_ONLY)
        with pytest.raises(NotPossible):
            take_votes(connection, thread, 1, MANY)


@pytest.mark.parametrize("seed", range(5))
def test_votes_that_are_counted_together_count_as_one_after_another(database, entropy, seed):
    thread = open_ferry(database)
    say(database, entropy, a_submission(thread), a_submission(thread), a_submission(thread, key_hash=b"greta"))
    chance = random.Random(seed)
    ballots = [
        Ballot(thread, chance.randint(1, 4), bytes([chance.randint(1, 6)]) * 16, chance.choice([None, b"greta"]),
               chance.choice([-1, 0, 1]))
        for _ in range(80)
    ]  # fmt: skip
    alone = {}
    refused = {}

    with database.writing() as connection:
        together = vote_all(connection, ballots)
        found = [comment_at(connection, thread, number) for number in (1, 2, 3)]
        version = version_of(connection, thread)
        connection.rollback()
    for ballot in ballots:
        with database.writing() as connection:
            try:
                alone[ballot.number] = vote(connection, ballot)
            except Refusal as refusal:
                refused[ballot] = repr(refusal)

    assert version == 5
    assert refused == {
        ballot: repr(it) for ballot, it in zip(ballots, together, strict=True) if isinstance(it, Refusal)
    }
    for comment in found:
        with database.reading() as connection:
            assert comment_at(connection, thread, comment.number) == comment
        assert alone[comment.number] == Tally(comment.up, comment.down)
    assert list(check(database)) == []


def test_a_hundred_clicks_on_a_comment_update_it_once(database, entropy):
    thread = open_ferry(database)
    say(database, entropy, a_submission(thread))
    sent = []

    with database.writing() as connection:
        sa.event.listen(connection, "before_cursor_execute", lambda *given: sent.append(given[2].split()[0]))
        vote_all(connection, [Ballot(thread, 1, bytes([voter]) * 16, None, 1) for voter in range(100)])

    assert sent.count("UPDATE") == 2  # the comment, and its thread
    assert len(sent) == 6
