from outspoken.moderation.rules.honeypot import judge
from tests.moderation.rules.making import facts


def test_what_fills_in_the_field_that_nobody_sees_is_held():
    assert judge(facts(honeypot="https://pills.example"))
    assert judge(facts(honeypot=" "))


def test_what_leaves_it_empty_is_not():
    assert judge(facts()) is None
