"""More links than a stranger's comment usually needs."""

from outspoken.moderation.rules.facts import Facts, marked


def judge(facts: Facts) -> str | None:
    """Hold comments with many links."""
    return marked("It has many links.") if facts.links > facts.most_links else None
