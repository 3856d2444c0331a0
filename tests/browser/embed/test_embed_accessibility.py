"""Every state of an embedded discussion can be used by everybody: axe finds nothing in it, by day and night, in every
language, in a narrow column and with room."""

from itertools import product

import pytest

from outspoken.pages.translations import SOURCE, catalogues
from tests.browser.embed.states import STATES, Visitor
from tests.browser.test_accessibility import SCHEMES, TWO_PICTURES, WIDTHS, violations

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-embed-axe")]

TAGS = [SOURCE, *(name.replace("_", "-") for name in catalogues())]
OFTEN = {
    "en": "keys",
    "ar": "open",
    "de": "deep",
    "es": "held",
    "fr": "acts",
    "pt": "previewed",
    "ru": "refused",
    "zh-Hans": "hidden",
}
"""What is looked at in every run: one state in each language."""
# What isn't laid out yet has no place that could be measured; what floats above others can be scrolled away from.
LAID_OUT = ".discussion > ol > li { content-visibility: visible !important } .news { position: static !important }"


def looked_at(stage, tag, state, widths):
    """Bring a page into a state, and return what is wrong with it, and how often axe has looked."""
    context = stage.browser.new_context(bypass_csp=True, viewport={"width": widths[0], "height": 800})
    context.set_default_timeout(60_000)
    page = context.new_page()
    document = STATES[state](Visitor(stage, page, tag))
    document.add_style_tag(content=LAID_OUT)
    found = []
    for width, scheme in product(widths, SCHEMES):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        # No picture is made of a frame that nobody sees.
        if document is not page:
            document.frame_element().scroll_into_view_if_needed()
        # The element hears of it with the next picture, and then tells its frame.
        for seen in (page, document):
            seen.evaluate(TWO_PICTURES)
        room, taken = document.evaluate("[innerWidth, document.scrollingElement.scrollWidth]")
        if taken > room:
            found.append((state, width, scheme, "wider than its room", [taken]))
        found += [(state, width, scheme, *violation) for violation in violations(document)]
    context.close()
    return found, len(widths) * len(SCHEMES)


@pytest.mark.parametrize(("tag", "state"), OFTEN.items())
def test_axe_finds_nothing_in_a_state_by_day_and_night(tag, state, stage, record_property):
    found, looks = looked_at(stage, tag, state, WIDTHS[:1])
    record_property("counted", {"axe runs": looks, "findings": len(found)})

    assert found == []


@pytest.mark.long
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("tag", TAGS)
def test_in_every_language_axe_finds_nothing_in_any_state_by_day_and_night(tag, state, stage, record_property):
    found, looks = looked_at(stage, tag, state, WIDTHS)
    record_property("counted", {"axe runs": looks, "findings": len(found)})

    assert found == []


def test_every_language_is_looked_at_in_every_run():
    assert list(OFTEN) == sorted(TAGS, key=lambda tag: (tag != SOURCE, tag))
