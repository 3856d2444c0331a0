"""The form was sent faster than anybody can write, or without ever having been opened."""

from outspoken.moderation.rules.facts import Facts, marked


def judge(facts: Facts) -> str | None:
    """Hold what comes from a form that nobody can have read."""
    if not facts.has_form:
        return None
    if facts.form_seconds is None:
        return marked("It didn't come from our form.")
    return marked("It was written very fast.") if facts.form_seconds < facts.fastest_seconds else None
