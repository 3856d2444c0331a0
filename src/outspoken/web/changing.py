"""Changing and taking back one's own comment, by the key this browser holds or by the code that was noted down."""

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from outspoken.discussion.comment import Body, Comment
from outspoken.discussion.errors import Invalid, NotAllowed, NotFound, NotPossible, Refusal
from outspoken.discussion.permission import may_delete, may_edit
from outspoken.discussion.state import State
from outspoken.discussion.thread import Site, Thread
from outspoken.identity.keys import ThreadKey
from outspoken.moderation.rules import judge
from outspoken.moderation.rules.facts import Facts
from outspoken.pages.forms import CodeForm, DeleteForm, EditForm
from outspoken.pages.rendering import Pages
from outspoken.pages.translations import Said, marked
from outspoken.store import changes
from outspoken.store.sites import site_named
from outspoken.store.threads import thread_by_id
from outspoken.store.windows import comment_at
from outspoken.store.writer import Unavailable
from outspoken.text.links import count_links
from outspoken.text.markup import Markup
from outspoken.text.render import RENDERER, render
from outspoken.web.contributing import Surroundings, chain_above, prepare, quotes_of
from outspoken.web.forms import UNAVAILABLE, PageRequest, page, read_form, see_other, stub
from outspoken.web.origin import check_origin
from outspoken.web.reader import own_proof
from outspoken.web.server import Dressed, Given, Server
from outspoken.web.writing import posted_page

_SHOW = "show"
"""The button of the page that asks for a code: nothing is changed yet."""
_WRONG_CODE = marked("This isn't the code of a comment with this number. Please compare it with what you noted down.")


@dataclass(frozen=True, slots=True)
class _Own:
    """A comment that whoever asks may see, what is around it, and whether they have shown to be its author."""

    comment: Comment
    around: Surroundings
    key: ThreadKey | None
    is_author: bool


@dataclass(frozen=True, slots=True)
class _Unseen:
    """Where whoever asks may see nothing: not even whether there is something."""

    site: Site
    thread: Thread
    number: int


async def _look(
    request: PageRequest, server: Server, pages: Pages, thread: str, number: int, code: str = ""
) -> _Own | _Unseen:
    key = await own_proof(request, server, pages.door, thread, number, code)

    def look(connection: sa.Connection) -> _Own | _Unseen:
        discussed = thread_by_id(connection, thread)
        site = site_named(connection, discussed.site)
        try:
            comment = comment_at(connection, thread, number)
        except NotFound:
            return _Unseen(site, discussed, number)
        mine = changes.is_author(connection, comment, key.hash if key else None)
        if not mine and comment.is_tombstone:
            return _Unseen(site, discussed, number)
        around = Surroundings(site, discussed, chain_above(connection, thread, comment.parent))
        return _Own(comment, around, key, mine)

    return await server.read(look)


@get("/t/{thread:str}/{number:int}/edit", include_in_schema=False)
async def show_edit(
    request: PageRequest, server: Given, pages: Dressed, thread: FromPath[str], number: FromPath[int]
) -> Response[str]:
    """Show the form to change a comment; without the key, it asks for the code and shows only what is public."""
    own = await _look(request, server, pages, thread, number)
    if isinstance(own, _Unseen):
        return _ask_code(pages, own, CodeForm(pages.door.edit(thread, number)))
    return _edit_form(server, pages, own)


@post("/t/{thread:str}/{number:int}/edit", include_in_schema=False)
async def send_edit(
    request: PageRequest, server: Given, pages: Dressed, thread: FromPath[str], number: FromPath[int]
) -> Response[str] | Response[None]:
    """Keep a changed text, or show its preview, or say what is wrong with it."""
    check_origin(request.headers, server.base)
    fields = await read_form(request)
    code, text, action = (fields.get(name, "") for name in ("code", "body", "action"))
    asked = CodeForm(pages.door.edit(thread, number), code, text)
    try:
        own = await _look(request, server, pages, thread, number, code)
    except Unavailable:
        return _unavailable(server, pages, thread, number, asked)
    if isinstance(own, _Unseen):
        return _ask_code(pages, own, asked)
    if action == _SHOW and not text:
        try:
            return _edit_form(server, pages, own, code)
        except NotPossible:
            return page(await posted_page(server, pages, own.comment))

    def again(status: int, problems: dict[str, Said], preview: str | None = None) -> Response[str]:
        form = EditForm(
            body=text,
            token=fields.get("token", ""),
            code=code,
            asks_code=bool(code) or not own.is_author,
            problems=problems,
            preview_html=preview,
        )
        return page(pages.edit_page(own.around.site, own.around.thread, own.comment, form), status=status)

    try:
        source = prepare(text)
        html = render(source, Markup.MARKDOWN)
        if action in ("preview", _SHOW):
            return again(200, {}, preview=html)
        body = Body(source, Markup.MARKDOWN, html, RENDERER)
        hold = judge(_facts(server, body))
        quotes, now = quotes_of(body, own.around), server.now()
        state = await server.change(
            thread,
            lambda connection: changes.edit(
                connection,
                thread,
                number,
                key_hash=own.key.hash if own.key else None,
                body=body,
                quotes=quotes,
                hold=(hold.rule, hold.reason) if hold else None,
                now=now,
                entropy=server.entropy,
            ),
        )
    except (Refusal, Unavailable) as wrong:
        return _told(wrong, again)
    server.must_erase, door = True, pages.door
    if own.key is not None and code.strip() and state is not State.PUBLISHED:
        # A browser without the key would find nothing at the comment's address.
        return see_other(door.posted(thread, number, server.tickets.issue(thread, number, own.key.code, now)))
    if door.is_framed:
        return see_other(door.done(thread, number, "edit"))
    return see_other(f"{door.comment(thread, number)}{door.anchor(number)}")


@get("/t/{thread:str}/{number:int}/delete", include_in_schema=False)
async def show_delete(
    request: PageRequest, server: Given, pages: Dressed, thread: FromPath[str], number: FromPath[int]
) -> Response[str]:
    """Ask whether a comment is to be deleted."""
    own = await _look(request, server, pages, thread, number)
    if isinstance(own, _Unseen):
        return _ask_code(pages, own, CodeForm(pages.door.delete(thread, number)))
    return _delete_form(server, pages, own)


@post("/t/{thread:str}/{number:int}/delete", include_in_schema=False)
async def send_delete(
    request: PageRequest, server: Given, pages: Dressed, thread: FromPath[str], number: FromPath[int]
) -> Response[str] | Response[None]:
    """Take a comment back."""
    check_origin(request.headers, server.base)
    fields = await read_form(request)
    code = fields.get("code", "")
    asked = CodeForm(pages.door.delete(thread, number), code)
    try:
        own = await _look(request, server, pages, thread, number, code)
    except Unavailable:
        return _unavailable(server, pages, thread, number, asked)
    if isinstance(own, _Unseen):
        return _ask_code(pages, own, asked)
    if fields.get("action") == _SHOW:
        return _delete_form(server, pages, own, code)

    def again(status: int, problems: dict[str, Said]) -> Response[str]:
        form = DeleteForm(
            token=fields.get("token", ""), code=code, asks_code=bool(code) or not own.is_author, problems=problems
        )
        return page(pages.delete_page(own.around.site, own.around.thread, own.comment, form), status=status)

    if pages.door.is_framed and own.is_author and not code and fields.get("sure") != "yes":
        return again(422, {"sure": Invalid("sure", "Please tick that you know there is no way back.")})
    now = server.now()
    try:
        await server.change(
            thread,
            lambda connection: changes.delete(
                connection, thread, number, key_hash=own.key.hash if own.key else None, now=now
            ),
        )
    except (Refusal, Unavailable) as wrong:
        return _told(wrong, again)
    server.must_erase = True
    await server.note_erased(thread, number)
    if pages.door.is_framed:
        return see_other(pages.door.done(thread, number, "delete"))
    return see_other(f"{pages.door.thread(thread)}#discussion")


def _edit_form(server: Server, pages: Pages, own: _Own, code: str = "") -> Response[str]:
    if own.is_author:
        may_edit(own.around.thread, own.comment, is_author=True, now=server.now())
    form = EditForm(
        body=own.comment.body.source if own.comment.body else "",
        token=server.tokens.issue(own.around.thread.id, server.now()),
        code=code,
        asks_code=bool(code) or not own.is_author,
    )
    return page(pages.edit_page(own.around.site, own.around.thread, own.comment, form))


def _delete_form(server: Server, pages: Pages, own: _Own, code: str = "") -> Response[str]:
    if own.is_author:
        may_delete(own.comment, is_author=True)
    form = DeleteForm(
        token=server.tokens.issue(own.around.thread.id, server.now()),
        code=code,
        asks_code=bool(code) or not own.is_author,
    )
    return page(pages.delete_page(own.around.site, own.around.thread, own.comment, form))


def _ask_code(pages: Pages, unseen: _Unseen, form: CodeForm) -> Response[str]:
    """Answer in the same way for a comment that is hidden and for one that never was."""
    if form.code.strip():
        form = CodeForm(form.action, form.code, form.body, {"code": _WRONG_CODE})
    return page(pages.code_page(unseen.site, unseen.thread, unseen.number, form), status=404)


def _unavailable(server: Server, pages: Pages, thread: str, number: int, form: CodeForm) -> Response[str]:
    form = CodeForm(form.action, form.code, form.body, {"": UNAVAILABLE})
    return page(pages.code_page(None, stub(thread, server.now()), number, form), status=503)


def _told(wrong: Refusal | Unavailable, again: Callable[[int, dict[str, Said]], Response[str]]) -> Response[str]:
    match wrong:
        case Invalid():
            return again(422, {wrong.field: wrong})
        case NotAllowed():
            return again(403, {"code": wrong})
        case Unavailable():
            return again(503, {"": UNAVAILABLE})
        case _:
            return again(409, {"": wrong})


def _facts(server: Server, body: Body) -> Facts:
    """A changed text passes the rules about texts; those about pace and forms have had their say."""
    limits = server.settings.limits
    return Facts(
        honeypot="",
        form_seconds=None,
        has_form=False,
        links=count_links(body.html),
        in_ten_minutes=0,
        today=0,
        in_thread_per_minute=0,
        most_links=limits.links_in_comment,
        most_in_ten_minutes=0,
        most_today=0,
        most_in_thread_per_minute=0,
        fastest_seconds=0,
    )


HANDLERS = (show_edit, send_edit, show_delete, send_delete)
