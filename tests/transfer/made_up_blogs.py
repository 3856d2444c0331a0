"""Discussions of blogs that never were, in any order of records, for the files that other modules write of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from outspoken.discussion.state import State

_LETTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co", "Zl", "Zp"], exclude_characters="@")
LINES = st.text(_LETTERS, max_size=40).map(lambda text: " ".join(text.split()))
"""One line in any script, with all signs that mean something to parsers."""
WORDS = st.text(st.sampled_from("abcdefgh &'\"äßéжん語"), min_size=1, max_size=30).map(
    lambda text: " ".join(text.split()) or "x"
)
_STATES = [State.PUBLISHED] * 4 + [State.HELD, State.SPAM, State.REMOVED, State.DELETED]


@dataclass(frozen=True)
class Made:
    """A comment that was made up."""

    number: int
    page: int
    parent: int | None
    author: str
    text: str
    state: State
    created: datetime

    @property
    def is_shown(self) -> bool:
        """Whether its text may enter."""
        return self.state in (State.PUBLISHED, State.HELD)


@st.composite
def discussions(
    draw: st.DrawFn,
    states: Sequence[State] = _STATES,
    *,
    texts: st.SearchStrategy[str] = WORDS,
    has_replies: bool = True,
) -> list[Made]:
    """Comments below one to three pages, in any order; a parent is on the same page."""
    made: list[Made] = []
    for number in range(1, draw(st.integers(0, 12)) + 1):
        page = draw(st.integers(1, 3))
        above = [comment.number for comment in made if comment.page == page] if has_replies else []
        made.append(
            Made(
                number=number,
                page=page,
                parent=draw(st.sampled_from([None, *above])),
                author=draw(WORDS),
                text=draw(texts),
                state=draw(st.sampled_from(states)),
                created=datetime(2012, 3, 1, tzinfo=UTC) + timedelta(seconds=draw(st.integers(0, 10**8))),
            )
        )
    return list(draw(st.permutations(made)))


def address(page: int) -> str:
    """Return where a page is."""
    return f"https://harbour.example/2012/{page}/"
