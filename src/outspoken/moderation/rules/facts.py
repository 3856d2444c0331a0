"""What a rule may know about a comment. Nothing in it tells who wrote."""

from dataclasses import dataclass


def marked(reason: str) -> str:
    """Return `reason` as it is, marked for the catalogues: it is translated where the author is told."""
    return reason


@dataclass(frozen=True, slots=True)
class Facts:
    """Measured at the door, judged by the rules."""

    honeypot: str
    """What stood in the field that people can't see."""
    form_seconds: float | None
    """How long the form was open; None if it isn't known (the API has no form)."""
    has_form: bool
    links: int
    in_ten_minutes: int
    """Comments of this visitor, this one included."""
    today: int
    in_thread_per_minute: int
    most_links: int
    most_in_ten_minutes: int
    most_today: int
    most_in_thread_per_minute: int
    fastest_seconds: int
