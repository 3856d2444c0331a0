"""From what went wrong to an answer: a page for browsers, problem details for programs, never a traceback."""

import logging
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException

from outspoken.discussion.errors import Invalid, NotAllowed, NotFound, NotPossible, Refusal, TooMany
from outspoken.store.writer import Unavailable

_log = logging.getLogger("outspoken.web")

PROBLEM = "application/problem+json"
_STATUS: dict[type[Exception], int] = {
    NotFound: 404,
    NotPossible: 409,
    NotAllowed: 403,
    Invalid: 422,
    TooMany: 429,
    Unavailable: 503,
}
_TITLES = {
    400: "That can't be read",
    403: "That isn't possible from here",
    404: "There is nothing here",
    405: "That can't be done here",
    409: "That isn't possible now",
    413: "That is too much at once",
    415: "That can't be read",
    422: "Something is wrong with it",
    429: "Slowly, please",
    500: "That went wrong on our side",
    503: "Not at this moment",
}
_MESSAGES = {
    400: "The request can't be read. If you followed a link, it may be incomplete.",
    404: "The discussion or comment may have been removed, or the address is incomplete.",
    405: "This address can't be used in that way.",
    413: "What was sent is larger than we take.",
    415: "What was sent is of a kind that we don't take.",
    500: "It is our fault, not yours. If it happens again, please tell the people who run this site.",
    503: "Please try again in a minute.",
}


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """Problem details. Source: RFC 9457."""

    title: str
    status: int
    detail: str
    type: str = "about:blank"
    field: str | None = None
    """Which part of the request it is about."""


def answer_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Return the answer for an error of any kind."""
    status, detail, field = _explained(error)
    headers = {}
    if isinstance(error, TooMany):
        headers["retry-after"] = str(error.retry_after)
    elif status == 503:
        headers["retry-after"] = "30"
    title = _TITLES.get(status, "That didn't work")
    if request.scope["path"].startswith("/api/"):
        problem = Problem(title, status, detail, field=field)
        headers["access-control-allow-origin"] = "*"
        return Response(msgspec.json.encode(problem), status_code=status, media_type=PROBLEM, headers=headers)
    page = request.app.state.server.pages.error_page(status, title, detail)
    return Response(page, status_code=status, media_type="text/html; charset=utf-8", headers=headers)


def _explained(error: Exception) -> tuple[int, str, str | None]:
    """Return status, explanation and field. Anything unforeseen is logged by its kind alone, without any value."""
    for kind, status in _STATUS.items():
        if isinstance(error, kind):
            return status, str(error), error.field if isinstance(error, Invalid) else None
    if isinstance(error, Refusal):
        return 409, str(error), None
    if isinstance(error, HTTPException) and error.status_code < 500:
        return error.status_code, _MESSAGES.get(error.status_code, "It can't be done that way."), _field_of(error)
    _log.error("unforeseen %s in %s", type(error).__name__, _place_of(error))
    return 500, _MESSAGES[500], None


def _field_of(error: HTTPException) -> str | None:
    extra = error.extra
    if isinstance(extra, list) and extra and isinstance(extra[0], dict):
        key = extra[0].get("key")
        return str(key) if key else None
    return None


def _place_of(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_qualname} line {trace.tb_lineno}" if trace else "an unknown place"
