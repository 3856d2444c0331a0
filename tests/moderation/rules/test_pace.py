import pytest

from outspoken.moderation.rules.pace import judge
from tests.moderation.rules.making import facts


@pytest.mark.parametrize(
    ("field", "most", "words"),
    [("in_ten_minutes", 3, "ten minutes"), ("today", 20, "today"), ("in_thread_per_minute", 30, "this discussion")],
)
def test_what_is_more_than_the_limit_is_held_and_what_reaches_it_is_not(field, most, words):
    assert judge(facts(**{field: most})) is None
    assert words in judge(facts(**{field: most + 1}))
