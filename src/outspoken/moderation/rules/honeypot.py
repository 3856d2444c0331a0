"""A field that people don't see was filled in."""

from outspoken.moderation.rules.facts import Facts, marked


def judge(facts: Facts) -> str | None:
    """Hold what fills in every field it finds."""
    return marked("A field that should stay empty was filled in.") if facts.honeypot else None
