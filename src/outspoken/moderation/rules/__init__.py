"""The rules a new comment passes, in this order; the first that speaks decides. One file a rule.

A rule can only hold: what it stops waits for a moderator, and its author is told so and why.
"""

from collections.abc import Callable
from dataclasses import dataclass

from outspoken.moderation.rules import form_age, honeypot, links, pace
from outspoken.moderation.rules.facts import Facts

Rule = Callable[[Facts], str | None]

RULES: tuple[tuple[str, Rule], ...] = (
    ("honeypot", honeypot.judge),
    ("form-age", form_age.judge),
    ("pace", pace.judge),
    ("links", links.judge),
)


@dataclass(frozen=True, slots=True)
class Hold:
    """A comment has to wait, by this rule, for this reason."""

    rule: str
    reason: str


def judge(facts: Facts) -> Hold | None:
    """Return why a comment has to wait for a moderator, None if it may appear at once."""
    for name, rule in RULES:
        reason = rule(facts)
        if reason is not None:
            return Hold(name, reason)
    return None
