"""Whole answers in raw ASGI, for what is answered in front of the framework."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from outspoken.web.errors import ErrorAnswer

Send = Callable[[dict[str, Any]], Awaitable[None]]


async def send_answer(
    send: Send, method: str, status: int, headers: Iterable[tuple[bytes, bytes]], content: bytes
) -> None:
    """Send an answer whose headers are complete; to HEAD without its content."""
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else content})


async def send_error(send: Send, method: str, answer: ErrorAnswer) -> None:
    """Send what is to be told about an error."""
    headers = [(name.encode(), value.encode()) for name, value in answer.headers.items()]
    headers.append((b"content-type", answer.media_type.encode()))
    headers.append((b"content-length", b"%d" % len(answer.content)))
    await send_answer(send, method, answer.status, headers, answer.content)
