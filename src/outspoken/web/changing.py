"""Changing and taking back one's own comment, by the key this browser holds or by the code that was noted down."""

from collections.abc import Callable

import sqlalchemy as sa
from litestar import Router, get, post
from litestar.response import Response

from outspoken.discussion.comment import Body, Comment
from outspoken.discussion.errors import Invalid, NotAllowed, Refusal
from outspoken.discussion.permission import may_delete, may_edit
from outspoken.identity.keys import ThreadKey
from outspoken.moderation.rules import judge
from outspoken.moderation.rules.facts import Facts
from outspoken.pages import links
from outspoken.pages.forms import DeleteForm, EditForm
from outspoken.store import changes
from outspoken.store.windows import comment_at
from outspoken.store.writer import Unavailable
from outspoken.text.links import count_links
from outspoken.text.markup import Markup
from outspoken.text.render import RENDERER, render
from outspoken.web.contributing import Surroundings, prepare, quotes_of, surroundings
from outspoken.web.forms import PageRequest, page, read_form, see_other
from outspoken.web.origin import check_origin
from outspoken.web.reader import proof
from outspoken.web.server import Server


class _Own:
    """A comment, what is around it, and whether whoever asks has shown to be its author."""

    def __init__(self, comment: Comment, around: Surroundings, key: ThreadKey | None, *, is_author: bool) -> None:
        self.comment = comment
        self.around = around
        self.key = key
        self.is_author = is_author


async def _own(request: PageRequest, server: Server, thread: str, number: int, code: str = "") -> _Own:
    key = proof(request, server, thread, code)

    def look(connection: sa.Connection) -> _Own:
        comment = comment_at(connection, thread, number)
        around = surroundings(connection, thread, comment.parent)
        mine = changes.is_author(connection, comment, key.hash if key else None)
        return _Own(comment, around, key, is_author=mine)

    return await server.read(look)


@get("/t/{thread:str}/{number:int}/edit", include_in_schema=False)
async def show_edit(request: PageRequest, server: Server, thread: str, number: int) -> Response[str]:
    """Show the form to change a comment; without the key, it asks for the code and shows only what is public."""
    own = await _own(request, server, thread, number)
    if own.is_author:
        may_edit(own.around.thread, own.comment, is_author=True, now=server.now())
    elif own.comment.is_tombstone:
        _refuse_strangers(own)
    body = own.comment.body.source if own.comment.body else ""
    form = EditForm(body=body, token=server.tokens.issue(thread, server.now()), asks_code=not own.is_author)
    return page(server.pages.edit_page(own.around.site, own.around.thread, own.comment, form))


@post("/t/{thread:str}/{number:int}/edit", include_in_schema=False)
async def send_edit(request: PageRequest, server: Server, thread: str, number: int) -> Response[str] | Response[None]:
    """Keep a changed text, or show its preview, or say what is wrong with it."""
    check_origin(request, server.base)
    fields = await read_form(request)
    own = await _own(request, server, thread, number, fields.get("code", ""))
    if not own.is_author and own.comment.is_tombstone:
        _refuse_strangers(own)

    def again(status: int, problems: dict[str, str], preview: str | None = None) -> Response[str]:
        form = EditForm(
            body=fields.get("body", ""),
            token=fields.get("token", ""),
            code=fields.get("code", ""),
            asks_code=bool(fields.get("code")) or not own.is_author,
            problems=problems,
            preview_html=preview,
        )
        return page(server.pages.edit_page(own.around.site, own.around.thread, own.comment, form), status=status)

    try:
        source = prepare(fields.get("body", ""))
        html = render(source, Markup.MARKDOWN)
        if fields.get("action") == "preview":
            return again(200, {}, preview=html)
        body = Body(source, Markup.MARKDOWN, html, RENDERER)
        hold = judge(_facts(server, body))
        quotes, now = quotes_of(body, own.around), server.now()
        await server.write(
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
    server.must_erase = True
    return see_other(f"{links.comment(thread, number)}{links.anchor(number)}")


@get("/t/{thread:str}/{number:int}/delete", include_in_schema=False)
async def show_delete(request: PageRequest, server: Server, thread: str, number: int) -> Response[str]:
    """Ask whether a comment is to be deleted."""
    own = await _own(request, server, thread, number)
    if own.is_author:
        may_delete(own.comment, is_author=True)
    elif own.comment.is_tombstone:
        _refuse_strangers(own)
    form = DeleteForm(token=server.tokens.issue(thread, server.now()), asks_code=not own.is_author)
    return page(server.pages.delete_page(own.around.site, own.around.thread, own.comment, form))


@post("/t/{thread:str}/{number:int}/delete", include_in_schema=False)
async def send_delete(request: PageRequest, server: Server, thread: str, number: int) -> Response[str] | Response[None]:
    """Take a comment back."""
    check_origin(request, server.base)
    fields = await read_form(request)
    own = await _own(request, server, thread, number, fields.get("code", ""))
    if not own.is_author and own.comment.is_tombstone:
        _refuse_strangers(own)

    def again(status: int, problems: dict[str, str]) -> Response[str]:
        form = DeleteForm(token=fields.get("token", ""), code=fields.get("code", ""), asks_code=True, problems=problems)
        return page(server.pages.delete_page(own.around.site, own.around.thread, own.comment, form), status=status)

    now = server.now()
    try:
        await server.write(
            thread,
            lambda connection: changes.delete(
                connection, thread, number, key_hash=own.key.hash if own.key else None, now=now
            ),
        )
    except (Refusal, Unavailable) as wrong:
        return _told(wrong, again)
    server.must_erase = True
    return see_other(f"{links.thread(thread)}#discussion")


def _refuse_strangers(own: _Own) -> None:
    """Say of a comment that isn't shown no more than of one that never was, and of a tombstone that it is one.

    Raises:
        NotFound, NotAllowed: always, for who isn't its author.
    """
    may_delete(own.comment, is_author=False)


def _told(wrong: Refusal | Unavailable, again: Callable[[int, dict[str, str]], Response[str]]) -> Response[str]:
    match wrong:
        case Invalid():
            return again(422, {wrong.field: str(wrong)})
        case NotAllowed():
            return again(403, {"code": str(wrong)})
        case Unavailable():
            return again(503, {"": str(wrong)})
        case _:
            return again(409, {"": str(wrong)})


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


ROUTES = Router("/", route_handlers=[show_edit, send_edit, show_delete, send_delete])
