from outspoken.moderation.rules.links import judge
from tests.moderation.rules.making import facts


def test_more_links_than_the_site_takes_are_held():
    assert judge(facts(links=2))
    assert judge(facts(links=1, most_links=0))


def test_as_many_as_it_takes_are_not():
    assert judge(facts(links=1)) is None
