"""Votes that come in one by one, and many at once."""

import pytest

from outspoken.discussion.errors import NotPossible
from outspoken.discussion.thread import Opening
from outspoken.store.checking import check
from outspoken.store.threads import set_opening, version_of
from outspoken.store.votes import take_votes, vote
from outspoken.store.windows import comment_at
from tests.factories import a_submission, open_ferry, say

MANY = {bytes([number]) * 16: 1 if number % 3 else -1 for number in range(60)}


def test_many_votes_at_once_count_as_many_one_by_one(database, entropy):
    thread = open_ferry(database)
    say(database, entropy, a_submission(thread), a_submission(thread))

    with database.writing() as connection:
        counted = take_votes(connection, thread, 1, MANY)
        for voter, value in MANY.items():
            vote(connection, thread, 2, voter=voter, key_hash=None, value=value)

    with database.reading() as connection:
        at_once, one_by_one = (comment_at(connection, thread, number) for number in (1, 2))
    assert counted == (at_once.up, at_once.down) == (one_by_one.up, one_by_one.down) == (40, 20)
    assert (at_once.best_rank, at_once.controversial_rank) == (one_by_one.best_rank, one_by_one.controversial_rank)
    assert list(check(database)) == []


def test_no_votes_at_once_change_nothing(database, entropy):
    thread = open_ferry(database)
    say(database, entropy, a_submission(thread))
    with database.writing() as connection:
        before = version_of(connection, thread)

        assert take_votes(connection, thread, 1, {}) == (0, 0)
        assert version_of(connection, thread) == before


def test_a_read_only_thread_takes_no_votes_at_once(database, entropy):
    thread = open_ferry(database)
    say(database, entropy, a_submission(thread))

    with database.writing() as connection:
        set_opening(connection, thread, Opening.READ_ONLY)
        with pytest.raises(NotPossible):
            take_votes(connection, thread, 1, MANY)
