"""A reader's key: random, kept by the browser alone. Everything else is derived from it, for one thread at a time.

From the key of a browser a key for each thread is made; two threads' keys can't be linked without the browser's. The
database keeps only a hash of the thread's key, so what it holds opens nothing.
"""

import base64
import binascii
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

KEY_BYTES = 32
_THREAD_KEY_BYTES = 20


@dataclass(frozen=True, slots=True)
class ThreadKey:
    """What proves, in one thread, that somebody is who wrote."""

    secret: bytes

    @property
    def hash(self) -> bytes:
        """What the database keeps of it. A fast hash is right: the secret has 160 random bits."""
        return sha256(b"outspoken thread key|" + self.secret).digest()

    @property
    def mark(self) -> bytes:
        """Sixteen bytes for the drawn mark."""
        return _derive(self.secret, b"mark")[:16]

    @property
    def voter(self) -> bytes:
        """What stands for the voter beside a vote."""
        return _derive(self.secret, b"vote")[:16]

    @property
    def code(self) -> str:
        """The key for people to write down: eight groups of four letters and digits."""
        return written_down(self.secret)


def new_key(entropy: Callable[[int], bytes]) -> bytes:
    """Draw a key for a browser."""
    return entropy(KEY_BYTES)


def key_from_form(secret: bytes, submission: bytes) -> bytes:
    """Return the key that belongs to one form, so that pressing its button twice doesn't make two people."""
    return _derive(secret, b"form|" + submission)


def key_to_text(key: bytes) -> str:
    """Return a browser's key as a cookie holds it."""
    return base64.urlsafe_b64encode(key).decode().rstrip("=")


def key_from_text(text: str | None) -> bytes | None:
    """Return the key in a cookie; None if there is none or it isn't one of ours."""
    try:
        key = base64.b64decode((text or "") + "=", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == KEY_BYTES else None


def thread_key(key: bytes, thread: str) -> ThreadKey:
    """Return a browser's key for one thread."""
    return ThreadKey(_derive(key, b"thread|" + thread.encode())[:_THREAD_KEY_BYTES])


def thread_key_from_code(code: str) -> ThreadKey | None:
    """Return the key that somebody wrote down, whatever the spaces and case; None if it can't be one."""
    secret = read_again(code)
    return ThreadKey(secret) if len(secret) == _THREAD_KEY_BYTES else None


def written_down(secret: bytes) -> str:
    """Return a secret in groups of four letters and digits."""
    text = base64.b32encode(secret).decode()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def read_again(code: str) -> bytes:
    """Return the secret that somebody wrote down, whatever the spaces and case; empty if it can't be one."""
    letters = "".join(char for char in code.upper() if char.isalnum())
    try:
        return base64.b32decode(letters.replace("0", "O").replace("1", "I"))
    except (binascii.Error, ValueError):
        return b""


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return hmac.digest(secret, purpose, "sha256")
