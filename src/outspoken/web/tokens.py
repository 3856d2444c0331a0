"""Form tokens: prove that a form came from here and tell how long ago, without anything kept or any cookie."""

import hmac
from datetime import UTC, datetime, timedelta

LIFE = timedelta(hours=24)


class Tokens:
    """Signs with a key that lives as long as the process; after a restart a form comes back filled, once."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def issue(self, thread: str, now: datetime) -> str:
        """Return a token for the forms of a thread's page."""
        seconds = int(now.timestamp())
        return f"{seconds:x}.{self._sign(thread, seconds)}"

    def age(self, token: str, thread: str, now: datetime) -> timedelta | None:
        """Return how long ago a token was issued; None if it isn't ours, is of another thread, or has expired."""
        seconds, _, signature = token.partition(".")
        try:
            issued = int(seconds, 16)
            moment = datetime.fromtimestamp(issued, UTC)
        except (ValueError, OverflowError, OSError):
            return None
        if not hmac.compare_digest(signature.encode(), self._sign(thread, issued).encode()):
            return None
        age = now - moment
        return age if timedelta(seconds=-5) <= age <= LIFE else None

    def _sign(self, thread: str, seconds: int) -> str:
        return hmac.digest(self._key, f"form|{thread}|{seconds}".encode(), "sha256").hex()[:32]
