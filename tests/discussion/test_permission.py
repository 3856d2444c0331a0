from datetime import datetime, timedelta
from itertools import product

import pytest

from outspoken.discussion.comment import Comment
from outspoken.discussion.errors import NotAllowed, NotFound, NotPossible, Refusal
from outspoken.discussion.permission import (
    EDIT_WINDOW,
    may_delete,
    may_edit,
    may_reply,
    may_see,
    may_vote,
    may_write,
)
from outspoken.discussion.state import State
from outspoken.discussion.thread import Opening
from tests.factories import a_comment, a_thread

HIDDEN = [state for state in State if state is not State.PUBLISHED]


def refusal_of(act: object, *arguments: object, **named: object) -> type[Refusal] | None:
    try:
        act(*arguments, **named)  # type: ignore[operator]
    except Refusal as refusal:
        return type(refusal)
    return None


@pytest.mark.parametrize(("state", "replies", "is_author"), list(product(State, [0, 2], [True, False])))
def test_readers_see_what_is_shown_and_authors_also_what_is_theirs(state: State, replies: int, is_author: bool) -> None:
    comment = a_comment(state=state, replies=replies)
    sees = state is State.PUBLISHED or replies > 0 or (is_author and state is not State.DELETED)

    assert refusal_of(may_see, comment, is_author=is_author) is (None if sees else NotFound)


def test_a_hidden_comment_is_refused_in_the_words_for_one_that_never_was() -> None:
    words = set()
    for state in HIDDEN:
        with pytest.raises(NotFound) as refused:
            may_see(a_comment(state=state), is_author=False)
        words.add(str(refused.value))
        for act in (may_delete,):
            with pytest.raises(NotFound) as refused:
                act(a_comment(state=state), is_author=False)
            words.add(str(refused.value))
    assert words == {"There is no such comment."}


@pytest.mark.parametrize(
    ("opening", "expected"),
    [(Opening.OPEN, None), (Opening.CLOSED, NotPossible), (Opening.READ_ONLY, NotPossible)],
)
def test_only_open_threads_take_comments(opening: Opening, expected: type[Refusal] | None) -> None:
    thread = a_thread(opening=opening)

    assert refusal_of(may_write, thread) is expected
    assert refusal_of(may_reply, thread, a_comment()) is expected


@pytest.mark.parametrize("state", State)
def test_only_published_comments_take_replies(state: State) -> None:
    unseen, tombstone = a_comment(state=state), a_comment(state=state, replies=1)

    assert refusal_of(may_reply, a_thread(), unseen) is (None if state is State.PUBLISHED else NotFound)
    assert refusal_of(may_reply, a_thread(), tombstone) is (None if state is State.PUBLISHED else NotPossible)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("opening", Opening)
def test_authors_change_published_and_held_texts_unless_the_thread_is_read_only(
    state: State, opening: Opening, now: datetime
) -> None:
    comment = a_comment(state=state, created=now)
    allowed = state in (State.PUBLISHED, State.HELD) and opening is not Opening.READ_ONLY

    refusal = refusal_of(may_edit, a_thread(opening=opening), comment, is_author=True, now=now)

    assert refusal is (None if allowed else NotPossible)


def test_a_text_can_be_changed_for_half_an_hour(now: datetime) -> None:
    comment = a_comment(created=now)

    assert refusal_of(may_edit, a_thread(), comment, is_author=True, now=now + EDIT_WINDOW) is None
    late = now + EDIT_WINDOW + timedelta(minutes=1)
    assert refusal_of(may_edit, a_thread(), comment, is_author=True, now=late) is NotPossible


def test_a_text_without_a_date_can_not_be_changed(now: datetime) -> None:
    assert refusal_of(may_edit, a_thread(), a_comment(created=None), is_author=True, now=now) is NotPossible


@pytest.mark.parametrize("state", State)
def test_authors_take_back_what_they_wrote_whenever_they_like(state: State) -> None:
    refusal = refusal_of(may_delete, a_comment(state=state), is_author=True)

    assert refusal is (NotPossible if state is State.DELETED else None)


def test_nobody_changes_or_deletes_what_somebody_else_wrote(now: datetime) -> None:
    for comment in (a_comment(), a_comment(state=State.REMOVED, replies=1)):
        assert refusal_of(may_delete, comment, is_author=False) is NotAllowed
        assert refusal_of(may_edit, a_thread(), comment, is_author=False, now=now) is NotAllowed


def test_nobody_learns_of_a_hidden_comment_by_trying_to_change_it(now: datetime) -> None:
    for state in HIDDEN:
        hidden = a_comment(state=state)
        assert refusal_of(may_delete, hidden, is_author=False) is NotFound
        assert refusal_of(may_edit, a_thread(), hidden, is_author=False, now=now) is NotFound
        assert refusal_of(may_vote, a_thread(), hidden, is_author=False) is NotFound


@pytest.mark.parametrize(
    ("comment", "opening", "is_author", "expected"),
    [
        (a_comment(), Opening.OPEN, False, None),
        (a_comment(), Opening.CLOSED, False, None),
        (a_comment(), Opening.READ_ONLY, False, NotPossible),
        (a_comment(), Opening.OPEN, True, NotAllowed),
        (a_comment(state=State.REMOVED, replies=1), Opening.OPEN, False, NotPossible),
    ],
)
def test_readers_vote_on_what_others_published(
    comment: Comment, opening: Opening, is_author: bool, expected: type[Refusal] | None
) -> None:
    assert refusal_of(may_vote, a_thread(opening=opening), comment, is_author=is_author) is expected
