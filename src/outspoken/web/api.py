"""The JSON API: look-up, threads, comments, posting, and being told that there is more."""

from typing import Annotated, Any

import sqlalchemy as sa
from litestar import Router, get, post
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, JSONBody, PathParameter, QueryParameter
from litestar.response import Response, ServerSentEvent

from outspoken.discussion.comment import as_shown
from outspoken.discussion.errors import Invalid, NotFound
from outspoken.discussion.permission import may_see
from outspoken.discussion.window import SIZE
from outspoken.store.threads import thread_at, thread_by_id
from outspoken.store.windows import comment_at, window_of
from outspoken.store.writer import Unavailable
from outspoken.transfer.addresses import fold_url
from outspoken.web.anonymity import visitor_of
from outspoken.web.counting import COUNTED, counts_of
from outspoken.web.errors import PROBLEM, Problem, answer_error
from outspoken.web.forms import PageRequest
from outspoken.web.outward import (
    CommentAnswer,
    CommentsAnswer,
    CountsAnswer,
    PostedAnswer,
    ThreadAnswer,
    comment_answer,
    comments_answer,
    thread_answer,
)
from outspoken.web.posts import NewComment, take_comment
from outspoken.web.reading import cursors, sort_named
from outspoken.web.server import Given

_PUBLIC = {"access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin"}

ThreadId = Annotated[str, PathParameter(description="Id of the thread", pattern="^[0-9a-z]{12}$")]
Number = Annotated[int, PathParameter(description="Number of the comment in its thread", ge=1, le=2**31 - 1)]


def _problems(*statuses: int) -> dict[int, ResponseSpec]:
    return {
        status: ResponseSpec(
            Problem,
            generate_examples=False,
            description="What went wrong, in plain words",
            media_type=PROBLEM,
        )
        for status in statuses
    }


@get("/threads", operation_id="findThread", responses=_problems(400, 404, 422), raises=[])
async def find_thread(
    server: Given,
    site: Annotated[str, QueryParameter(description="Name of the site", pattern="^[a-z0-9-]{1,63}$")],
    url: Annotated[str, QueryParameter(description="Address of the page", min_length=1, max_length=8192)],
) -> Response[ThreadAnswer]:
    """Find the thread of a page, however its address is spelled."""
    try:
        address = fold_url(url)
    except ValueError as wrong:
        raise Invalid("url", str(wrong)) from wrong

    def look(connection: sa.Connection) -> ThreadAnswer:
        id = thread_at(connection, site, [address])
        if id is None:
            raise NotFound("There is no discussion of this page.")
        return thread_answer(thread_by_id(connection, id))

    return Response(await server.read(look), headers=_PUBLIC)


@get("/counts", operation_id="countComments", responses=_problems(400, 422))
async def count_comments(
    server: Given,
    site: Annotated[str, QueryParameter(description="Name of the site", pattern="^[a-z0-9-]{1,63}$")],
    url: Annotated[
        list[str], QueryParameter(description="Address of a page; up to 100 of them", min_items=1, max_items=100)
    ],
) -> Response[CountsAnswer]:
    """Count the comments on several pages at once. A page without a discussion has none, and what isn't a page too."""
    return Response(CountsAnswer(await counts_of(server, site, url)), headers={**_PUBLIC, "cache-control": COUNTED})


@get("/threads/{thread:str}", operation_id="getThread", responses=_problems(400, 404, 422))
async def get_thread(server: Given, thread: ThreadId) -> Response[ThreadAnswer]:
    """Return a story and the state of its discussion."""
    found = await server.read(lambda connection: thread_by_id(connection, thread))
    return Response(thread_answer(found), headers=_PUBLIC)


@get("/threads/{thread:str}/comments", operation_id="listComments", responses=_problems(400, 404, 422))
async def list_comments(
    server: Given,
    thread: ThreadId,
    sort: Annotated[str, QueryParameter(description="best, newest, oldest or controversial")] = "best",
    after: Annotated[str, QueryParameter(description="Cursor: what comes after it", max_length=40)] = "",
    before: Annotated[str, QueryParameter(description="Cursor: what comes before it", max_length=40)] = "",
    parent: Annotated[int, QueryParameter(description="Only replies to this comment", ge=0, le=2**31 - 1)] = 0,
    limit: Annotated[int, QueryParameter(description="Comments at most", ge=1, le=SIZE)] = SIZE,
) -> Response[CommentsAnswer]:
    """Return a window: the first comments in a sort with their first replies, and cursors for the rest."""
    order, (behind, ahead) = sort_named(sort), cursors(after, before)

    def look(connection: sa.Connection) -> CommentsAnswer:
        found = thread_by_id(connection, thread)
        window = window_of(connection, thread, order, parent=parent, after=behind, before=ahead, size=limit)
        return comments_answer(found, window)

    return Response(await server.read(look), headers=_PUBLIC)


@get("/threads/{thread:str}/comments/{number:int}", operation_id="getComment", responses=_problems(400, 404, 422))
async def get_comment(server: Given, thread: ThreadId, number: Number) -> Response[CommentAnswer]:
    """Return one comment."""
    comment = await server.read(lambda connection: comment_at(connection, thread, number))
    may_see(comment, is_author=False)
    return Response(comment_answer(as_shown(comment)), headers=_PUBLIC)


def _answer_unreadable(request: PageRequest, _: Exception) -> Response[bytes]:
    """Say of what isn't UTF-8, or is nested without end, what is said of all that isn't JSON."""
    return answer_error(request, HTTPException(status_code=400))


async def _takes_json(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Take nothing that a form of another site could send: those have other types.

    Raises:
        HTTPException: for everything but application/json.
    """
    sent = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
    if sent != "application/json":
        raise HTTPException(status_code=415)


@post(
    "/threads/{thread:str}/comments",
    operation_id="postComment",
    status_code=201,
    guards=[_takes_json],
    exception_handlers={UnicodeDecodeError: _answer_unreadable, RecursionError: _answer_unreadable},
    responses=_problems(400, 403, 404, 409, 413, 415, 422, 503),
)
async def post_comment(
    request: PageRequest,
    server: Given,
    thread: ThreadId,
    data: JSONBody[NewComment],
    idempotency_key: Annotated[
        str | None,
        HeaderParameter(name="Idempotency-Key", description="32 hexadecimal digits; the same sent twice is kept once"),
    ] = None,
) -> PostedAnswer:
    """Publish a comment, or learn why it is held. The answer comes when it is on disk."""
    return await take_comment(server, request.headers, visitor_of(request.scope), thread, data, idempotency_key)


@get("/threads/{thread:str}/live", operation_id="followThread", responses=_problems(400, 404, 422, 503))
async def follow_thread(server: Given, thread: ThreadId) -> ServerSentEvent:
    """Tell of every change by its version and the count of comments, as server-sent events; never a text.

    A page that comes back says in `Last-Event-ID` of which version it has heard. Where too many follow already, the
    answer is 503: look at the thread itself once a minute then, with the `ETag` it had.
    """
    await server.read(lambda connection: thread_by_id(connection, thread))
    raise Unavailable("Too many pages follow discussions at this moment. Please look at this one once a minute.")


ROUTES = Router(
    "/api/v1",
    route_handlers=[count_comments, find_thread, get_thread, list_comments, get_comment, post_comment, follow_thread],
    tags=["Discussions"],
)
