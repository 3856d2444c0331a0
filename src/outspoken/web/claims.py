"""Claiming what one wrote before it was imported, with a code: looking at it, taking it over, having it erased.

No cookie is needed and none is set before something is taken over. Many comments are done in several goes, each of
which the reader sends off, so that no request takes long.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import sqlalchemy as sa
from litestar import Router, get, post
from litestar.params import FromPath
from litestar.response import Response

from outspoken.discussion.errors import Invalid, NotAllowed, NotFound, Refusal, TooMany
from outspoken.discussion.thread import Site
from outspoken.identity.claiming import ClaimCode, claim_code
from outspoken.identity.keys import thread_key
from outspoken.moderation.limiter import LOCAL
from outspoken.pages import links
from outspoken.pages.claiming import ClaimForm, OwnCode
from outspoken.pages.doors import PLAIN
from outspoken.pages.translations import Said
from outspoken.store import claims
from outspoken.store.claims import Act
from outspoken.store.recognising import written
from outspoken.store.sites import site_named
from outspoken.store.taking_over import Holder, parts_of
from outspoken.store.writer import Unavailable
from outspoken.web.anonymity import visitor_of
from outspoken.web.forms import UNAVAILABLE, PageRequest, page, read_form
from outspoken.web.origin import check_origin
from outspoken.web.reader import key_cookies, key_of
from outspoken.web.server import Given, Server
from outspoken.web.writing import new_submission, submission_in

MOST_TRIES = 30
"""Forms with a code that one visitor may send in ten minutes."""
AT_ONCE = 500
"""Comments that one request takes over or erases."""
_LISTED = 50
_WINDOW = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A code that was sent, and by whom."""

    site: Site
    code: ClaimCode
    key: bytes
    """The browser's, or one that it will be given."""
    holds_key: bool
    form: ClaimForm


@get("/s/{site:str}/claim", include_in_schema=False)
async def show_claim(server: Given, site: FromPath[str]) -> Response[str]:
    """Ask for a code."""
    publication = await server.read(lambda connection: site_named(connection, site))
    return page(server.pages.claim_page(publication, ClaimForm()))


@post("/s/{site:str}/claim", include_in_schema=False)
async def send_claim(request: PageRequest, server: Given, site: FromPath[str]) -> Response[str]:
    """Show what a code leads to, or take it over, or erase it."""
    check_origin(request.headers, server.base)
    fields = await read_form(request)
    publication = await server.read(lambda connection: site_named(connection, site))
    entered = fields.get("code", "")

    def again(status: int, problems: dict[str, Said]) -> Response[str]:
        return page(server.pages.claim_page(publication, ClaimForm(entered, problems=problems)), status=status)

    try:
        _count(request, server)
        code = claim_code(entered)
        if code is None:
            raise claims.worthless()
        held = key_of(request, server, PLAIN)
        # A code may have been seen by others: the key must not follow from it, but from the page that it was sent from.
        submission = submission_in(fields)
        key = held or server.first_key(submission)
        form = ClaimForm(code.text, submission.hex() if submission else new_submission(server))
        asked = _Asked(publication, code, key, held is not None, form)
        return await _answer(server, asked, fields)
    except NotFound as wrong:
        return again(404, {"code": wrong})
    except NotAllowed as wrong:
        return again(403, {"code": wrong})
    except TooMany as wrong:
        return again(429, {"": wrong})
    except Unavailable:
        return again(503, {"": UNAVAILABLE})
    except Refusal as wrong:
        return again(409, {"": wrong})


async def _answer(server: Server, asked: _Asked, fields: dict[str, str]) -> Response[str]:
    action = fields.get("action")
    if action not in set(Act):
        return await _offer(server, asked)
    if action == Act.ERASE and fields.get("sure") != "yes":
        missing = Invalid("sure", "Please tick that you know there is no way back.")
        return await _offer(server, asked, {"sure": missing}, status=422)
    return await _settle(server, asked, Act(action))


async def _offer(
    server: Server, asked: _Asked, problems: dict[str, Said] | None = None, *, status: int = 200
) -> Response[str]:
    site, digest, now = asked.site, asked.code.digest, server.now()

    def look(connection: sa.Connection) -> str:
        claim = claims.claim_at(connection, site.name, digest, now)
        if claim.act is not None:
            claims.may_use(claim, claim.act, Holder(asked.code.held_by(asked.key)))
        form = replace(asked.form, problems=problems or {})
        if claim.act is not None and not claim.left:
            return server.pages.settled_page(site, form, claim.act, 0, 0)
        first = written(connection, claims.what_is_left(connection, site.name, digest, _LISTED))
        return server.pages.claimed_page(site, form, claim.left, first, claim.act or "")

    return page(await server.read(look), status=status)


async def _settle(server: Server, asked: _Asked, act: Act) -> Response[str]:
    site, digest, now = asked.site.name, asked.code.digest, server.now()

    def left(connection: sa.Connection) -> list[tuple[str, list[int]]]:
        claims.may_use(claims.claim_at(connection, site, digest, now), act, Holder(asked.code.held_by(asked.key)))
        return list(parts_of(claims.what_is_left(connection, site, digest, AT_ONCE)))

    parts = await server.read(left)
    # The first one binds the code to this browser, before anything else is done with it.
    done = [await _settle_part(server, asked, act, part) for part in parts[:1]]
    rest = await asyncio.gather(*(_settle_part(server, asked, act, part) for part in parts[1:]), return_exceptions=True)
    for outcome in rest:
        if isinstance(outcome, BaseException):
            raise outcome
        done.append(outcome)
    claim = await server.read(lambda connection: claims.claim_at(connection, site, digest, now))
    codes = [] if act is Act.ERASE or asked.holds_key else await _codes(server, asked, parts)
    return page(
        server.pages.settled_page(asked.site, asked.form, act, sum(done), claim.left, codes),
        cookies=key_cookies(server, PLAIN, asked.key) if act is Act.TAKE and not asked.holds_key else [],
    )


async def _settle_part(server: Server, asked: _Asked, act: Act, part: tuple[str, list[int]]) -> int:
    thread, now = part[0], server.now()
    key = thread_key(asked.key, thread)
    holder = Holder(asked.code.held_by(asked.key), key.hash, key.mark)
    done = await server.change(
        thread,
        lambda connection: claims.settle(connection, asked.site.name, asked.code.digest, act, holder, part, now),
    )
    if act is Act.ERASE and done:
        server.must_erase = True
        await server.note_erased(thread, *done)
    return len(done)


async def _codes(server: Server, asked: _Asked, parts: Sequence[tuple[str, list[int]]]) -> list[OwnCode]:
    """Return what opens the comments of each thread in a browser that refuses the cookie."""
    first: dict[str, int] = {}
    for thread, numbers in parts:
        first.setdefault(thread, numbers[0])
    known = await server.read(lambda connection: written(connection, list(first.items())))
    return [
        OwnCode(links.comment(one.thread, one.number), one.headline, thread_key(asked.key, one.thread).code)
        for one in known
    ]


def _count(request: PageRequest, server: Server) -> None:
    """Count a code that was sent.

    Raises:
        TooMany: if the visitor has sent too many of late.
    """
    visitor = visitor_of(request.scope)
    if visitor != LOCAL and server.limiter.count("claims", visitor, _WINDOW) > MOST_TRIES:
        raise TooMany("Those were many codes in a short time. In ten minutes you can try again.", 600)


ROUTES = Router("/", route_handlers=[show_claim, send_claim])
