"""What a crowd of visitors sends: whole requests as bytes, each from an address of its own."""

import base64
import json
import random
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlencode

from bench.generate import length, words

_POOL = 2_000
_ADDRESSES = 131_072
"""198.18.0.0/15 is set aside for measurements (RFC 2544), so it stands for nobody."""


@dataclass(slots=True)
class Entry:
    """A comment that was sent: what has to stand there once it was acknowledged."""

    thread: str
    parent: int
    key: str
    """The idempotency key."""
    digest: bytes | None
    """Of its text; empty when it was deleted, None when nobody knows because an answer never came."""
    number: int = 0
    """0 until it is acknowledged."""
    code: str = ""


def digest(text: str) -> bytes:
    """Return what stands for a text in memory."""
    return sha256(text.encode()).digest()[:12]


class Crowd:
    """Makes the requests of one crowd. The limits of pace shall count everybody alone, as they would in the world."""

    def __init__(self, port: int, seed: int) -> None:
        self._chance = random.Random(seed)
        self._host = f"127.0.0.1:{port}"
        self._visitor = 0
        self._texts = [words(self._chance, length(self._chance)) for _ in range(_POOL)]

    def view(self, path: str) -> bytes:
        """Return a reader's request for a page."""
        return f"GET {path} HTTP/1.1\r\nHost: {self._host}\r\nAccept-Encoding: gzip\r\n{self._from()}\r\n\r\n".encode()

    def comment(self, thread: str, parent: int = 0) -> tuple[Entry, bytes]:
        """Return a comment that nobody sent before, and the request that sends it."""
        key = f"{self._chance.getrandbits(128):032x}"
        text = f"{self._chance.choice(self._texts)} ({key})"
        entry = Entry(thread, parent, key, digest(text))
        return entry, self._posted(entry, text)

    def vote(self, thread: str, number: int) -> bytes:
        """Return a vote by somebody who didn't vote before."""
        key = base64.urlsafe_b64encode(self._chance.randbytes(32)).decode().rstrip("=")
        value = self._chance.choice(("up", "up", "down"))
        return self._form(f"/t/{thread}/{number}/vote", {"value": value}, f"Cookie: outspoken={key}\r\n")

    def edit(self, entry: Entry) -> tuple[bytes, bytes]:
        """Return the request that changes a comment, and the digest of its new text."""
        text = f"{self._chance.choice(self._texts)} (better: {self._chance.getrandbits(64):x})"
        return self._form(f"/t/{entry.thread}/{entry.number}/edit", {"body": text, "code": entry.code}), digest(text)

    def delete(self, entry: Entry) -> bytes:
        """Return the request that takes a comment back."""
        return self._form(f"/t/{entry.thread}/{entry.number}/delete", {"code": entry.code})

    def _posted(self, entry: Entry, text: str) -> bytes:
        body = json.dumps({"body": text, "parent": entry.parent or None}).encode()
        head = (
            f"POST /api/v1/threads/{entry.thread}/comments HTTP/1.1\r\nHost: {self._host}\r\n"
            f"Content-Type: application/json\r\nIdempotency-Key: {entry.key}\r\n{self._from()}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def _form(self, path: str, fields: dict[str, str], header: str = "") -> bytes:
        body = urlencode(fields).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self._host}\r\nOrigin: http://{self._host}\r\n{header}"
            f"Content-Type: application/x-www-form-urlencoded\r\n{self._from()}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def _from(self) -> str:
        self._visitor = (self._visitor + 1) % _ADDRESSES
        return f"X-Forwarded-For: 198.{18 + (self._visitor >> 16)}.{self._visitor >> 8 & 255}.{self._visitor & 255}"
