"""Bodies under keys of their own: a text can be read only as long as the key in its row exists.

Databases keep behind what was deleted (dead rows, logs, replicas); a destroyed key makes all of it noise at once.
"""

from collections.abc import Callable

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from outspoken.discussion.comment import Body

Entropy = Callable[[int], bytes]
"""Gives that many random bytes, as `os.urandom` does."""

_KEY, _NONCE = 16, 12


class Damaged(Exception):
    """A sealed text can't be opened with its key: one of the two was changed."""


class SealedBody(msgspec.Struct, frozen=True, gc=False):
    """What goes into the rows: the sealed text, and the key for the small table."""

    sealed: bytes
    key: bytes


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[str, str, str]).decode


def seal(body: Body, thread: str, number: int, entropy: Entropy) -> SealedBody:
    """Seal a text under a fresh key. It opens only at its own place (thread and number)."""
    drawn = entropy(_KEY + _NONCE)
    key, nonce = drawn[:_KEY], drawn[_KEY:]
    text = _encode((body.source, body.markup, body.html))
    return SealedBody(nonce + AESGCM(key).encrypt(nonce, text, _place(thread, number)), key)


def unseal(sealed: bytes, key: bytes, renderer: int, thread: str, number: int) -> Body:
    """Open a sealed text.

    Raises:
        Damaged: if text and key don't belong together, or not to this place.
    """
    try:
        text = AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], _place(thread, number))
    except (InvalidTag, ValueError) as wrong:
        raise Damaged(f"the text of {thread}/{number} can't be opened") from wrong
    source, markup, html = _decode(text)
    return Body(source, markup, html, renderer)


def _place(thread: str, number: int) -> bytes:
    return f"bodies|{thread}|{number}".encode()
