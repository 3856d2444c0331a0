"""What is among the records that an importer yields."""

from collections.abc import Iterable

from outspoken.transfer.records import Problem, Record, SourceComment, SourceStory


def comments(records: Iterable[Record]) -> list[SourceComment]:
    """Return the comments among the records."""
    return [record for record in records if isinstance(record, SourceComment)]


def stories(records: Iterable[Record]) -> list[SourceStory]:
    """Return the stories among the records."""
    return [record for record in records if isinstance(record, SourceStory)]


def problems(records: Iterable[Record]) -> list[Problem]:
    """Return the problems among the records."""
    return [record for record in records if isinstance(record, Problem)]


def story(records: Iterable[Record]) -> SourceStory:
    """Return the only story among the records."""
    (found,) = stories(records)
    return found
