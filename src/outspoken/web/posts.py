"""Hot writes: comments that programs send, taken in before the framework sees them.

The framework's share of a post is larger than ours and the database's together. So what is plainly in order is read
here; whatever isn't (another path, a body that can't be read) is passed on whole, and the framework says what is wrong.
"""

import binascii
import re
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

import msgspec

from outspoken.discussion.errors import Invalid, Refusal
from outspoken.identity.keys import new_key, thread_key
from outspoken.moderation.limiter import Visitor
from outspoken.store.writer import Unavailable
from outspoken.web.anonymity import visitor_of
from outspoken.web.contributing import Contribution, contribute
from outspoken.web.errors import error_answer
from outspoken.web.forms import LARGEST
from outspoken.web.origin import check_origin
from outspoken.web.outward import PostedAnswer, encode
from outspoken.web.sending import Send, send_answer, send_error
from outspoken.web.server import Server

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]

_PATH = re.compile("/api/v1/threads/([0-9a-z]{12})/comments")


class NewComment(msgspec.Struct, forbid_unknown_fields=True):
    """A comment to be published."""

    body: Annotated[str, msgspec.Meta(description="Markdown", max_length=16 * 1024)]
    parent: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)] | None = None
    """Number of the comment it replies to."""
    author: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    """The name it is shown under."""


_decode = msgspec.json.Decoder(NewComment).decode


async def take_comment(
    server: Server,
    headers: Mapping[str, str],
    visitor: Visitor,
    thread: str,
    sent: NewComment,
    idempotency_key: str | None,
) -> PostedAnswer:
    """Publish a comment that a program sends, or tell why it is held. Returns when it is on disk.

    Raises:
        Refusal: with what can be done about it.
        Unavailable: if it can't be written now.
    """
    check_origin(headers, server.base)
    key = thread_key(new_key(server.entropy), thread)
    outcome = await contribute(
        server,
        Contribution(
            thread=thread,
            parent=sent.parent or 0,
            name=sent.author or "",
            body=sent.body,
            idempotency_key=_idempotency_key(idempotency_key, server),
            key=key,
            visitor=visitor,
        ),
    )
    receipt = outcome.receipt
    return PostedAnswer(
        thread=thread,
        number=receipt.number,
        state=receipt.state.value,
        reason=outcome.hold.reason if outcome.hold else None,
        is_duplicate=receipt.is_duplicate,
        code=None if receipt.is_duplicate else key.code,
    )


def _idempotency_key(text: str | None, server: Server) -> bytes:
    if text is None:
        return server.entropy(16)
    try:
        key = binascii.unhexlify(text)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 16:
        raise Invalid("Idempotency-Key", "An Idempotency-Key has 32 hexadecimal digits.")
    return key


class Posts:
    """ASGI application for comments sent as JSON."""

    def __init__(self, app: Any, server: Server) -> None:
        self._app = app
        self._server = server

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Take in a comment, or pass on."""
        found = _PATH.fullmatch(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        headers = _headers(scope)
        sent, again = await _read(headers, receive)
        if sent is None:
            await self._app(scope, again, send)
            return
        try:
            answer = await take_comment(
                self._server, headers, visitor_of(scope), found[1], sent, headers.get("idempotency-key")
            )
        except (Refusal, Unavailable) as wrong:
            await send_error(send, "POST", error_answer(wrong, self._server, scope))
        else:
            content = encode(answer)
            headers_sent = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(content))]
            await send_answer(send, "POST", 201, headers_sent, content)


def _headers(scope: Message) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.decode("latin-1"), value.decode("latin-1"))
    return headers


async def _read(headers: Mapping[str, str], receive: Receive) -> tuple[NewComment | None, Receive]:
    """Return the comment that is sent, None if it can't be read; and a way to read the body once more."""
    messages: deque[Message] = deque()

    async def again() -> Message:
        return messages.popleft() if messages else await receive()

    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return None, again
    content = b""
    while len(content) <= LARGEST:
        message = await receive()
        messages.append(message)
        content += message.get("body", b"")
        if message["type"] != "http.request" or not message.get("more_body"):
            break
    if len(content) > LARGEST or messages[-1]["type"] != "http.request":
        return None, again
    try:
        return _decode(content), again
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None, again
