"""Bringing an archive in: a site exactly as it was where there is none, and what is missing where there is one.

Threads keep their ids and comments their numbers. Nothing that is here is changed. HTML isn't believed: texts are
rendered anew, so that an archive can bring in nothing that couldn't have been written here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path

from outspoken.discussion.comment import Body, Comment
from outspoken.discussion.errors import NotFound
from outspoken.discussion.place import LARGEST_NUMBER
from outspoken.discussion.state import State
from outspoken.discussion.thread import Site, Story
from outspoken.store import bygones, jobs, redirects, restoring, returning, sites
from outspoken.store.database import Database
from outspoken.store.restoring import KeptAuthor, KeptComment, Restoring
from outspoken.store.returning import KeptThread, OtherSite
from outspoken.store.sealing import Entropy
from outspoken.text.markup import Markup
from outspoken.text.render import RENDERER, render
from outspoken.transfer.archive.lines import (
    AuthorLine,
    CommentLine,
    DecisionLine,
    SiteLine,
    ThreadLine,
    digest_of,
    digest_of_story,
    from_minute,
)
from outspoken.transfer.archive.parting import CHUNK, Parts, take_beside
from outspoken.transfer.archive.reading import Archive, Read, ThreadParts
from outspoken.transfer.archive.spots import Spots
from outspoken.transfer.archive.telling import line_of, thread_line
from outspoken.transfer.archive.verifying import make_sure
from outspoken.transfer.destination import Destination, begin, with_ledger
from outspoken.transfer.records import Problem, Unreadable
from outspoken.transfer.report import Report

FORMAT = "archive"
DIFFERS = "differs from what is here"
JOINED = "of a discussion that is part of another here"
UNANSWERED = "answers what isn't here"
Told = Callable[[int, int], None]


def restore_archive(
    path: Path,
    *,
    database: Database,
    site: str | None,
    entropy: Entropy,
    now: Callable[[], datetime],
    is_rehearsal: bool = False,
    reading: Told = lambda _done, _of: None,
    writing: Told = lambda _done, _of: None,
) -> Report:
    """Bring what an archive holds into a site, or into the one it came from, and return what became of it.

    `reading` is told how many bytes of how many were compared, `writing` how many comments are done.

    Raises:
        Unreadable: if it isn't an archive, isn't as it was written, or goes on from one that wasn't brought in before;
            nothing was written then.
    """
    make_sure(path, reading)
    report = Report(FORMAT)
    with Archive(path) as archive:
        name = site or archive.manifest.site
        destination = Destination(
            database, site=name, format=FORMAT, now=now, entropy=entropy, is_rehearsal=is_rehearsal
        )
        line = archive.site()
        if archive.manifest.since is not None:
            _look_for_base(database, name, archive.manifest.since)
        if not is_rehearsal:
            _make_site(database, name, line)
        job = begin(destination, sha256(archive.manifest_bytes).hexdigest())
        if archive.told_of("provenance").lines:
            job = with_ledger(job)
        expected = archive.told_of("comments").lines or 0
        done = 0
        differing = Spots()
        with Parts(job) as parts:
            for coming in archive.threads():
                for taken in _Thread(destination, parts, coming, report, differing, archive).take():
                    done += taken
                    writing(done, expected)
            if not is_rehearsal:
                take_beside(archive, destination, parts, differing, line.ledger_salt)
        job.finish(report)
    return report


def _look_for_base(database: Database, site: str, since: str) -> None:
    """Make sure that what an increment goes on from came in before it.

    Raises:
        Unreadable: if it didn't. Comments alone don't tell: an increment left out between two would go unnoticed.
    """
    with database.reading() as connection:
        if not jobs.is_finished(connection, site, since):
            raise Unreadable(
                f"it holds only what changed since another archive, which isn't in the site {site} yet; import that one"
                f" first. Its “digest” in “outspoken verify --json” begins with {since[:16]}."
            )


def _make_site(database: Database, name: str, line: SiteLine) -> None:
    with database.writing() as connection:
        try:
            sites.site_named(connection, name)
        except NotFound:
            sites.add_site(
                connection,
                Site(name, line.title, line.origins, line.language, line.staff_names, line.indexed, line.live_tick),
            )
        if line.ledger_salt is not None:
            bygones.take_salt(connection, name, line.ledger_salt)


@dataclass(slots=True)
class _Thread:
    """One thread on its way in."""

    destination: Destination
    parts: Parts
    coming: ThreadParts
    report: Report
    differing: Spots
    """Where something else stands here; added to."""
    archive: Archive

    def take(self) -> Iterator[int]:
        """Take all of it in parts, and yield after each how many comments it had."""
        line = self.coming.thread
        if redirects.moved_to(self.parts.connection, line.id, [0]):
            yield from self._pass_over()
            return
        is_new = self._begin(line)
        thread = Restoring(
            line.id, is_new, self.destination.entropy, self._digest, is_increment=self.archive.is_increment
        )
        before = self.report.comments + self.report.tombstones
        while part := list(islice(self.coming.comments, CHUNK)):
            self._take_part(thread, part)
            self.parts.count(len(part))
            yield len(part)
        if self.archive.is_increment and not self.destination.is_rehearsal:
            # Also on comments that are as they were: taken down, say, and put back.
            decisions = self.coming.decisions(LARGEST_NUMBER)
            while made := list(islice(decisions, CHUNK)):
                self._decide(made)
        self.report.threads += self.report.comments + self.report.tombstones > before

    def _pass_over(self) -> Iterator[int]:
        """Pass over a thread that has become part of another here: what is in it is known there."""
        while part := list(islice(self.coming.comments, CHUNK)):
            numbers = [read.comment.number for read in part]
            known = redirects.moved_to(self.parts.connection, self.coming.thread.id, numbers)
            self.report.duplicates += len(known)
            if len(known) < len(part):
                self.report.skipped[JOINED] += len(part) - len(known)
            self.differing.add(self.coming.thread.id, numbers)
            self.parts.count(len(part))
            yield len(part)

    def _begin(self, line: ThreadLine) -> bool:
        addresses = [address.address for address in self.coming.addresses]
        if self.destination.is_rehearsal:
            return not returning.is_here(self.parts.connection, line.id)
        thread = _thread(line, self.destination.site)
        try:
            is_new = returning.begin(self.parts.connection, thread, addresses)
        except OtherSite as wrong:
            raise Unreadable(str(wrong)) from None
        if self.archive.is_increment and not is_new:
            returning.go_on(
                self.parts.connection, thread, line.was, lambda row: digest_of_story(thread_line(row, 0, 0))
            )
        return is_new

    def _take_part(self, thread: Restoring, part: list[Read]) -> None:
        comments = [self._comment(read.comment) for read in part]
        if self.destination.is_rehearsal:
            parted = thread.sort(self.parts.connection, comments)
        else:
            people = {read.author.number: _author(read.author) for read in part if read.author}
            parted = thread.add(self.parts.connection, comments, people)
        taken = {comment.number for comment in (*parted.missing, *parted.changed)}
        if not (self.archive.is_increment or self.destination.is_rehearsal):
            self._decide([line for line in self.coming.decisions(comments[-1].number) if line.number in taken])
        self._count(part, taken)
        self.report.duplicates += parted.known
        if elsewhere := sorted((*parted.moved, *parted.differing, *parted.unanswered)):
            self.differing.add(thread.thread, elsewhere)
        for number in parted.unanswered:
            self.report.skipped[UNANSWERED] += 1
            self.report.tell(
                Problem(f"thread {thread.thread}, comment {number}", "answers what isn't here; it was left out")
            )
        for number in parted.differing:
            self.report.skipped[DIFFERS] += 1
            self.report.tell(
                Problem(f"thread {thread.thread}, comment {number}", "isn't the one that stands here; ours was kept")
            )

    def _decide(self, lines: list[DecisionLine]) -> None:
        rows = [
            {
                "number": line.number,
                "sequence": line.sequence,
                "before": line.before and line.before.value,
                "after": line.after.value,
                "actor": line.actor,
                "rule": line.rule,
                "reason": line.reason,
                "made": from_minute(line.made),
            }
            for line in lines
            if not self.differing.has(self.coming.thread.id, line.number)
        ]
        restoring.add_decisions(self.parts.connection, self.coming.thread.id, rows)

    def _digest(self, comment: Comment) -> str:
        return digest_of(line_of(comment, is_complete=self.archive.is_complete))

    def _comment(self, line: CommentLine) -> KeptComment:
        body = None
        if line.source is not None:
            html = render(line.source, Markup(line.markup))
            if line.renderer == RENDERER and html != line.html:
                where = f"thread {line.thread}, comment {line.number}"
                self.report.tell(Problem(where, "its HTML isn't what its text gives; it was rendered anew"))
            body = Body(line.source, line.markup, html, RENDERER)
        return KeptComment(
            number=line.number,
            parent=line.parent,
            state=line.state,
            author=line.author,
            created=from_minute(line.created),
            edited=from_minute(line.edited),
            up=line.up,
            down=line.down,
            body=body,
            quotes=line.quotes,
            origin=line.origin,
            was=line.was,
        )

    def _count(self, part: list[Read], missing: set[int]) -> None:
        for read in part:
            if read.comment.number in missing:
                if read.comment.state in (State.PUBLISHED, State.HELD):
                    self.report.count_comment(read.depth)
                else:
                    self.report.tombstones += 1
                if read.author and read.author.name:
                    self.report.authors.add(read.author.name)


def _thread(line: ThreadLine, site: str) -> KeptThread:
    return KeptThread(
        id=line.id,
        site=site,
        story=Story(
            headline=line.headline,
            url=line.url,
            attribution=line.attribution,
            attribution_url=line.attribution_url,
            excerpt=line.excerpt,
            published=from_minute(line.published),
        ),
        opening=line.opening.value,
        listed=from_minute(line.listed),
        opened=from_minute(line.opened),
        active=from_minute(line.active),
        last_number=line.last_number,
        last_author=line.last_author,
    )


def _author(line: AuthorLine) -> KeptAuthor:
    return KeptAuthor(line.number, line.name, line.mark, line.key_hash, line.source)
