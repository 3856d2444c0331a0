"""Voting with a button of a form."""

import re
from datetime import timedelta

from litestar import Router, post
from litestar.params import FromPath
from litestar.response import Response

from outspoken.discussion.errors import Invalid, TooMany
from outspoken.identity.keys import new_key, thread_key
from outspoken.moderation.limiter import LOCAL
from outspoken.pages import links
from outspoken.store.votes import Ballot
from outspoken.web.anonymity import visitor_of
from outspoken.web.forms import PageRequest, read_form, see_other
from outspoken.web.origin import check_origin
from outspoken.web.reader import key_cookie, key_of
from outspoken.web.seen import seen_cookies
from outspoken.web.server import Given, Server

_WINDOW = timedelta(minutes=10)
_VALUES = {"up": 1, "down": -1, "none": 0}
_PAGE = re.compile(r"/t/[0-9a-z]{12}(/[0-9]{1,9})?(\?[a-z0-9=&.\-]{1,120})?")


@post("/t/{thread:str}/{number:int}/vote", include_in_schema=False)
async def send_vote(
    request: PageRequest, server: Given, thread: FromPath[str], number: FromPath[int]
) -> Response[None]:
    """Count a vote and lead back to where it was given."""
    check_origin(request.headers, server.base)
    fields = await read_form(request)
    value = _VALUES.get(fields.get("value", ""))
    if value is None:
        raise Invalid("value", "A vote is “up”, “down” or “none”.")
    count_vote(request, server)
    held_key = key_of(request, server)
    key = held_key or new_key(server.entropy)
    mine = thread_key(key, thread)
    tally = await server.vote(Ballot(thread, number, mine.voter, mine.hash, value))
    asked = fields.get("page", "")
    back = asked if _PAGE.fullmatch(asked) else links.thread(thread)
    cookies = seen_cookies(server, thread, tally.version)
    if held_key is None:
        cookies.append(key_cookie(server, key))
    return see_other(f"{back}{links.anchor(number)}", cookies=cookies)


def count_vote(request: PageRequest, server: Server) -> None:
    """Count a vote against the visitor's limit.

    Raises:
        TooMany: if it is reached.
    """
    visitor = visitor_of(request.scope)
    most = server.settings.limits.votes_per_ten_minutes
    if visitor != LOCAL and server.limiter.count("votes", visitor, _WINDOW) > most:
        raise TooMany("Those were many votes in a short time. In ten minutes you can vote again.", 600)


ROUTES = Router("/", route_handlers=[send_vote])
