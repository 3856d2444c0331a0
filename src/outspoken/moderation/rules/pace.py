"""Many comments in a short time, by one visitor or in one thread."""

from outspoken.moderation.rules.facts import Facts, marked


def judge(facts: Facts) -> str | None:
    """Hold what exceeds the site's limits of pace."""
    if facts.in_ten_minutes > facts.most_in_ten_minutes:
        return marked("Many comments came from the same place within ten minutes.")
    if facts.today > facts.most_today:
        return marked("Many comments came from the same place today.")
    if facts.in_thread_per_minute > facts.most_in_thread_per_minute:
        return marked("Very many comments came into this discussion within a minute.")
    return None
