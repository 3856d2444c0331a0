"""The rules that make a comment wait: each alone, and in their order."""

from dataclasses import replace

import pytest

from outspoken.moderation.rules import RULES, judge
from outspoken.moderation.rules.facts import Facts

HARMLESS = Facts(
    honeypot="",
    form_seconds=60.0,
    has_form=True,
    links=1,
    in_ten_minutes=3,
    today=20,
    in_thread_per_minute=30,
    most_links=1,
    most_in_ten_minutes=3,
    most_today=20,
    most_in_thread_per_minute=30,
    fastest_seconds=3,
)


def rule_for(**changes: object) -> str | None:
    hold = judge(replace(HARMLESS, **changes))  # type: ignore[arg-type]
    return hold.rule if hold else None


def test_a_comment_within_every_limit_appears_at_once() -> None:
    assert judge(HARMLESS) is None


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"honeypot": "https://buy.example"}, "honeypot"),
        ({"form_seconds": 2.9}, "form-age"),
        ({"form_seconds": None}, "form-age"),
        ({"in_ten_minutes": 4}, "pace"),
        ({"today": 21}, "pace"),
        ({"in_thread_per_minute": 31}, "pace"),
        ({"links": 2}, "links"),
    ],
)
def test_what_exceeds_one_limit_waits_by_that_rule(changes: dict[str, object], rule: str) -> None:
    assert rule_for(**changes) == rule


def test_a_comment_through_the_api_has_no_form_to_be_too_fast_with() -> None:
    assert rule_for(has_form=False, form_seconds=None) is None


def test_the_first_rule_that_speaks_decides() -> None:
    assert rule_for(honeypot="x", form_seconds=0.0, links=99) == RULES[0][0]


def test_every_reason_is_a_sentence_for_its_author() -> None:
    for changes in ({"honeypot": "x"}, {"form_seconds": 0.0}, {"form_seconds": None}, {"links": 9}, {"today": 99}):
        hold = judge(replace(HARMLESS, **changes))  # type: ignore[arg-type]
        assert hold is not None
        assert hold.reason.endswith(".")
