"""Hot reads at the wire: what a snapshot can answer is answered where the request is parsed.

uvicorn's protocol, which speaks HTTP/1.1 by llhttp, with one thing before it: a plain GET or HEAD of a page that is in
memory is answered before a task, a scope or an ASGI message is made; the plainest even before it is parsed. Everything
else takes uvicorn's own way, so any ASGI server can run the application; only slower. It also keeps the time a
connection may take.
"""

import asyncio
import math

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from outspoken.pages.snapshots import OK, Form
from outspoken.web.plain import PLAIN
from outspoken.web.reads import coding_for, is_known
from outspoken.web.seen import COOKIE
from outspoken.web.server import Server

LARGEST_HEAD = 64 * 1024
"""Bytes of a request's line and header fields."""
HEAD_SECONDS = 20.0
"""For the line and header fields of a request, and for the first request to begin."""
BODY_SECONDS = 60.0
"""For a request's body."""
IDLE_SECONDS = 75
"""Between two requests. A proxy in front has to give a connection up before, as nginx does after 60 of its own."""
UNREAD_SECONDS = 30.0
"""For which a reader may take nothing of what is sent."""

MOST_AT_ONCE = 512
"""Requests that the application may be busy with when another is taken in, not counting pages that follow a thread."""
MOST_BEFORE_READING = 1_024
"""The same for a page that has to be rendered: whoever writes a lot doesn't keep others from reading."""
MOST_BEFORE_FORMS = 2_048
"""The same for forms: they are answered by a page that holds what was written, and so are refused last."""

_BUSY = (
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\ncontent-type: application/problem+json\r\n"
    b"cache-control: no-store\r\nx-content-type-options: nosniff\r\ncontent-length: %d\r\n\r\n%s"
)
_SORRY = (
    b'{"title":"Not at this moment","status":503,'
    b'"detail":"Too many people are here at this moment. Please try again in some seconds."}'
)
_REFUSED = _BUSY % (len(_SORRY), _SORRY)
_REFUSED_HEAD = _BUSY % (len(_SORRY), b"")
_NEVER_REFUSED = (b"/static/", b"/healthz", b"/readyz", b"/metrics")
_FORM = b"application/x-www-form-urlencoded"
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_HAS_BODY = frozenset({b"content-length", b"transfer-encoding", b"expect"})


def protocol_for(server: Server) -> type[HttpToolsProtocol]:
    """Return the protocol that answers from the snapshots of a server."""
    return type("Wire", (Wire,), {"server_of_pages": server})


class Wire(HttpToolsProtocol):
    """One connection. Times are of the loop's clock."""

    server_of_pages: Server
    is_between = True
    """Whether no request has begun that isn't whole yet."""
    is_answered = False
    head_size = 0
    due = math.inf
    """When what is expected of the other side has to be there."""
    read_by = math.inf
    """When what is sent has to be read."""

    def is_too_slow(self, now: float) -> bool:
        """Tell whether the other side takes longer than is polite."""
        return now > self.due or now > self.read_by

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to listen."""
        super().connection_made(transport)
        self.due = self.loop.time() + HEAD_SECONDS

    def data_received(self, data: bytes) -> None:
        """Take what has come: one plain request, or anything else."""
        plain = PLAIN.fullmatch(data) if self.is_between and len(data) <= LARGEST_HEAD else None
        if plain is None or not self._can_write() or not self._answer_kept(*plain.groups()):
            super().data_received(data)
        else:
            self.due = self.loop.time() + IDLE_SECONDS

    def on_message_begin(self) -> None:
        """Begin a request."""
        self.is_between = self.is_answered = False
        self.head_size = 0
        self.due = self.loop.time() + HEAD_SECONDS
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Take a part of the request's target."""
        self.head_size += len(url)
        if self.head_size > LARGEST_HEAD:
            self._refuse()
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header field."""
        self.head_size += len(name) + len(value)
        if self.head_size > LARGEST_HEAD:
            self._refuse()
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Answer from a snapshot, or let the application answer."""
        self.is_answered = self.transport.is_closing() or self._answer_parsed() or self._turn_away()
        if self.is_answered:
            self.due += IDLE_SECONDS
        else:
            self.due += BODY_SECONDS
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of the request's body."""
        if not self.is_answered:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request."""
        self.is_between = True
        if not self.is_answered:
            # How long an answer takes is ours to care for; those that follow a thread never end.
            self.due = math.inf
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        self.due = self.loop.time() + IDLE_SECONDS
        super().on_response_complete()

    def pause_writing(self) -> None:
        """Wait until the other side reads."""
        self.read_by = self.loop.time() + UNREAD_SECONDS
        super().pause_writing()

    def resume_writing(self) -> None:
        """Go on writing."""
        self.read_by = math.inf
        super().resume_writing()

    def _refuse(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def _answer_parsed(self) -> bool:
        """Answer the request that was parsed at once if that is possible, and tell whether it was."""
        if self.parser.get_method() not in (b"GET", b"HEAD") or not self._is_next():
            return False
        accepted = known = b""
        for name, value in self.headers:
            if name == b"accept-encoding":
                accepted = value
            elif name == b"if-none-match":
                known = value
            elif name in _HAS_BODY or (name == b"cookie" and COOKIE in value):
                return False
        return self._answer_kept(self.parser.get_method(), self.url, accepted, known)

    def _answer_kept(self, method: bytes, target: bytes, accepted: bytes | None, known: bytes | None) -> bool:
        """Answer GET or HEAD at once if what is asked for is kept, and tell whether it was answered.

        Half of all the time of an answer is spent here, so it calls as little as it can.
        """
        server = self.server_of_pages
        snapshot = server.snapshots.at(target)
        if snapshot is None:
            return False
        if server.steady() >= snapshot.good_until and not server.leases.renew_at_once(snapshot):
            return False
        form = snapshot.forms.get(coding_for(accepted or b""))
        if form is None or self.transport.is_closing():
            return False
        self.transport.write(self._answer_of(form, method, known))
        return True

    def _answer_of(self, form: Form, method: bytes, known: bytes | None) -> bytes:
        """Return, and count, what a page says to GET or HEAD and If-None-Match."""
        figures, date = self.server_of_pages.figures, self.server_state.default_headers[0][1]
        if known and is_known(form, known):
            figures.unchanged += 1
            answer = form.unchanged_answer(date)
        elif method == b"HEAD":
            figures.hits += 1
            answer = b"".join((OK, date, b"\r\n", form.head))
        else:
            figures.hits += 1
            answer = form.answer(date)
        figures.hit_bytes += len(answer)
        return answer

    def _turn_away(self) -> bool:
        """Refuse a request while the application is busy with too many, and tell whether it was refused.

        Whoever waits behind ten thousand others is gone before the answer comes; those who are taken in are answered
        soon. What is kept, even if it has to be asked after, is for everybody.
        """
        busy = len(self.server_state.tasks) - self.server_of_pages.live.count
        if busy < MOST_AT_ONCE or busy < self._most() or not self._is_next():
            return False
        if self.url.startswith(_NEVER_REFUSED) or self.server_of_pages.snapshots.at(self.url) is not None:
            return False
        self.server_of_pages.figures.refused += 1
        # A body behind the head alone would be taken for the next answer.
        self.transport.write(_REFUSED_HEAD if self.parser.get_method() == b"HEAD" else _REFUSED)
        return True

    def _most(self) -> int:
        if self.parser.get_method() in (b"GET", b"HEAD"):
            return MOST_BEFORE_READING
        return MOST_BEFORE_FORMS if (b"content-type", _FORM) in self.headers else MOST_AT_ONCE

    def _is_next(self) -> bool:
        """Tell whether an answer can be sent now: nothing before it waits, and the reader takes what is sent."""
        parser = self.parser
        return (
            self._can_write()
            and parser.get_http_version() == "1.1"
            and parser.should_keep_alive()
            and not parser.should_upgrade()
        )

    def _can_write(self) -> bool:
        return (self.cycle is None or self.cycle.response_complete) and not self.flow.write_paused
