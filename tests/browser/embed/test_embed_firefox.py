"""The same in Firefox: a discussion in somebody else's page is read and taken part in, in the page and in a frame."""

from collections.abc import Iterator

import pytest

from tests.browser import firefox
from tests.browser.embed.hosts import NEWS, TALK
from tests.browser.kinds import a_name

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-embed-firefox")]

FRAME = "outspoken-thread iframe"


@pytest.fixture(scope="module")
def window(stage, tmp_path_factory) -> Iterator[firefox.Firefox]:
    if firefox.binary() is None:
        pytest.skip(firefox.MISSING)
    with firefox.running(tmp_path_factory.mktemp("firefox") / "profile", (TALK, NEWS), stage.port) as running:
        yield running


def acts(window, selector):
    window.click(selector)
    window.enter(FRAME)
    # A frame begins empty.
    window.wait("document.readyState === 'complete' && document.forms.length > 0")


def test_in_firefox_a_reader_writes_votes_and_deletes_without_leaving_the_page(stage, window):
    window.open(stage.page(stage.filled.playground))
    window.find("#outspoken-c1")
    acts(window, "#outspoken-c1 > article [data-act=reply]")
    name = a_name()
    window.type("textarea", "I *sat* there.")
    window.type("[name=name]", name)
    window.click(".buttons .main")
    window.leave()
    window.wait(f"document.querySelector('li.marked')?.textContent.includes({name!r})")
    number = window.says("document.querySelector('li.marked').dataset.number")
    assert window.says(f"!document.querySelector('{FRAME}')")

    acts(window, "#outspoken-c2 > article [data-act=vote].up")
    window.click("[value=up]")
    window.leave()
    window.wait("document.querySelector('#outspoken-c2 > article .vote.up').textContent.trim() === '1'")

    window.click(f"#outspoken-c{number} .acts > summary")
    acts(window, f"#outspoken-c{number} [data-act=delete]")
    assert window.says("!document.querySelector('[name=code]')"), "this browser has kept the key"
    window.click("[name=sure]")
    window.click(".buttons .main")
    window.leave()
    window.wait(f"!document.querySelector('#outspoken-c{number}')")
    assert window.says("document.cookie") == ""


def test_in_firefox_the_whole_discussion_in_a_plain_frame_is_read_and_written_in(stage, window):
    tag = f'<iframe src="https://{TALK}/frame/t/{stage.filled.playground}" width="700" height="900"></iframe>'
    window.open(stage.host.put("/framed", tag))
    window.enter("iframe")
    window.find("#c1")
    window.says("document.querySelector('#c1 > article footer a').click()")
    # The page that is left has a form too.
    window.wait("document.querySelector('[name=parent]')?.value === '1'")
    name = a_name()
    window.type("textarea", "From a plain frame.")
    window.type("[name=name]", name)
    window.click(".buttons .main")
    window.wait("document.readyState === 'complete' && !document.querySelector('textarea')")
    window.open(f"https://{NEWS}/framed")
    window.enter("iframe")
    window.find("#c1")

    assert window.says(f"document.body.textContent.includes({name!r})")
