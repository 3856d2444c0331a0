"""What a record of a file becomes before it is stored: its text rendered and searched for quotations, its name, its
votes, all within what a database can hold. Nothing here asks the database.
"""

from collections.abc import Container, Mapping, Sequence
from functools import lru_cache

import msgspec

from outspoken.discussion.comment import Body, Origin, Quotation
from outspoken.discussion.place import Place
from outspoken.discussion.state import WITH_TEXT
from outspoken.discussion.thread import Story
from outspoken.store.imports import Name
from outspoken.store.loading import Arrival, Person
from outspoken.text.hygiene import clean
from outspoken.text.quotations import passages_of, quotations_among, words_of
from outspoken.text.render import RENDERER, render
from outspoken.transfer.arranging import Arranged
from outspoken.transfer.records import SourceComment, SourceStory

QUOTED_ANCESTORS = 10
"""How far up a quotation is looked for."""

_MOST_VOTES = 10**9
_LONGEST_NAME = 200


class Standing(msgspec.Struct, frozen=True, gc=False):
    """Where a comment of a page stands, new or known."""

    number: int
    place: Place
    depth: int


def story_of(story: SourceStory) -> Story:
    """Return a story as it is kept."""
    return Story(
        headline=_line(story.headline) or _line(story.url or story.identifier or story.source),
        url=_line(story.url) if story.url else None,
        attribution=_line(story.attribution),
        attribution_url=_line(story.attribution_url) if story.attribution_url else None,
        excerpt=clean(story.excerpt),
        published=story.published,
    )


def person_of(comment: SourceComment) -> Person | None:
    """Return who wrote a comment, None if that isn't known or isn't to be known."""
    if comment.state not in WITH_TEXT or not comment.author:
        return None
    return _name(comment.author), comment.author_source


def body_of(comment: SourceComment) -> Body | None:
    """Return the text of a comment, rendered; None for what leaves only its place."""
    if comment.state not in WITH_TEXT:
        return None
    return Body(comment.body, comment.markup, render(comment.body, comment.markup), RENDERER)


class Preparation:
    """Turns the records of one part of a page into arrivals."""

    def __init__(
        self,
        format: str,
        excerpt: str,
        standing: Mapping[str, Standing],
        bodies: Mapping[int, Body | None],
        persons: Mapping[int, Person | None],
        people: Mapping[Person, int],
        taken: Container[Name],
    ) -> None:
        """`bodies` and `persons` are by position; `taken` are names under which another comment is known."""
        self._format = format
        self._excerpt = clean(excerpt)
        self._standing = standing
        self._bodies = bodies
        self._persons = persons
        self._people = people
        self._taken = taken
        self._plain = Origin(format, (), ())
        self._html: dict[int, str] = {}
        self._words: dict[int, str] = {}
        self._above: dict[int, tuple[int, ...]] = {}
        """For each comment of the part itself and the nearest above it, itself first."""

    def arrivals(self, arranged: Sequence[Arranged], read: Mapping[int, SourceComment]) -> list[Arrival]:
        """Return the arrivals, in the order of the records."""
        return [self._arrival(record, read[record.waiting.position]) for record in arranged]

    def _arrival(self, record: Arranged, comment: SourceComment) -> Arrival:
        waiting = record.waiting
        at = self._standing[waiting.source]
        body = self._bodies.get(waiting.position)
        parent = self._standing[record.parent].number if record.parent else 0
        above = self._above.get(parent, ())
        self._above[at.number] = (at.number, *above[:QUOTED_ANCESTORS])
        origin = self._origin(record, comment)
        same_as = tuple([name for name in waiting.same_as if name not in self._taken])
        if body is None:
            return Arrival(
                *(waiting.source, at.number, parent, at.place, at.depth, comment.state),
                *(None, None, None, (), origin, comment.line),
                same_as=same_as,
            )
        person = self._persons[waiting.position]
        self._html[at.number] = body.html
        quotes = self._quotes(at.number, above[:QUOTED_ANCESTORS])
        return Arrival(
            *(waiting.source, at.number, parent, at.place, at.depth, comment.state),
            *(self._people[person] if person else None, comment.created, body, quotes, origin, comment.line),
            *(comment.edited, _votes(comment.up), _votes(comment.down), same_as, comment.contact),
        )

    def _origin(self, record: Arranged, comment: SourceComment) -> Origin:
        if not (record.is_adopted or comment.lost or comment.guessed or comment.provenance):
            return self._plain
        return Origin(
            self._format,
            comment.lost,
            (*comment.guessed, "parent") if record.is_adopted else comment.guessed,
            _line(comment.provenance) if comment.provenance else "",
        )

    def _quotes(self, number: int, above: Sequence[int]) -> tuple[Quotation, ...]:
        above = [number for number in above if number in self._html]
        if not above and not self._excerpt:
            return ()
        passages = passages_of(self._html[number], self._words_of(number))
        if not passages:
            return ()
        return quotations_among(passages, self._excerpt, {number: self._words_of(number) for number in above})

    def _words_of(self, number: int) -> str:
        if number not in self._words:
            self._words[number] = words_of(self._html[number])
        return self._words[number]


@lru_cache(maxsize=8192)
def _name(written: str) -> str:
    return _line(written)[:_LONGEST_NAME]


def _line(text: str) -> str:
    return " ".join(clean(text).split())


def _votes(told: int) -> int:
    """Return a count of votes as a column can hold it; files say what they like."""
    return min(max(told, 0), _MOST_VOTES) if told else 0
