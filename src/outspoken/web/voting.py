"""Voting with a button of a form: where the comment stands, or on a page of its own."""

import re
from datetime import timedelta

from litestar import get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Response

from outspoken.discussion.errors import Invalid, NotFound, TooMany
from outspoken.discussion.permission import may_vote
from outspoken.identity.keys import new_key, thread_key
from outspoken.moderation.limiter import LOCAL
from outspoken.pages.forms import VoteForm
from outspoken.store.votes import Ballot
from outspoken.web.anonymity import visitor_of
from outspoken.web.contributing import surroundings
from outspoken.web.forms import PageRequest, page, read_form, see_other
from outspoken.web.origin import check_origin
from outspoken.web.reader import key_cookies, key_of
from outspoken.web.seen import seen_cookies
from outspoken.web.server import Dressed, Given, Server

_WINDOW = timedelta(minutes=10)
_VALUES = {"up": 1, "down": -1, "none": 0}
_PAGE = re.compile(r"(/frame)?/t/[0-9a-z]{12}(/[0-9]{1,9})?(\?[A-Za-z0-9=&.\-]{1,120})?")


@get("/t/{thread:str}/{number:int}/vote", include_in_schema=False)
async def show_vote(
    server: Given, pages: Dressed, thread: FromPath[str], number: FromPath[int], value: FromQuery[str] = ""
) -> Response[str]:
    """Show one comment with the buttons to vote; `value` says which one was meant."""
    around = await surroundings(server, thread, number)
    if not around.above:
        raise NotFound("There is no such comment.")
    may_vote(around.thread, around.above[0], is_author=False)
    form = VoteForm(server.tokens.issue(thread, server.now()), value if value in _VALUES else "")
    return page(pages.vote_page(around.site, around.thread, around.above[0], form))


@post("/t/{thread:str}/{number:int}/vote", include_in_schema=False)
async def send_vote(
    request: PageRequest, server: Given, pages: Dressed, thread: FromPath[str], number: FromPath[int]
) -> Response[None]:
    """Count a vote and lead back to where it was given."""
    check_origin(request.headers, server.base)
    fields = await read_form(request)
    value = _VALUES.get(fields.get("value", ""))
    if value is None:
        raise Invalid("value", "A vote is “up”, “down” or “none”.")
    count_vote(request, server)
    door = pages.door
    held_key = key_of(request, server, door)
    key = held_key or new_key(server.entropy)
    mine = thread_key(key, thread)
    tally = await server.vote(Ballot(thread, number, mine.voter, mine.hash, value))
    cookies = [] if door.is_framed else seen_cookies(server, thread, tally.version)
    if held_key is None:
        cookies += key_cookies(server, door, key)
    asked = fields.get("page", "")
    if _PAGE.fullmatch(asked) and asked.startswith(door.before):
        return see_other(f"{asked}{door.anchor(number)}", cookies=cookies)
    if door.is_framed:
        return see_other(door.done(thread, number, "vote"), cookies=cookies)
    return see_other(f"{door.thread(thread)}{door.anchor(number)}", cookies=cookies)


def count_vote(request: PageRequest, server: Server) -> None:
    """Count a vote against the visitor's limit.

    Raises:
        TooMany: if it is reached.
    """
    visitor = visitor_of(request.scope)
    most = server.settings.limits.votes_per_ten_minutes
    if visitor != LOCAL and server.limiter.count("votes", visitor, _WINDOW) > most:
        raise TooMany("Those were many votes in a short time. In ten minutes you can vote again.", 600)


HANDLERS = (show_vote, send_vote)
