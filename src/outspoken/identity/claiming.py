"""Codes with which people claim what they wrote before it was imported: random, handed over once, kept as a digest."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from outspoken.identity.keys import read_again, written_down

_BYTES = 20


@dataclass(frozen=True, slots=True)
class ClaimCode:
    """One such code."""

    secret: bytes

    @property
    def text(self) -> str:
        """The code for people: eight groups of four letters and digits."""
        return written_down(self.secret)

    @property
    def digest(self) -> bytes:
        """What the database keeps of it. A fast hash is right: the secret has 160 random bits."""
        return sha256(b"outspoken claim|" + self.secret).digest()

    def held_by(self, key: bytes) -> bytes:
        """Return what stands beside this claim for the browser with `key`, and for nobody anywhere else."""
        return hmac.digest(key, b"claim|" + self.digest, "sha256")


def new_claim_code(entropy: Callable[[int], bytes]) -> ClaimCode:
    """Draw a code."""
    return ClaimCode(entropy(_BYTES))


def claim_code(text: str) -> ClaimCode | None:
    """Return the code that somebody entered, whatever the spaces and case; None if it can't be one."""
    secret = read_again(text)
    return ClaimCode(secret) if len(secret) == _BYTES else None
