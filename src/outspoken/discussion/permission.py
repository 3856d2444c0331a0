"""Who may do what, when. Each function returns nothing or raises the refusal that is told to the person."""

from datetime import datetime, timedelta

from outspoken.discussion.comment import Comment
from outspoken.discussion.errors import NotAllowed, NotFound, NotPossible
from outspoken.discussion.state import State
from outspoken.discussion.thread import Opening, Thread

EDIT_WINDOW = timedelta(minutes=30)
"""How long a text may be changed. Taking it back has no limit."""


def may_see(comment: Comment, *, is_author: bool) -> None:
    """Let readers see what is shown, and authors what is theirs.

    Raises:
        NotFound: for anything else, in the same words as for a comment that never was.
    """
    if not comment.is_shown and not (is_author and comment.state is not State.DELETED):
        raise NotFound("There is no such comment.")


def may_write(thread: Thread) -> None:
    """Let anybody write in an open thread.

    Raises:
        NotPossible: if the thread is closed or read-only.
    """
    if thread.opening is Opening.CLOSED:
        raise NotPossible("This discussion is closed. You can still read it.")
    if thread.opening is Opening.READ_ONLY:
        raise NotPossible("This discussion is read-only. You can still read it.")


def may_reply(thread: Thread, parent: Comment) -> None:
    """Let anybody reply to a published comment of an open thread.

    Raises:
        NotPossible: if the thread takes no comments, or there is nothing left to reply to.
        NotFound: if the comment isn't shown.
    """
    may_write(thread)
    may_see(parent, is_author=False)
    if parent.is_tombstone:
        raise NotPossible("The comment you reply to is no longer there. You can reply to another, or begin anew.")


def may_edit(thread: Thread, comment: Comment, *, is_author: bool, now: datetime) -> None:
    """Let authors change their text within `EDIT_WINDOW`.

    Raises:
        NotAllowed: if it isn't theirs.
        NotPossible: if the window is over, the comment is no longer there, or the thread is read-only.
    """
    _is_theirs(comment, is_author=is_author)
    if thread.opening is Opening.READ_ONLY:
        raise NotPossible("This discussion is read-only: texts can't be changed, only deleted.")
    if comment.state not in (State.PUBLISHED, State.HELD):
        raise NotPossible("This comment can no longer be changed.")
    if comment.created is None or now - comment.created > EDIT_WINDOW:
        raise NotPossible("The half hour for changes is over. You can still delete the comment.")


def may_delete(comment: Comment, *, is_author: bool) -> None:
    """Let authors take back what they wrote, whenever they like.

    Raises:
        NotAllowed: if it isn't theirs.
        NotPossible: if it is deleted already.
    """
    _is_theirs(comment, is_author=is_author)
    if comment.state is State.DELETED:
        raise NotPossible("This comment is deleted already.")


def may_vote(thread: Thread, comment: Comment, *, is_author: bool) -> None:
    """Let readers vote on what others published.

    Raises:
        NotAllowed: on one's own comment.
        NotPossible: if the thread is read-only or the comment is a tombstone.
        NotFound: if the comment isn't shown.
    """
    may_see(comment, is_author=False)
    if thread.opening is Opening.READ_ONLY:
        raise NotPossible("This discussion is read-only: votes are no longer counted.")
    if comment.is_tombstone:
        raise NotPossible("There is nothing left here to vote on.")
    if is_author:
        raise NotAllowed("You can't vote on your own comment.")


def _is_theirs(comment: Comment, *, is_author: bool) -> None:
    if not comment.is_shown and not is_author:
        raise NotFound("There is no such comment.")
    if not is_author:
        raise NotAllowed(
            "This browser doesn't hold the key of this comment. If you were shown a code when you wrote it, enter it."
        )
