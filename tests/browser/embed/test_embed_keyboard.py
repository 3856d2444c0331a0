"""An embedded discussion is read and taken part in with the keyboard alone, and the focus is always seen."""

from contextlib import contextmanager

import pytest

from tests.browser.kinds import a_name
from tests.browser.test_accessibility import focused

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-embed-acting")]

ITEM = "outspoken-thread li[data-number]"
FRAME = "outspoken-thread iframe"


class Hands:
    """Two hands on a keyboard. Wherever they come, the focus has to be seen."""

    def __init__(self, page):
        self.page = page

    @property
    def document(self):
        """The document that has the focus: the page, or the frame in it."""
        if self.page.evaluate("document.activeElement.localName") != "iframe":
            return self.page
        return self.page.locator(FRAME).element_handle().content_frame()

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text):
        self.page.keyboard.type(text)

    def stop(self):
        """Return what has the focus, which is in sight and outlined."""
        stop = focused(self.document)
        assert stop["seen"], stop
        assert stop["marked"], stop
        return stop

    def is_at(self, selector):
        return self.document.evaluate("selector => document.activeElement.matches(selector)", selector)

    def comes_to(self, selector):
        """Wait until the focus is on what it is given to: a frame is told of it a little later."""
        self.document.wait_for_function("selector => document.activeElement.matches(selector)", arg=selector)

    def tab(self, selector, key="Tab"):
        """Press Tab until the focus is on what is wanted; return the stops on the way."""
        stops = []
        for _ in range(60):
            self.press(key)
            stops.append(self.stop()["words"])
            if self.is_at(selector):
                return stops
        raise AssertionError(f"{selector} isn't reached: {stops}")

    def enters(self, selector):
        """Press Tab until the focus is there, then Enter, and wait for the frame that opens."""
        self.tab(selector)
        self.press("Enter")
        self.frame().locator(".buttons").wait_for()
        self.page.wait_for_function("document.activeElement.localName === 'iframe'")

    def frame(self):
        return self.page.frame_locator(FRAME)

    def waits_for_the_end(self):
        self.page.locator(FRAME).wait_for(state="detached")

    @contextmanager
    def seeing_it_renewed(self):
        """Wait until the discussion has been read again, as it is after whatever was done in a frame.

        Only where nothing else changes meanwhile: of that the host hears in the same way.
        """
        before = self.page.evaluate(
            "self.renewed ??= (addEventListener('outspoken:count', () => ++self.renewed), 0)",
        )
        yield
        self.page.wait_for_function("before => self.renewed > before", arg=before)

    def comment(self):
        """Return the number of the comment that the focus is in."""
        return self.page.evaluate("Number(document.activeElement.closest('li')?.dataset.number)")


def comes(visit, address):
    page = visit(address, viewport={"width": 800, "height": 700})
    page.locator(ITEM).first.wait_for()
    return page, Hands(page)


def test_a_discussion_is_read_sorted_folded_and_jumped_through_with_the_keyboard_alone(stage, visit):
    page, hands = comes(visit, stage.page(stage.filled.deep))
    assert hands.tab(".sorts a") == ["Write a comment", "Best"], "the first stop is the first that can be done"
    assert hands.tab("[href*='sort=oldest']")[-1] == "Oldest"
    hands.press("Enter")
    page.locator(".sorts [aria-current]", has_text="Oldest").wait_for()
    assert hands.stop()["words"] == "Oldest"

    hands.press("j")
    assert hands.comment() == 1
    hands.press("j", "j", "j")
    assert hands.comment() == 4
    hands.stop()
    hands.press("p")
    assert hands.comment() == 3
    hands.press("x")
    page.locator("#outspoken-c4").wait_for(state="hidden")
    hands.press("j")
    assert hands.comment() == 3, "what is folded away is passed over"
    hands.tab("#outspoken-c3 > details > summary")
    hands.press("Enter")
    page.locator("#outspoken-c4").wait_for()

    hands.tab("#outspoken-c4 .to a")
    page.get_by_role("tooltip").wait_for()
    hands.press("Enter")
    page.locator("#outspoken-c3.marked").wait_for()
    assert hands.comment() == 3

    hands.press("?")
    page.get_by_role("dialog").wait_for()
    hands.stop()
    hands.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    assert hands.comment() == 3


def test_a_comment_is_written_voted_for_edited_reported_and_deleted_with_the_keyboard_alone(stage, visit):
    page, hands = comes(visit, stage.page(stage.filled.playground))
    hands.enters("#outspoken-c1 > article [data-act=reply]")
    # Whoever came to write writes.
    hands.comes_to("textarea")
    hands.type("I *sat* there.")
    assert hands.tab("[value=preview]")[1:] == ["name", "Publish", "Preview"]
    hands.press("Enter")
    hands.frame().locator("section.preview em", has_text="sat").wait_for()
    hands.tab("[name=name]")
    name = a_name()
    hands.type(name)
    hands.tab(".main")
    hands.press("Enter")
    hands.waits_for_the_end()
    page.locator("li.marked", has_text=name).wait_for()
    number = hands.comment()
    mine = page.locator(f"#outspoken-c{number}")
    assert name in mine.inner_text()
    hands.stop()

    hands.enters("#outspoken-c2 > article [data-act=vote].up")
    hands.tab("[value=up]")
    hands.press("Enter")
    hands.waits_for_the_end()
    page.locator("#outspoken-c2 > article .vote.up", has_text="1").wait_for()
    assert hands.comment() == 2
    hands.stop()

    hands.press("k")
    assert hands.comment() == number
    hands.tab(f"#outspoken-c{number} .acts > summary")
    hands.press("Enter")
    hands.enters(f"#outspoken-c{number} [data-act=edit]")
    hands.comes_to("textarea")
    hands.press("Control+a")
    hands.type("I stood there.")
    hands.tab(".main")
    hands.press("Enter")
    hands.waits_for_the_end()
    mine.get_by_text("I stood there.").wait_for()
    assert hands.comment() == number
    hands.stop()

    # The menu stays open, though the comment was renewed.
    hands.enters(f"#outspoken-c{number} [data-act=report]")
    # What has to be said comes first.
    hands.comes_to("[name=reason]")
    hands.press("ArrowDown")
    hands.tab(".main")
    with hands.seeing_it_renewed():
        hands.press("Enter")
        hands.frame().get_by_role("status").wait_for()
    hands.tab("[data-close]")
    with hands.seeing_it_renewed():
        hands.press("Enter")
        hands.waits_for_the_end()
    assert hands.comment() == number, "the focus is where it was"
    hands.stop()

    hands.enters(f"#outspoken-c{number} [data-act=delete]")
    hands.tab("[name=sure]")
    hands.press("Space")
    hands.tab(".main")
    page.clock.install()
    hands.press("Enter")
    assert hands.is_at("[data-close]"), "whoever regrets it presses once more"
    page.clock.fast_forward(10_000)
    mine.wait_for(state="detached")
    hands.stop()


def test_whoever_leaves_a_frame_by_the_keyboard_stands_where_it_was_opened(stage, visit):
    page, hands = comes(visit, stage.page(stage.filled.playground))
    for act in ("[data-act=vote].down", "[data-act=reply]"):
        hands.enters(f"#outspoken-c3 > article {act}")
        hands.tab("[data-close]")
        hands.press("Enter")
        hands.waits_for_the_end()
        assert hands.is_at(f"#outspoken-c3 > article {act}")
        hands.stop()
    hands.tab(".write", key="Shift+Tab")
    hands.press("Enter")
    hands.frame().locator("textarea").wait_for()
    page.wait_for_function("document.activeElement.localName === 'iframe'")
    hands.tab("[data-close]")
    hands.press("Enter")
    hands.waits_for_the_end()
    assert hands.is_at(".write")
