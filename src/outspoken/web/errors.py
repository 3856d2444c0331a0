"""From what went wrong to an answer: a page for browsers, problem details for programs, never a traceback.

A fault of the program isn't explained here: it goes on to `watch`, which notes it and gives `failure_answer`.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException

from outspoken.discussion.errors import Invalid, NotAllowed, NotFound, NotPossible, Refusal, TooMany
from outspoken.pages.rendering import Pages
from outspoken.pages.translations import Said, marked, spoken_tag
from outspoken.store.writer import Unavailable
from outspoken.web.framing import framed_site
from outspoken.web.server import Server

_log = logging.getLogger("outspoken.web")

PROBLEM = "application/problem+json"
HTML = "text/html; charset=utf-8"
_FRAGMENTS = "/embed/"
_FOR_ALL = ("/api/", _FRAGMENTS)
"""Where answers begin that any page may read."""
RETRY_AFTER = "30"
"""Seconds after which it may be worth to try again what can't be done now."""
_STATUS: dict[type[Exception], int] = {
    NotFound: 404,
    NotPossible: 409,
    NotAllowed: 403,
    Invalid: 422,
    TooMany: 429,
    Unavailable: 503,
}
_TITLES = {
    400: marked("That can't be read"),
    403: marked("That isn't possible from here"),
    404: marked("There is nothing here"),
    405: marked("That can't be done here"),
    409: marked("That isn't possible now"),
    413: marked("That is too much at once"),
    415: marked("That can't be read"),
    422: marked("Something is wrong with it"),
    429: marked("Slowly, please"),
    500: marked("That went wrong on our side"),
    503: marked("Not at this moment"),
}
_OTHER_TITLE = marked("That didn't work")
_MESSAGES = {
    400: marked("The request can't be read. If you followed a link, it may be incomplete."),
    404: marked("The discussion or comment may have been removed, or the address is incomplete."),
    405: marked("This address can't be used in that way."),
    413: marked("What was sent is larger than we take."),
    415: marked("What was sent is of a kind that we don't take."),
    500: marked("It is our fault, not yours. If it happens again, please tell the people who run this site."),
    503: marked("Please try again in a minute."),
}
_THREAD = re.compile("/t/([0-9a-z]{12})(?:/|$)")
_ASKED = re.compile(rb"(?:^|&)lang=([0-9A-Za-z_-]{1,35})(?:&|$)")
_OTHER_MESSAGE = marked("It can't be done that way.")


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """Problem details. Source: RFC 9457."""

    title: str
    status: int
    detail: str
    type: str = "about:blank"
    field: str | None = None
    """Which part of the request it is about."""
    request: str | None = None
    """Where a fault of ours was met, the id under which it is in the log."""


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """An answer to something that went wrong."""

    status: int
    media_type: str
    headers: dict[str, str]
    content: bytes


def answer_error(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Return the framework's answer for an error that was foreseen.

    Raises:
        Exception: the error itself, if it wasn't.
    """
    answer = error_answer(error, request.app.state.server, request.scope)
    # The framework adds to what it takes for text; what we say is whole.
    headers = {**answer.headers, "content-type": answer.media_type}
    return Response(answer.content, status_code=answer.status, headers=headers)


def error_answer(error: Exception, server: Server, scope: Mapping[str, Any]) -> ErrorAnswer:
    """Return what is to be told about an error, to a program or to a person.

    Raises:
        Exception: the error itself, if nobody foresaw it.
    """
    path: str = scope["path"]
    is_for_programs = path.startswith("/api/")
    status, detail, field = _explained(error, is_for_programs=is_for_programs)
    headers = {}
    if isinstance(error, TooMany):
        headers["retry-after"] = str(error.retry_after)
    elif status == 503:
        headers["retry-after"] = RETRY_AFTER
    if isinstance(error, HTTPException) and "allow" in (error.headers or {}):
        headers["allow"] = str((error.headers or {})["allow"])
    title = _TITLES.get(status, _OTHER_TITLE)
    if scope["method"] in ("GET", "HEAD") and path.startswith(_FOR_ALL):
        headers["access-control-allow-origin"] = "*"
        headers["cross-origin-resource-policy"] = "cross-origin"
    if is_for_programs:
        problem = Problem(title, status, str(detail), field=field)
        return ErrorAnswer(status, PROBLEM, headers, msgspec.json.encode(problem))
    thread = _thread_in(path)
    if path.startswith(_FRAGMENTS):
        page = server.fragments.of_problem(status, title, detail, tag=_tag_in(scope), thread=thread)
    else:
        page = _pages_at(server, scope).error_page(status, title, detail, site=framed_site(scope), thread=thread)
    return ErrorAnswer(status, HTML, headers, page.encode())


def failure_answer(server: Server, scope: Mapping[str, Any], request: str) -> ErrorAnswer:
    """Return what is to be told about a fault of ours: nothing of it but the id under which it is in the log."""
    path: str = scope["path"]
    if path.startswith("/api/"):
        problem = Problem(_TITLES[500], 500, _MESSAGES[500], request=request)
        return ErrorAnswer(500, PROBLEM, {}, msgspec.json.encode(problem))
    page = _pages_at(server, scope).error_page(
        500,
        _TITLES[500],
        _MESSAGES[500],
        site=framed_site(scope),
        thread=_thread_in(path),
        reference=request,
    )
    return ErrorAnswer(500, HTML, {}, page.encode())


def _explained(error: Exception, *, is_for_programs: bool) -> tuple[int, Said, str | None]:
    """Return status, explanation and field."""
    for kind, status in _STATUS.items():
        if isinstance(error, kind):
            if status == 503:
                _log.warning("not possible at this moment", exc_info=error)
            explanation = error if isinstance(error, Refusal) else str(error)
            return status, explanation, error.field if isinstance(error, Invalid) else None
    if isinstance(error, Refusal):
        return 409, error, None
    if isinstance(error, HTTPException) and error.status_code < 500:
        field, message = _particulars(error)
        detail = _MESSAGES.get(error.status_code, _OTHER_MESSAGE)
        return error.status_code, message if is_for_programs and message else detail, field
    raise error


def _pages_at(server: Server, scope: Mapping[str, Any]) -> Pages:
    """Return the pages of the door that an address leads through."""
    is_framed = scope["path"].startswith(server.framed.door.before + "/")
    return server.framed_in(_tag_in(scope)) if is_framed else server.pages


def _tag_in(scope: Mapping[str, Any]) -> str:
    """Return the language that an address asks for, empty if it asks for none that there is."""
    found = _ASKED.search(scope["query_string"])
    return spoken_tag(found[1].decode()) if found else ""


def _thread_in(path: str) -> str:
    """Return the id of the thread that an address is about, empty if it is about none."""
    found = _THREAD.search(path)
    return found[1] if found else ""


def _particulars(error: HTTPException) -> tuple[str | None, str]:
    """Return which part of a request doesn't fit, and how it should look. Neither repeats what was sent."""
    extra = error.extra
    if isinstance(extra, list) and extra and isinstance(extra[0], dict):
        key, message = extra[0].get("key"), extra[0].get("message")
        # "data" is the framework's word for the whole body.
        return str(key) if key and key != "data" else None, str(message) if message else ""
    return None, ""
