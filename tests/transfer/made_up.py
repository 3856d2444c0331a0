"""Discussions that were made up: what the writers of old systems' files are given, and what must come out again."""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from outspoken.discussion.state import State
from outspoken.transfer.records import Record
from tests.transfer import among, made_up_words

PAGES = ("/harbour/ferry/", "/harbour/mole/")
FIRST = datetime(2019, 3, 1, 8, 0, tzinfo=UTC)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"]), max_size=30)
NAMES = WORDS.map(lambda words: " ".join(words.replace("@", "").split()))


@dataclass(frozen=True)
class MadeUp:
    """A comment that nobody wrote."""

    number: int
    """Counts from 1; a parent has a smaller one."""
    page: str
    parent: int | None
    author: str
    text: str
    state: State = State.PUBLISHED
    up: int = 0
    down: int = 0
    minute: int | None = None
    """When it was written, if not a minute after the one before."""

    @property
    def created(self) -> datetime:
        """When it was written."""
        return FIRST + timedelta(minutes=self.number if self.minute is None else self.minute)

    @property
    def is_shown(self) -> bool:
        """Whether text and author are kept."""
        return self.state in (State.PUBLISHED, State.HELD)


@st.composite
def discussions(
    draw: st.DrawFn, states: Sequence[State] = (State.PUBLISHED,), names: st.SearchStrategy[str] = NAMES
) -> list[MadeUp]:
    """Up to a dozen comments on two pages."""
    made: list[MadeUp] = []
    for number in range(1, draw(st.integers(0, 12)) + 1):
        page = draw(st.sampled_from(PAGES))
        above = [comment.number for comment in made if comment.page == page]
        made.append(
            MadeUp(
                number,
                page,
                draw(st.sampled_from([None, *above])),
                draw(names),
                draw(WORDS.filter(lambda words: bool(words.strip()))),
                draw(st.sampled_from([State.PUBLISHED, *states])),
                draw(st.integers(0, 9)),
                draw(st.integers(0, 9)),
            )
        )
    return made


def by_chance(seed: int, count: int = 40) -> list[MadeUp]:
    """As many comments as asked for, by few people, the same for the same seed."""
    dice = random.Random(seed)
    made: list[MadeUp] = []
    for number in range(1, count + 1):
        page = dice.choice(PAGES)
        above = [comment.number for comment in made if comment.page == page]
        parent = dice.choice([None, *above[-6:]])
        text = " ".join(dice.choice(("tide", "rope", "gull", "crane", "mole", "fog")) for _ in range(6)) + f" {number}"
        made.append(MadeUp(number, page, parent, dice.choice(("Ada", "Ben", "Cleo", "Dov")), text))
    return made


def community(dice: random.Random, states: Sequence[State] = (), count: int = 24) -> list[MadeUp]:
    """As many comments in several scripts, some dated before what they answer; no two texts are alike."""
    people = [made_up_words.name(dice) for _ in range(6)]
    made: list[MadeUp] = []
    for number in range(1, count + 1):
        page = dice.choice(PAGES)
        above = [comment.number for comment in made if comment.page == page]
        parent = dice.choice([None, *above[-6:]])
        text = f"{made_up_words.sentence(dice)} {number}"
        state = dice.choice([*[State.PUBLISHED] * 4, *states])
        made.append(MadeUp(number, page, parent, dice.choice(people), text, state, minute=dice.randrange(30)))
    return made


Seen = tuple[str | None, str, str, State, datetime | None]


def as_made(made: Iterable[MadeUp], id: Callable[[int], str] = str) -> dict[str, Seen]:
    """Return parent, author, text, state and date by id, as they should be read."""
    return {
        id(comment.number): (
            id(comment.parent) if comment.parent else None,
            comment.author if comment.is_shown else "",
            comment.text if comment.is_shown else "",
            comment.state,
            comment.created,
        )
        for comment in made
    }


def as_read(records: Iterable[Record]) -> dict[str, Seen]:
    """Return the same of what was read."""
    return {
        comment.source: (comment.parent, comment.author, comment.body, comment.state, comment.created)
        for comment in among.comments(records)
    }
