"""Taking a comment in, whichever door it came through: clean, judged by the rules, written."""

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from outspoken.discussion.comment import Body, Comment, Quotation
from outspoken.discussion.errors import Invalid, Refusal
from outspoken.discussion.permission import may_see
from outspoken.discussion.state import State
from outspoken.discussion.thread import Site, Thread
from outspoken.identity.keys import ThreadKey
from outspoken.moderation.limiter import LOCAL, Visitor
from outspoken.moderation.rules import Hold, judge
from outspoken.moderation.rules.facts import Facts
from outspoken.store.beginning import Beginning, Begun
from outspoken.store.sites import site_named
from outspoken.store.submission import Receipt, Submission
from outspoken.store.threads import thread_by_id
from outspoken.store.windows import ancestors_of, comment_at
from outspoken.store.writer import Unavailable
from outspoken.text.hygiene import clean
from outspoken.text.links import count_links
from outspoken.text.markup import Markup
from outspoken.text.names import clean_name, skeleton
from outspoken.text.quotations import find_quotations
from outspoken.text.render import RENDERER, check_body, render
from outspoken.web.scenes import Scene
from outspoken.web.server import Server


@dataclass(frozen=True, slots=True)
class Contribution:
    """A comment as somebody sends it."""

    thread: str
    parent: int
    name: str
    body: str
    idempotency_key: bytes
    key: ThreadKey
    visitor: Visitor
    honeypot: str = ""
    form_seconds: float | None = None
    has_form: bool = False
    may_be_repeated: bool = False
    """Whether nothing in it would tell a second press of the button from a second person."""
    begins: Beginning | None = None
    """The discussion that it is the first comment of; `thread` is the id it gets."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it, and why it is held if it is."""

    receipt: Receipt
    hold: Hold | None


async def contribute(server: Server, sent: Contribution) -> Outcome:
    """Take a comment in.

    Raises:
        Refusal: with what the writer can do about it.
        Begun: if another began the discussion that this would begin.
        Unavailable: if it can't be written now.
    """
    await server.turns.wait()
    source = prepare(sent.body)
    name = clean_name(sent.name)
    begins = sent.begins
    around = beginning_of(begins, sent.thread) if begins else await surroundings(server, sent.thread, sent.parent)
    check_staff_name(around.site, name)
    body = Body(source, Markup.MARKDOWN, render(source, Markup.MARKDOWN), RENDERER)
    hold = judge(_facts(server, sent, body))
    submission = Submission(
        thread=sent.thread,
        parent=sent.parent,
        name=name,
        mark=sent.key.mark,
        key_hash=sent.key.hash,
        body=body,
        quotes=quotes_of(body, around),
        idempotency_key=sent.idempotency_key,
        state=State.HELD if hold else State.PUBLISHED,
        rule=hold.rule if hold else "",
        reason=hold.reason if hold else "",
        may_be_repeated=sent.may_be_repeated,
    )
    try:
        receipt = await (server.begin(begins, submission) if begins else server.publish(submission))
    except (Refusal, Unavailable, Begun):
        _uncount(server, sent)
        raise
    if receipt.is_duplicate:
        _uncount(server, sent)
    return Outcome(receipt, hold if receipt.state is State.HELD else None)


def prepare(body: str) -> str:
    """Return a text as it will be kept.

    Raises:
        Invalid: if it can't be shown.
    """
    source = clean(body).strip("\n")
    check_body(source)
    return source


def check_staff_name(site: Site, name: str) -> None:
    """Keep the names of the staff for the staff.

    Raises:
        Invalid: if the name looks like one of them.
    """
    look = skeleton(name)
    if look and look in {skeleton(staff) for staff in site.staff_names}:
        raise Invalid("name", "This name looks like that of somebody on the staff. Please take another.")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a comment will stand."""

    site: Site
    thread: Thread
    above: tuple[Comment, ...]
    """The comment it replies to and what that replies to, nearest first."""


def beginning_of(begins: Beginning, thread: str) -> Surroundings:
    """Return where the first comment of a discussion will stand that isn't there yet."""
    return Surroundings(begins.site, begins.as_thread(thread), ())


async def surroundings(server: Server, thread: str, parent: int) -> Surroundings:
    """Return where a comment will stand.

    Raises:
        NotFound: if there is no such thread, or no such comment to be seen.
        Unavailable: if the database doesn't answer.
    """
    now = server.steady()
    scene = server.scenes.at(thread, now)
    if scene is None:
        scene = await server.read(lambda connection: _scene(connection, thread))
        server.scenes.keep(scene, now)
    if not parent:
        return Surroundings(scene.site, scene.thread, ())
    above = await server.read(lambda connection: chain_above(connection, thread, parent))
    # Before anything else is said: a closed discussion must not tell a hidden comment from none.
    may_see(above[0], is_author=False)
    return Surroundings(scene.site, scene.thread, above)


def _scene(connection: sa.Connection, thread: str) -> Scene:
    discussed = thread_by_id(connection, thread)
    return Scene(site_named(connection, discussed.site), discussed)


def chain_above(connection: sa.Connection, thread: str, parent: int) -> tuple[Comment, ...]:
    """Return a comment and what it answers, nearest first, whoever may see it.

    Raises:
        NotFound: if there is no such comment.
    """
    if parent:
        return (comment_at(connection, thread, parent), *reversed(ancestors_of(connection, thread, parent)))
    return ()


def quotes_of(body: Body, around: Surroundings) -> tuple[Quotation, ...]:
    """Return what a text quotes of its surroundings."""
    published = {
        comment.number: comment.body.html
        for comment in around.above
        if comment.state is State.PUBLISHED and comment.body
    }
    return find_quotations(body.html, around.thread.story.excerpt, published)


def _facts(server: Server, sent: Contribution, body: Body) -> Facts:
    limits = server.settings.limits
    # The machine itself, and whoever comes through an onion service, can't be told apart and so isn't counted.
    is_counted = sent.visitor != LOCAL
    count = server.limiter.count
    ten_minutes, today, in_thread = (
        (count(what, who, window) for what, who, window in _counted(sent)) if is_counted else (0, 0, 0)
    )
    return Facts(
        honeypot=sent.honeypot,
        form_seconds=sent.form_seconds,
        has_form=sent.has_form,
        links=count_links(body.html),
        in_ten_minutes=ten_minutes,
        today=today,
        in_thread_per_minute=in_thread,
        most_links=limits.links_in_comment,
        most_in_ten_minutes=limits.comments_per_ten_minutes,
        most_today=limits.comments_per_day,
        most_in_thread_per_minute=limits.comments_per_minute_in_thread,
        fastest_seconds=limits.fastest_form_seconds,
    )


def _counted(sent: Contribution) -> tuple[tuple[str, bytes, timedelta], ...]:
    return (
        ("comments/10min", sent.visitor, timedelta(minutes=10)),
        ("comments/day", sent.visitor, timedelta(days=1)),
        ("thread/min", sent.thread.encode(), timedelta(minutes=1)),
    )


def _uncount(server: Server, sent: Contribution) -> None:
    """Forget an attempt that added nothing: whoever corrects a name hasn't written twice."""
    if sent.visitor != LOCAL:
        for what, who, _ in _counted(sent):
            server.limiter.take_back(what, who)
