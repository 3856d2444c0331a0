"""Why readers report a comment. The first is the worst harm here, so it stands first everywhere."""

from enum import StrEnum


class Reason(StrEnum):
    """What a report says is wrong."""

    ENDANGERS = "endangers"
    THREATENS = "threatens"
    INSULTS = "insults"
    SPAM = "spam"
    OTHER = "other"
