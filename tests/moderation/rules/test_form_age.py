from outspoken.moderation.rules.form_age import judge
from tests.moderation.rules.making import facts


def test_a_form_that_comes_back_faster_than_anybody_writes_is_held():
    assert judge(facts(form_seconds=2.9))
    assert judge(facts(form_seconds=-4.0))


def test_a_form_without_a_token_is_held():
    assert judge(facts(form_seconds=None))


def test_a_form_that_was_open_for_long_enough_is_not():
    assert judge(facts(form_seconds=3.0)) is None


def test_the_api_has_no_form_to_be_too_fast_with():
    assert judge(facts(has_form=False, form_seconds=None)) is None
