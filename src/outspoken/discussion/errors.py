"""The kinds of refusal in a discussion. Each message says what the person can do about it."""


class Refusal(Exception):
    """Something that was asked for and is not done; the message is meant for the person who asked."""


class NotFound(Refusal):
    """What was asked for isn't there, or isn't to be seen by whoever asks."""


class NotPossible(Refusal):
    """The state of things does not allow it (closed thread, tombstone, edit window over)."""


class NotAllowed(Refusal):
    """Whoever asks may not do this."""


class Invalid(Refusal):
    """What was written can't be taken as it is. `field` names the part of the form it is about."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class TooMany(Refusal):
    """A limit of rate was reached. `retry_after` is in seconds."""

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after
