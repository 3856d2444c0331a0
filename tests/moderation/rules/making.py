"""Facts about a comment that no rule minds; each test names only what matters."""

from dataclasses import replace
from typing import Any

from outspoken.moderation.rules.facts import Facts


def facts(**changes: Any) -> Facts:
    return replace(
        Facts(
            honeypot="", form_seconds=60.0, has_form=True, links=0, in_ten_minutes=1, today=1, in_thread_per_minute=1,
            most_links=1, most_in_ten_minutes=3, most_today=20, most_in_thread_per_minute=30, fastest_seconds=3,
        ),
        **changes,
    )  # fmt: skip
