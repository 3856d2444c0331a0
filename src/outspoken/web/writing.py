"""Writing a comment with nothing but a browser: the form, its preview, what was wrong with it, and where it went."""

import binascii
from dataclasses import dataclass
from typing import Any

from litestar import get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Response

from outspoken.discussion.comment import Comment, as_shown
from outspoken.discussion.errors import Invalid, NotFound, Refusal
from outspoken.discussion.permission import may_reply, may_write
from outspoken.discussion.state import State
from outspoken.identity.keys import ThreadKey, thread_key
from outspoken.pages.doors import Door
from outspoken.pages.forms import Form
from outspoken.pages.rendering import Pages
from outspoken.pages.translations import Said, marked
from outspoken.store.changes import is_author
from outspoken.store.decisions import decisions_on
from outspoken.store.sites import site_named
from outspoken.store.threads import thread_by_id
from outspoken.store.windows import comment_at
from outspoken.store.writer import Unavailable
from outspoken.text.hygiene import clean
from outspoken.text.markup import Markup
from outspoken.text.render import render
from outspoken.web.anonymity import visitor_of
from outspoken.web.contributing import Contribution, Outcome, Surroundings, contribute, prepare, surroundings
from outspoken.web.forms import UNAVAILABLE, PageRequest, number_in, page, read_form, see_other, stub
from outspoken.web.origin import check_origin
from outspoken.web.reader import key_cookies, key_of, proof
from outspoken.web.seen import seen_cookies
from outspoken.web.server import Dressed, Given, Server

SUBMISSION_BYTES = 16
LONGEST_QUOTE = 500
"""Characters of a quotation that an address brings along."""
_ALL = ""
_NO_PARENT = marked("The comment you reply to isn't there. You can publish this as a comment of its own.")
OPEN_FOR_LONG = marked("This form was open for long. Nothing of it is lost: please press “Publish” once more.")


@get("/t/{thread:str}/comments", include_in_schema=False)
async def show_form(
    server: Given, pages: Dressed, thread: FromPath[str], parent: FromQuery[str] = "", quote: FromQuery[str] = ""
) -> Response[str]:
    """Show the form alone, for a comment or a reply; `quote` is what is answered in it, for its writer to see."""
    answered = number_in({"parent": parent}, "parent")
    around = await surroundings(server, thread, answered)
    if around.above:
        may_reply(around.thread, around.above[0])
    else:
        may_write(around.thread)
    form = Form(
        parent=answered,
        body=quoted(quote),
        token=server.tokens.issue(thread, server.now()),
        submission=new_submission(server),
    )
    return page(pages.form_page(around.site, around.thread, _shown_parent(around), form))


@post("/t/{thread:str}/comments", include_in_schema=False)
async def send_form(
    request: PageRequest, server: Given, pages: Dressed, thread: FromPath[str]
) -> Response[str] | Response[None]:
    """Take a comment from the form; whatever is wrong, the text comes back with it."""
    check_origin(request.headers, server.base)
    fields = await read_form(request)
    try:
        around, missing = await _where(server, thread, fields)
    except Unavailable:
        return page(pages.form_page(None, stub(thread, server.now()), None, _unsaved(fields)), status=503)
    if missing is not None:
        return _again(server, pages, around, fields, problems={_ALL: missing}, status=404)
    try:
        if fields.get("action") == "preview":
            source = prepare(fields.get("body", ""))
            return _again(server, pages, around, fields, preview=render(source, Markup.MARKDOWN))
        token = fields.get("token", "")
        age = server.tokens.age(token, thread, server.now()) if token else None
        if token and age is None:
            return _again(server, pages, around, fields, warning=OPEN_FOR_LONG)
        return await _publish(request, server, pages, around, fields, None if age is None else age.total_seconds())
    except Invalid as wrong:
        return _again(server, pages, around, fields, problems={wrong.field: wrong}, status=422)
    except Unavailable:
        return _again(server, pages, around, fields, problems={_ALL: UNAVAILABLE}, status=503)
    except Refusal as wrong:
        return _again(server, pages, around, fields, problems={_ALL: wrong}, status=409)


async def _where(server: Server, thread: str, fields: dict[str, str]) -> tuple[Surroundings, str | None]:
    """Return where a comment is to stand; if what it answers can't be answered, the thread alone, and that it can't.

    Raises:
        NotFound: if there is no such thread.
        Unavailable: if the database doesn't answer.
    """
    try:
        parent = number_in(fields, "parent")
        return await surroundings(server, thread, parent), None
    except (Invalid, NotFound):
        return await surroundings(server, thread, 0), _NO_PARENT


def _unsaved(fields: dict[str, str]) -> Form:
    """Return a form with all that was written in it, when there is no database to ask what it belongs to."""
    return Form(
        parent=int(parent) if (parent := fields.get("parent", "")).isdecimal() and len(parent) <= 9 else 0,
        name=fields.get("name", ""),
        body=fields.get("body", ""),
        token=fields.get("token", ""),
        submission=fields.get("submission", ""),
        problems={_ALL: UNAVAILABLE},
    )


async def _publish(
    request: PageRequest,
    server: Server,
    pages: Pages,
    around: Surroundings,
    fields: dict[str, str],
    form_seconds: float | None,
) -> Response[None]:
    door = pages.door
    check_own_words(door, fields.get("body", ""))
    writer = writer_of(request, server, door, fields)
    sent = contribution(request, server, writer, around.thread.id, fields, form_seconds)
    return await answer(server, door, writer, sent, await contribute(server, sent))


@dataclass(frozen=True, slots=True)
class Writer:
    """The browser that sends a form."""

    key: bytes
    submission: bytes | None
    """Names the form; None for the one that everybody is shown alike."""
    holds_key: bool
    """Whether it held its key before."""


def writer_of(request: PageRequest, server: Server, door: Door, fields: dict[str, str]) -> Writer:
    """Return who sends a form."""
    held_key, submission = key_of(request, server, door), submission_in(fields)
    return Writer(held_key or server.first_key(submission), submission, held_key is not None)


def contribution(
    request: PageRequest,
    server: Server,
    writer: Writer,
    thread: str,
    fields: dict[str, str],
    form_seconds: float | None,
) -> Contribution:
    """Return the comment that a form holds; `form_seconds` is how long it was open, None if that isn't known.

    Raises:
        Invalid: if the number of what it answers isn't one.
    """
    return Contribution(
        thread=thread,
        parent=number_in(fields, "parent"),
        name=fields.get("name", ""),
        body=fields.get("body", ""),
        idempotency_key=writer.submission or server.entropy(SUBMISSION_BYTES),
        key=thread_key(writer.key, thread),
        may_be_repeated=not writer.holds_key and writer.submission is None,
        visitor=visitor_of(request.scope),
        honeypot=fields.get("website", ""),
        form_seconds=form_seconds,
        has_form=True,
    )


async def answer(server: Server, door: Door, writer: Writer, sent: Contribution, outcome: Outcome) -> Response[None]:
    """Lead a writer to what became of a comment, with what opens it later."""
    thread, number = sent.thread, outcome.receipt.number
    is_anothers = outcome.receipt.is_duplicate and not await _is_mine(server, thread, number, sent.key)
    seen = [] if door.is_framed else seen_cookies(server, thread, outcome.receipt.version)
    if writer.holds_key or is_anothers:
        # Whoever sends again what is there already is led to it, but is given no key that opens it.
        return see_other(_written(door, thread, number, "reply" if sent.parent else "write"), cookies=seen)
    ticket = server.tickets.issue(thread, number, sent.key.code, server.now())
    return see_other(door.posted(thread, number, ticket), cookies=[*key_cookies(server, door, writer.key), *seen])


def _written(door: Door, thread: str, number: int, act: str) -> str:
    return door.done(thread, number, act) if door.is_framed else door.comment(thread, number) + door.anchor(number)


@get("/t/{thread:str}/{number:int}/posted/{ticket:str}", include_in_schema=False)
async def show_posted(
    request: PageRequest,
    server: Given,
    pages: Dressed,
    thread: FromPath[str],
    number: FromPath[int],
    ticket: FromPath[str],
) -> Response[str] | Response[None]:
    """Show a writer without cookies what became of their comment, and its code; send others on to the comment."""
    posted = server.tickets.use(ticket, server.now())
    if posted is None or (posted.thread, posted.number) != (thread, number):
        raise NotFound("This page is shown only once. If you noted the code down, you can use it at the comment.")
    key = proof(request, server, pages.door, thread)
    comment = await server.read(lambda connection: comment_at(connection, thread, number))
    act = "reply" if comment.parent else "write"
    if key is not None and await server.read(lambda connection: is_author(connection, comment, key.hash)):
        return see_other(_written(pages.door, thread, number, act))
    return page(await posted_page(server, pages, comment, posted.code, act=act))


async def posted_page(server: Server, pages: Pages, comment: Comment, code: str = "", *, act: str = "") -> str:
    """Return the page that tells writers where their comment stands; `act` is what they have just done."""
    thread, number = comment.thread, comment.number
    discussed = await server.read(lambda connection: thread_by_id(connection, thread))
    site = await server.read(lambda connection: site_named(connection, discussed.site))
    made = await server.read(lambda connection: decisions_on(connection, thread, number))
    is_hidden = comment.state is not State.PUBLISHED
    reason = made[-1].reason if made and is_hidden else ""
    html = comment.body.html if is_hidden and comment.body else ""
    return pages.posted_page(site, discussed, number, comment.state, code=code, reason=reason, html=html, act=act)


def _again(
    server: Server,
    pages: Pages,
    around: Surroundings,
    fields: dict[str, str],
    *,
    problems: dict[str, Said] | None = None,
    preview: str | None = None,
    warning: str | None = None,
    status: int = 200,
) -> Response[str]:
    form = refilled(
        server,
        around.thread.id,
        fields,
        parent=around.above[0].number if around.above else 0,
        problems=problems or {},
        preview_html=preview,
        warning=warning,
    )
    return page(pages.form_page(around.site, around.thread, _shown_parent(around), form), status=status)


def refilled(server: Server, bound_to: str, fields: dict[str, str], **more: Any) -> Form:
    """Return a form as it was filled in, with a token that says how long it has been open already.

    `bound_to` is what its token is for, a thread's id; `more` is what else there is to say in it.
    """
    token = fields.get("token", "")
    now = server.now()
    if server.tokens.age(token, bound_to, now) is None:
        token = server.tokens.issue(bound_to, server.already_open(now))
    return Form(
        name=fields.get("name", ""),
        body=fields.get("body", ""),
        token=token,
        submission=fields.get("submission") or new_submission(server),
        **more,
    )


def _shown_parent(around: Surroundings) -> Comment | None:
    return as_shown(around.above[0]) if around.above else None


def quoted(text: str) -> str:
    """Return what somebody wants to answer as a quotation in Markdown, for the form; nothing for nothing."""
    lines = clean(text[:LONGEST_QUOTE]).strip().splitlines()
    return "".join(f"> {line}\n" for line in lines) + "\n" if lines else ""


def check_own_words(door: Door, text: str) -> None:
    """Refuse in a frame what is nothing but a quotation: the page around could have put it there and stolen the click.

    Raises:
        Invalid: if there is no line that isn't quoted.
    """
    if door.is_framed and all(line.lstrip().startswith(">") for line in text.splitlines() if line.strip()):
        raise Invalid("body", "There is no text yet. Write something first.")


def new_submission(server: Server) -> str:
    """Return a name for a form that is about to be shown."""
    return server.entropy(SUBMISSION_BYTES).hex()


def submission_in(fields: dict[str, str]) -> bytes | None:
    """Return the idempotency key a form names, None for the form that everybody is shown alike."""
    try:
        given = binascii.unhexlify(fields.get("submission", ""))
    except (binascii.Error, ValueError):
        return None
    return given if len(given) == SUBMISSION_BYTES else None


async def _is_mine(server: Server, thread: str, number: int, key: ThreadKey) -> bool:
    return await server.read(lambda connection: is_author(connection, comment_at(connection, thread, number), key.hash))


HANDLERS = (show_form, send_form, show_posted)
