"""What browsers send: form fields, limited before they are read, and the answers pages are made of."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from litestar import MediaType, Request, Response
from litestar.datastructures import Cookie

from outspoken.discussion.errors import Invalid
from outspoken.discussion.thread import Opening, Story, Thread
from outspoken.pages.translations import marked
from outspoken.web.errors import RETRY_AFTER

LARGEST = 192 * 1024
"""Bytes of a request's body. The form's field takes 16,384 characters, each up to nine bytes when it is encoded."""
_FIELDS = 20
UNAVAILABLE = marked("It can't be saved at the moment. Nothing of it is lost: please try again in a minute.")

PageRequest = Request[Any, Any, Any]


async def read_form(request: PageRequest) -> dict[str, str]:
    """Return the fields of a form as browsers send it without files; of a field that comes twice, the first.

    Raises:
        Invalid: if it is of another type, or isn't UTF-8.
    """
    if request.content_type[0] != "application/x-www-form-urlencoded":
        raise Invalid("", "Please send the form of the page.")
    try:
        pairs = parse_qsl(
            (await request.body()).decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_FIELDS,
        )
    except ValueError as wrong:
        raise Invalid("", "The form can't be read. Please send it from the page.") from wrong
    fields: dict[str, str] = {}
    for name, value in pairs:
        fields.setdefault(name, value)
    return fields


def number_in(fields: Mapping[str, str], name: str) -> int:
    """Return a comment's number out of a form or an address; 0 if it isn't given.

    Raises:
        Invalid: if it isn't one.
    """
    text = fields.get(name, "")
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise Invalid(name, "This isn't the number of a comment.")
    return int(text)


def stub(thread: str, now: datetime) -> Thread:
    """Return what can be said of a thread while there is no database to ask."""
    return Thread(thread, "", Story(""), Opening.OPEN, comments=0, version=0, opened=now, active=None)


def page(
    content: str, *, status: int = 200, headers: dict[str, str] | None = None, cookies: list[Cookie] | None = None
) -> Response[str]:
    """Return a page that is meant for one reader."""
    return Response(
        content,
        status_code=status,
        media_type=MediaType.HTML,
        headers={**({"retry-after": RETRY_AFTER} if status == 503 else {}), **(headers or {})},
        cookies=cookies or [],
    )


def see_other(address: str, *, cookies: list[Cookie] | None = None) -> Response[None]:
    """Send the browser on with GET, so that a reload doesn't send the form again."""
    return Response(None, status_code=303, headers={"location": address}, cookies=cookies or [])
