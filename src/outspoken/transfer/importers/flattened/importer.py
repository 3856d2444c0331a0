"""The importer for flattened pages: from a text file to records with ids that stay the same."""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from outspoken.discussion.state import State
from outspoken.text.markup import Markup
from outspoken.transfer.importers.flattened.article import article_of
from outspoken.transfer.importers.flattened.found import Discussion, Found, joined
from outspoken.transfer.importers.flattened.geometry import Line, lines_of
from outspoken.transfer.importers.flattened.headlines import headline, trailer
from outspoken.transfer.importers.flattened.lists import read_lists
from outspoken.transfer.importers.flattened.plain import read_said, read_trailers
from outspoken.transfer.importers.flattened.words import (
    announced,
    is_heading,
    is_removed_by_author,
    is_removed_by_staff,
    says_none,
)
from outspoken.transfer.reading.opening import opened, whole
from outspoken.transfer.reading.sameness import Names, answered, page_key
from outspoken.transfer.records import Importer, Problem, Progress, Record, SourceComment, SourceStory, Unreadable

LONGEST_TEXT = 64 * 1024**2
"""In bytes. A page is read as a whole, because only the whole tells its layout."""

_STORY = "page"
_MARKUP_OR_DATA = re.compile(r"\s*(?:<[!?a-zA-Z]|\{\s*[\"}]|\[\s*[\"{\]])")
_NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


class Flattened:
    """A page's text with its discussion, as plain-text extractors print it.

    The text has neither ids nor time zones. Times are taken as UTC. Comments are named as `sameness` tells, their page
    by its headline: the same page gives the same ids, also when it was fetched again with more comments, under
    another name, or as HTML.
    """

    name = "flattened"
    title = "text of a page with its discussion"

    def recognises(self, head: bytes) -> bool:
        """Tell whether this is text, not markup or data, with a sign of a discussion."""
        text = _decoded(head)[0]
        if _MARKUP_OR_DATA.match(text) or _NOT_TEXT.search(text):
            return False
        return any(_is_sign(line) for line in lines_of(text))

    def read(self, path: Path, progress: Progress) -> Iterator[Record]:
        """Yield the story, then its comments in reading order, then what could not be placed.

        Raises:
            Unreadable: if the file isn't text, is too long, or has no discussion in it.
        """
        with opened(path, progress) as source:
            content = whole(source, LONGEST_TEXT + 1)
        if len(content) > LONGEST_TEXT:
            raise Unreadable(f"The text is longer than {LONGEST_TEXT // 1024**2} MiB; no page is.")
        text, notes = _decoded(content)
        if _MARKUP_OR_DATA.match(text) or _NOT_TEXT.search(text):
            raise Unreadable(f"{path.name} isn't plain text: no discussion found.")
        lines = lines_of(text)
        discussion = _discussion(lines)
        if discussion is None:
            raise Unreadable(f"{path.name} is text, but no discussion was found in it.")
        discussion.drop_buttons()
        identifier = f"flattened:{_stem(path)}"
        article = article_of(lines[: discussion.begins])
        yield SourceStory(
            source=_STORY,
            identifier=identifier,
            headline=article.headline,
            attribution=article.attribution,
            excerpt=article.excerpt,
        )
        yield from _comments(discussion.comments, page_key(article.headline, identifier))
        yield from notes
        yield from _count_differs(lines, discussion)
        yield from discussion.notes


IMPORTER: Importer = Flattened()


def _decoded(content: bytes) -> tuple[str, list[Problem]]:
    """Return the text, and a Problem if it isn't UTF-8. Text that went wrong before (mojibake) is left as it is."""
    content = content.removeprefix(codecs.BOM_UTF8)
    notes = []
    try:
        # A head may end in the middle of a letter.
        text = codecs.getincrementaldecoder("utf-8")().decode(content)
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        notes.append(Problem(f"line {line}", "isn't UTF-8; the file was read as windows-1252"))
        text = content.decode("windows-1252", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n"), notes


def _is_sign(line: Line) -> bool:
    if line.marker or (line.column == 0 and (is_heading(line.text) or says_none(line.text))):
        return True
    return line.column == 0 and (headline(line.text).says or trailer(line.text) is not None)


def _discussion(lines: list[Line]) -> Discussion | None:
    """Return what the layout with the most comments makes of the page; of equals the one that tells replies."""
    readings = [reading for read in (read_lists, read_said, read_trailers) if (reading := read(lines)) is not None]
    if readings:
        return max(readings, key=lambda reading: len(reading.comments))
    for index, line in enumerate(lines):
        if says_none(line.text):
            return Discussion(index)
    return None


def _comments(comments: list[Found], page: str) -> Iterator[SourceComment]:
    names = Names(page)
    ids: list[str] = []
    told: list[str] = []
    for comment in comments:
        body = joined(comment.texts).strip()
        above = comment.parent
        ids.append(names.name("" if above is None else told[above], comment.author, body))
        told.append(answered(comment.author, body))
        state = _state(body)
        gone = state is not State.PUBLISHED
        author = "" if gone else comment.author
        yield SourceComment(
            source=ids[-1],
            story=_STORY,
            parent=None if above is None else ids[above],
            author=author,
            body="" if gone else body,
            markup=Markup.TEXT,
            created=comment.moment,
            state=state,
            line=comment.line,
            lost=() if gone else _lost(author, body),
            guessed=tuple(sorted(comment.guessed)),
        )


def _lost(author: str, body: str) -> tuple[str, ...]:
    """Return what is missing. Extractors drop links or keep their words alone, so whatever led anywhere is gone."""
    kept = (("author", bool(author)), ("body", bool(body)), ("link", not body or "://" in body))
    return tuple(name for name, is_there in kept if not is_there)


def _state(body: str) -> State:
    if is_removed_by_author(body):
        return State.DELETED
    return State.REMOVED if is_removed_by_staff(body) else State.PUBLISHED


def _count_differs(lines: list[Line], discussion: Discussion) -> Iterator[Problem]:
    heading = lines[discussion.begins] if discussion.begins < len(lines) else None
    told = announced(heading.text) if heading is not None and heading.column == 0 else None
    found = len(discussion.comments)
    if heading is not None and told is not None and told != found:
        yield Problem(f"line {heading.number}", f"{told} comments announced, {found} found")


def _stem(path: Path) -> str:
    """Return the file's name without its endings: "page.txt.gz" is the same page as "page.txt"."""
    return path.name.removesuffix(".gz").removesuffix(".txt")
