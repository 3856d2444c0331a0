"""All rules together: the first that speaks decides, and a rule can only hold."""

from importlib import import_module
from pathlib import Path

from outspoken.moderation import rules
from outspoken.moderation.rules import RULES, judge
from tests.moderation.rules.making import facts


def test_what_no_rule_minds_appears_at_once():
    assert judge(facts()) is None


def test_the_first_rule_that_speaks_decides():
    hold = judge(facts(honeypot="x", links=99, today=99))

    assert hold is not None
    assert hold.rule == "honeypot"


def test_every_file_with_a_rule_is_asked():
    files = {file.stem for file in Path(rules.__file__).parent.glob("*.py")} - {"__init__", "facts"}

    assert {import_module(f"outspoken.moderation.rules.{name}").judge for name in files} == {rule for _, rule in RULES}
