"""How one comment is shown: everything the templates need to know of it, worked out beforehand."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from markupsafe import Markup

from outspoken.discussion.comment import Author, Comment, Origin, Quotation, as_shown
from outspoken.discussion.order import Sort
from outspoken.discussion.state import State
from outspoken.discussion.thread import Opening, Thread
from outspoken.discussion.window import Branch, Window, comments_in
from outspoken.pages import links, marks
from outspoken.pages.doors import PLAIN, Door
from outspoken.pages.translations import Language, marked

_TOMBSTONES = {
    State.REMOVED: marked("Removed by the moderators"),
    State.DELETED: marked("Deleted by its author"),
}
_OTHER_TOMBSTONE = marked("Not shown")
_AUTHOR_BYTES = 8
"""Of an author's mark, to tell those of one thread apart by."""
_PLACE_GUESSED = marked("Restored from a page's text; parts of its place are guessed")
_ANSWERS_UNKNOWN = marked("What this comment answers isn't known")
_FROM_TEXT = "flattened"
"""The only format that guesses from a page's text; of any other comment the file doesn't hold what it answers."""
_RESTORED = marked("Restored from %(source)s")
_RESTORED_AND_GUESSED = marked("Restored from %(source)s; parts of its place are guessed")
_BREAK = re.compile(r"<(?:br|/p|/li|/pre|/blockquote)\b[^>]*>")


@dataclass(frozen=True, slots=True)
class Moment:
    """A time for people and for machines."""

    text: str
    iso: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A link to a comment or to the story, by the name of who wrote it; without a name by its number."""

    href: str
    name: str
    number: int
    """0 for the story."""


@dataclass(frozen=True, slots=True)
class Abroad:
    """What a comment that stands in another's page has besides: nothing can be sent from there, so all are links."""

    vote_up: str
    """Where a vote is given; empty where none is taken."""
    vote_down: str
    edit: str
    """Where authors change it; empty for a tombstone, as the rest."""
    delete: str
    report: str


@dataclass(frozen=True, slots=True)
class CommentView:
    """One comment as a template shows it. A tombstone has a text in `tombstone` and nothing of what stood there."""

    number: int
    id: str
    """Of the element it stands in."""
    href: str
    label: str
    mark: Markup
    author: str
    """The same for all that one person wrote in this thread; empty for nobody."""
    name: str
    is_named: bool
    tombstone: str
    body: Markup
    is_lost: bool
    origin: str
    """A small remark on what it was restored from, or that its place is uncertain."""
    written: Moment | None
    edited: Moment | None
    parent: Reference | None
    quotes: tuple[Reference, ...]
    up: str
    """How many votes; empty for none."""
    down: str
    up_label: str
    down_label: str
    vote: str
    """Where a vote is sent; empty where none is taken."""
    reply: str
    """Where a reply is written; empty where none is taken."""
    abroad: Abroad | None


@dataclass(frozen=True, slots=True)
class BranchView:
    """A comment with its replies."""

    comment: CommentView
    replies: tuple["BranchView", ...]
    summary: str
    """How many replies there are."""
    more_href: str
    more: str
    """What the link to further replies says; empty if there are none."""


@dataclass(frozen=True, slots=True)
class Item:
    """A comment in a flat list that is written as nested ones."""

    comment: CommentView
    opens: bool
    """Whether a list begins before it."""
    closes: int
    """How many lists end before it."""
    level: int
    """How many lists it stands in, not counting the first."""


def moment(language: Language, at: datetime | None) -> Moment | None:
    """Return how `at` is written; nothing for an unknown time."""
    if at is None:
        return None
    return Moment(language.moment(at), at.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ"))


def plain_text(html: str) -> str:
    """Return the words of a sanitised text, in one line."""
    # Blocks and line breaks part words; stripping them would glue the last word of a paragraph to the next.
    return Markup(_BREAK.sub(" ", html)).striptags()  # noqa: S704 -- striptags gives plain text, which is escaped


@dataclass(frozen=True, slots=True)
class Shown:
    """What is known while the comments of one page are prepared: their language, thread and neighbours."""

    language: Language
    thread: Thread
    sort: Sort = links.DEFAULT_SORT
    on_page: Mapping[int, Author | None] = field(default_factory=dict)
    """Who readers may know wrote the comments that stand on the same page, by number."""
    is_still: bool = False
    """Whether nothing is to be clicked in the comments (print, forms)."""
    is_whole: bool = False
    """Whether every comment of the thread stands on the page."""
    door: Door = PLAIN

    @classmethod
    def on_page_with(
        cls, language: Language, thread: Thread, window: Window, door: Door, others: Iterable[Comment] = ()
    ) -> "Shown":
        """Return what is known of a page that shows a window of a thread, and `others` of its comments."""
        on_page = {comment.number: as_shown(comment).author for comment in (*others, *comments_in(window))}
        return cls(language, thread, window.sort, on_page, door=door)

    def comment(self, comment: Comment) -> CommentView:
        """Return how `comment` is shown."""
        # Once more, although the store hides it already: a tombstone's text must not depend on one room alone.
        comment = as_shown(comment)
        say = self.language.gettext
        thread = self.thread
        author, body, origin = comment.author, comment.body, comment.origin
        tombstone = say(_TOMBSTONES.get(comment.state, _OTHER_TOMBSTONE)) if comment.is_tombstone else ""
        lost = origin.lost if origin else ()
        takes_votes = not (self.is_still or tombstone or thread.opening is Opening.READ_ONLY)
        takes_replies = not (self.is_still or tombstone) and thread.opening is Opening.OPEN
        name = self._name(author, is_lost="author" in lost)
        return CommentView(
            number=comment.number,
            id=self.door.id(comment.number),
            href=self.door.comment(thread.id, comment.number),
            label=self._label(comment.number, tombstone, name),
            mark=marks.mark(author.mark) if author else marks.NOBODY,
            author=author.mark[:_AUTHOR_BYTES].hex() if author else "",
            name=name,
            is_named=bool(author and author.name),
            tombstone=tombstone,
            # The one place where text becomes markup: it was sanitised when it was stored.
            body=Markup(body.html if body else ""),  # noqa: S704
            is_lost="body" in lost,
            origin=self._origin(origin) if origin else "",
            written=moment(self.language, comment.created),
            edited=moment(self.language, comment.edited),
            parent=self._reference(comment.parent) if comment.parent else None,
            quotes=tuple(self._quote(quotation) for quotation in comment.quotes),
            up=self.language.number(comment.up) if comment.up else "",
            down=self.language.number(comment.down) if comment.down else "",
            up_label=self.language.ngettext("%(num)s vote up", "%(num)s votes up", comment.up),
            down_label=self.language.ngettext("%(num)s vote down", "%(num)s votes down", comment.down),
            vote=self.door.vote(thread.id, comment.number) if takes_votes else "",
            reply=self.door.form(thread.id, comment.number) if takes_replies else "",
            abroad=self._abroad(comment, takes_votes=takes_votes) if self.door.is_abroad else None,
        )

    def branch(self, branch: Branch) -> BranchView:
        """Return how a comment and its replies are shown."""
        number = branch.comment.number
        more_href = more = ""
        if branch.hidden:
            more_href = self.door.comment(self.thread.id, number, self.sort, after=branch.after)
            more = (
                self.language.ngettext("%(num)s more reply", "%(num)s more replies", branch.hidden)
                if branch.replies
                else self.language.ngettext(
                    "Continue this conversation: %(num)s reply",
                    "Continue this conversation: %(num)s replies",
                    branch.hidden,
                )
            )
        return BranchView(
            comment=self.comment(branch.comment),
            replies=tuple(self.branch(reply) for reply in branch.replies),
            summary=self.language.ngettext("%(num)s reply", "%(num)s replies", len(branch.replies) + branch.hidden),
            more_href=more_href,
            more=more,
        )

    def items(self, comments: Iterable[Comment], deepest: int) -> Iterator[Item]:
        """Yield comments in reading order as one nested list, whose lists are at most `deepest` within each other."""
        level = -1
        above: list[tuple[int, Author | None]] = []
        for comment in comments:
            del above[comment.depth :]
            known = replace(self, on_page=dict(above))
            above.append((comment.number, as_shown(comment).author))
            # Lists open one at a time: a gap in the depths (a parent that isn't shown) must not break the nesting.
            next_level = min(comment.depth, deepest, level + 1)
            yield Item(
                known.comment(comment), opens=next_level > level, closes=max(0, level - next_level), level=next_level
            )
            level = next_level

    def _abroad(self, comment: Comment, *, takes_votes: bool) -> Abroad:
        door, thread, number = self.door, self.thread.id, comment.number
        is_there = not comment.is_tombstone
        return Abroad(
            vote_up=door.vote(thread, number, "up") if takes_votes else "",
            vote_down=door.vote(thread, number, "down") if takes_votes else "",
            edit=door.edit(thread, number) if is_there and self.thread.opening is not Opening.READ_ONLY else "",
            delete=door.delete(thread, number) if is_there else "",
            report=door.report(thread, number) if is_there else "",
        )

    def _name(self, author: Author | None, *, is_lost: bool) -> str:
        if author and author.name:
            return author.name
        return self.language.gettext("Name lost") if is_lost else self.language.gettext("Anonymous")

    def _label(self, number: int, tombstone: str, name: str) -> str:
        if tombstone:
            return self.language.gettext("Comment %(number)s: %(state)s") % {"number": number, "state": tombstone}
        return self.language.gettext("Comment %(number)s by %(name)s") % {"number": number, "name": name}

    def _origin(self, origin: Origin) -> str:
        if not origin.provenance:
            unsure = _PLACE_GUESSED if origin.format == _FROM_TEXT else _ANSWERS_UNKNOWN
            return self.language.gettext(unsure) if origin.guessed else ""
        remark = _RESTORED_AND_GUESSED if origin.guessed else _RESTORED
        return self.language.gettext(remark) % {"source": origin.provenance}

    def _reference(self, number: int) -> Reference:
        author = self.on_page.get(number)
        is_here = self.is_whole or number in self.on_page
        href = self.door.anchor(number) if is_here else self.door.comment(self.thread.id, number)
        return Reference(href, author.name if author else "", number)

    def _quote(self, quotation: Quotation) -> Reference:
        if quotation.target:
            return self._reference(quotation.target)
        passage = self.thread.story.excerpt[quotation.start : quotation.start + quotation.length]
        return Reference(self.door.passage(self.thread.id, passage), "", 0)
