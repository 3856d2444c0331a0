"""Reporting a comment to the moderators. Whoever reports is forgotten with the answer."""

from datetime import timedelta

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from outspoken.discussion.errors import Invalid, NotFound, Refusal, TooMany
from outspoken.discussion.report import Reason
from outspoken.moderation.limiter import LOCAL
from outspoken.pages.forms import NOTE_LENGTH, ReportForm
from outspoken.pages.rendering import Pages
from outspoken.pages.translations import Said
from outspoken.store.reports import Report
from outspoken.store.writer import Unavailable
from outspoken.text.hygiene import clean
from outspoken.web.anonymity import visitor_of
from outspoken.web.contributing import Surroundings, surroundings
from outspoken.web.forms import UNAVAILABLE, PageRequest, page, read_form, see_other
from outspoken.web.origin import check_origin
from outspoken.web.reader import proof
from outspoken.web.server import Dressed, Given, Server

MOST_REPORTS = 10
"""Reports that one visitor may send in ten minutes."""
_WINDOW = timedelta(minutes=10)
_ONCE = timedelta(hours=24)


@get("/t/{thread:str}/{number:int}/report", include_in_schema=False)
async def show_report(server: Given, pages: Dressed, thread: FromPath[str], number: FromPath[int]) -> Response[str]:
    """Show the form to report a comment."""
    around = await _reported(server, thread, number)
    return _form(pages, around, ReportForm(server.tokens.issue(thread, server.now())))


@post("/t/{thread:str}/{number:int}/report", include_in_schema=False)
async def send_report(
    request: PageRequest, server: Given, pages: Dressed, thread: FromPath[str], number: FromPath[int]
) -> Response[str] | Response[None]:
    """Keep a report; the same reader's second one of the same comment adds nothing."""
    check_origin(request.headers, server.base)
    fields = await read_form(request)
    around = await _reported(server, thread, number)
    reason, note = fields.get("reason", ""), clean(fields.get("note", "")).strip()

    def again(status: int, problems: dict[str, Said]) -> Response[str]:
        form = ReportForm(fields.get("token", ""), reason, note, problems)
        return _form(pages, around, form, status=status)

    try:
        made = Report(thread, number, _reason(reason), _note(note), server.now())
        if _is_first(request, server, pages, thread, number):
            await server.report(made)
    except Invalid as wrong:
        return again(422, {wrong.field: wrong})
    except TooMany as wrong:
        return again(429, {"": wrong})
    except Unavailable:
        return again(503, {"": UNAVAILABLE})
    except Refusal as wrong:
        return again(409, {"": wrong})
    return see_other(pages.door.done(thread, number, "report"))


async def _reported(server: Server, thread: str, number: int) -> Surroundings:
    around = await surroundings(server, thread, number)
    if not around.above or around.above[0].is_tombstone:
        raise NotFound("There is no such comment.")
    return around


def _form(pages: Pages, around: Surroundings, form: ReportForm, *, status: int = 200) -> Response[str]:
    return page(pages.report_page(around.site, around.thread, around.above[0], form), status=status)


def _reason(text: str) -> Reason:
    try:
        return Reason(text)
    except ValueError:
        raise Invalid("reason", "Please choose what is wrong with it.") from None


def _note(text: str) -> str:
    if len(text) > NOTE_LENGTH:
        raise Invalid("note", "This note is too long. Please keep to what the moderators need to know.")
    return text


def _is_first(request: PageRequest, server: Server, pages: Pages, thread: str, number: int) -> bool:
    """Tell whether a reader hasn't reported this comment today. Remembered in memory only, by nothing but a hash.

    Raises:
        TooMany: if the visitor has reported too much of late.
    """
    visitor, key = visitor_of(request.scope), proof(request, server, pages.door, thread)
    if visitor != LOCAL and server.limiter.count("reports", visitor, _WINDOW) > MOST_REPORTS:
        raise TooMany("Those were many reports in a short time. In ten minutes you can send another.", 600)
    who = key.hash if key else visitor
    return not who or server.limiter.count(f"reported {thread}/{number}", who, _ONCE) == 1


HANDLERS = (show_report, send_report)
