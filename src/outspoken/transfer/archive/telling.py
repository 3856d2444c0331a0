"""What of a site goes into an archive, kind by kind, each a stream in the archive's order."""

from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from outspoken.discussion.comment import Comment
from outspoken.discussion.state import State
from outspoken.discussion.thread import Site
from outspoken.store import exports
from outspoken.store.ledger import salt_of
from outspoken.store.rows import Row
from outspoken.store.threads import thread_row
from outspoken.transfer.archive.lines import (
    AddressLine,
    AuthorLine,
    CommentLine,
    DecisionLine,
    ErasedLine,
    ProvenanceLine,
    RedirectLine,
    SiteLine,
    ThreadLine,
    as_minute,
)

_NOT_SHOWN = {State.HELD: State.REJECTED, State.SPAM: State.REJECTED}


class Telling:
    """What of a site goes into an archive, kind by kind."""

    def __init__(self, connection: sa.Connection, site: Site, ids: Sequence[str], *, is_complete: bool) -> None:
        self._connection = connection
        self._site = site
        self.ids = ids
        self._is_complete = is_complete

    @property
    def discussed(self) -> Sequence[str]:
        """The threads of which pages are to be made."""
        return self.ids

    @property
    def since(self) -> str | None:
        """Digest of the manifest that this goes on from; None for all of it."""
        return None

    def site(self) -> Iterator[SiteLine]:
        """Yield the site."""
        site = self._site
        staff = site.staff_names if self._is_complete else ()
        salt = salt_of(self._connection, site.name) if self._is_complete else None
        yield SiteLine(site.name, site.title, site.language, site.origins, site.indexed, site.live_tick, staff, salt)

    def threads(self) -> Iterator[ThreadLine]:
        """Yield the threads; of a public archive nothing tells how much there is that readers don't see."""
        for id in self.ids:
            row = thread_row(self._connection, id)
            number, author = row.last_number, row.last_author
            if not self._is_complete:
                number, author = exports.last_shown(self._connection, id)
            yield thread_line(row, number, author)

    def addresses(self) -> Iterator[AddressLine]:
        """Yield the addresses that lead to the threads."""
        for id in self.ids:
            for address in exports.addresses_of(self._connection, self._site.name, id):
                yield AddressLine(id, address)

    def authors(self) -> Iterator[AuthorLine]:
        """Yield the authors."""
        for id in self.ids:
            for row in exports.authors_by_appearance(self._connection, id, only_shown=not self._is_complete):
                key_hash, source = (row.key_hash, row.source) if self._is_complete else (None, None)
                yield AuthorLine(id, row.number, row.name, row.mark, key_hash, source)

    def comments(self) -> Iterator[CommentLine]:
        """Yield the comments."""
        for id in self.ids:
            for comment in exports.comments_by_number(self._connection, id, only_shown=not self._is_complete):
                yield line_of(comment, is_complete=self._is_complete)

    def decisions(self) -> Iterator[DecisionLine]:
        """Yield what moderators decided."""
        for id in self.ids if self._is_complete else ():
            for row in exports.decisions_in(self._connection, id):
                yield DecisionLine(
                    thread=id,
                    number=row.number,
                    sequence=row.sequence,
                    after=row.after,
                    actor=row.actor,
                    rule=row.rule,
                    made=as_minute(row.made),
                    before=row.before,
                    reason=row.reason,
                )

    def provenance(self) -> Iterator[ProvenanceLine]:
        """Yield where imported comments came from."""
        if self._is_complete:
            one = self.ids[0] if len(self.ids) == 1 else None
            for row in exports.provenance_in(self._connection, self._site.name, one):
                yield ProvenanceLine(row.format, row.source, row.thread, row.number, row.job, row.line)

    def redirects(self) -> Iterator[RedirectLine]:
        """Yield where old addresses lead."""
        for id in self.ids if self._is_complete else ():
            for row in exports.redirects_to(self._connection, id):
                yield RedirectLine(id, row.was, row.number, row.was_number)

    def erased(self) -> Iterator[ErasedLine]:
        """Yield what must not come back with the next import."""
        wanted = set(self.ids)
        for row in exports.erased_imports(self._connection, self._site.name) if self._is_complete else ():
            if row.thread in wanted:
                yield ErasedLine(row.digest, row.thread, row.number)


def thread_line(row: Row, number: int, author: int) -> ThreadLine:
    """Return how a thread's row is told, with the highest number and author that are told of it."""
    return ThreadLine(
        id=row.id,
        headline=row.headline,
        opening=row.opening,
        listed=as_minute(row.listed),
        opened=as_minute(row.opened),
        comments=row.comments,
        last_number=number,
        last_author=author,
        url=row.url,
        attribution=row.attribution,
        attribution_url=row.attribution_url,
        excerpt=row.excerpt,
        published=as_minute(row.published),
        active=as_minute(row.active),
    )


def line_of(comment: Comment, *, is_complete: bool) -> CommentLine:
    """Return how a comment is told: whole, or, if readers see only its place, that alone."""
    if comment.state is not State.PUBLISHED and not is_complete:
        return _place(comment)
    body = comment.body
    return CommentLine(
        thread=comment.thread,
        number=comment.number,
        state=comment.state,
        parent=comment.parent,
        author=comment.author.number if comment.author else None,
        created=as_minute(comment.created),
        edited=as_minute(comment.edited),
        up=comment.up,
        down=comment.down,
        markup=body.markup if body else "",
        source=body.source if body else None,
        html=body.html if body else "",
        renderer=body.renderer if body else 0,
        quotes=comment.quotes,
        origin=comment.origin,
    )


def _place(comment: Comment) -> CommentLine:
    """Return what readers know of a comment that isn't shown: where it stands, and who took it away."""
    return CommentLine(comment.thread, comment.number, _NOT_SHOWN.get(comment.state, comment.state), comment.parent)
