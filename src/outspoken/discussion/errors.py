"""The kinds of refusal in a discussion. Each message says what the person can do about it."""


class Refusal(Exception):
    """Something that was asked for and is not done; the message is meant for the person who asked.

    `text` is the message as the catalogues know it, with a place such as `%(most)s` for each of the `values`.
    """

    def __init__(self, text: str, **values: int | str) -> None:
        said = {name: f"{value:,}" if isinstance(value, int) else value for name, value in values.items()}
        super().__init__(text % said if said else text)
        self.text = text
        self.values = values


class NotFound(Refusal):
    """What was asked for isn't there, or isn't to be seen by whoever asks."""


class NotPossible(Refusal):
    """The state of things does not allow it (closed thread, tombstone, edit window over)."""


class NotAllowed(Refusal):
    """Whoever asks may not do this."""


class Invalid(Refusal):
    """What was written can't be taken as it is. `field` names the part of the form it is about."""

    def __init__(self, field: str, text: str, **values: int | str) -> None:
        super().__init__(text, **values)
        self.field = field


class TooMany(Refusal):
    """A limit of rate was reached. `retry_after` is in seconds."""

    def __init__(self, text: str, retry_after: int) -> None:
        super().__init__(text)
        self.retry_after = retry_after
