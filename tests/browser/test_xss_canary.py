"""Nothing a stranger writes comes to life in a reader's browser: every known trick, through every way into a page.

A run in which the same tricks don't fire where nothing protects the page proves nothing, and fails.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from outspoken.text.markup import Markup
from tests.browser import canary
from tests.browser.canary import MANY, ONE, Canary, batches, in_address
from tests.browser.serving import Running

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-canary")]

LIST = Path("security/xss/payloadbox-xss-payload-list.txt")
SAMPLE = 500
LAYERS = 300
SINGLE = 60
FRAMES = 60
"""Documents on one page."""
FIRING = 0.6
"""Share of the texts that must fire where nothing protects."""
MAIN = ("body as Markdown", "body as imported HTML", "author's name")


@pytest.fixture(scope="module")
def payloads(shared_data: Path) -> list[str]:
    """Every line of the list."""
    file = shared_data / LIST
    if not file.is_file():
        pytest.skip("the list of hostile texts isn't here")
    return [line for line in file.read_text("utf-8", errors="replace").split("\n") if line.strip()]


@pytest.fixture(scope="module")
def sample(payloads: list[str]) -> list[str]:
    """Lines taken evenly from all of the list."""
    return payloads[:: max(1, len(payloads) // SAMPLE)][:SAMPLE]


@pytest.fixture(scope="module")
def headers(server: Running) -> dict[str, str]:
    """The headers the server sends with a thread's page."""
    answer = httpx.get(server.thread())
    return {
        name: value
        for name, value in answer.headers.items()
        if name not in ("content-length", "content-encoding", "content-type", "etag", "transfer-encoding")
    }


@pytest.fixture
def watching(browser: Any, headers: dict[str, str]) -> Iterator[Canary]:
    """A browser page that watches what it is shown."""
    bird = Canary(browser, headers)
    yield bird
    bird.close()


def assert_lifeless(bird: Canary) -> None:
    assert bird.watch.alive == []
    assert bird.watch.elsewhere == []
    assert bird.watch.found == []


def fly_through(bird: Canary, texts: list[str], sinks: tuple[str, ...]) -> int:
    for sink in sinks:
        for some in batches(texts):
            bird.show(MANY[sink](some), len(some), kind="application/atom+xml" if sink == "feed" else "text/html")
    return len(texts) * len(sinks)


def share_firing(bird: Canary, texts: list[str]) -> float:
    """Return the share of `texts` that fire where nothing is escaped, sanitised or forbidden."""
    fired = 0
    for some in batches(texts, FRAMES):
        bird.show_raw(some, policy=False)
        fired += len(set(bird.watch.alive))
        bird.watch.alive.clear()
    return fired / len(texts)


def test_the_control_fires_and_through_the_three_main_sinks_nothing_does(watching, sample, record_property):
    share = share_firing(watching, sample)
    watching.watch.elsewhere.clear()
    shown = fly_through(watching, sample, MAIN)
    record_property(
        "counted", {"hostile texts shown": shown, f"% of {len(sample)} fire unprotected": round(share * 100)}
    )

    assert share >= FIRING, "the control doesn't fire: this run is void"
    assert_lifeless(watching)


@pytest.mark.parametrize("sink", [sink for sink in MANY if sink not in MAIN])
def test_a_hostile_text_stays_a_text_in_every_other_list(sink, watching, sample, record_property):
    shown = fly_through(watching, sample[::4], (sink,))
    record_property("counted", {"hostile texts shown": shown})

    assert_lifeless(watching)


@pytest.mark.parametrize("sink", list(ONE))
def test_a_hostile_text_stays_a_text_in_forms_headlines_and_messages(sink, watching, sample, record_property):
    texts = sample[:: SAMPLE // SINGLE]
    for some in batches(texts, FRAMES):
        watching.show_frames([ONE[sink](text) for text in some])
    record_property("counted", {"hostile texts shown": len(texts)})

    assert_lifeless(watching)


def test_the_sanitiser_alone_suffices_where_no_policy_forbids_scripts(watching, sample, record_property):
    for sink in ("body as Markdown", "body as imported HTML"):
        for some in batches(sample[:LAYERS]):
            watching.show(MANY[sink](some), len(some), policy=False)
    record_property("counted", {"hostile texts shown without policy": watching.watch.shown})

    assert_lifeless(watching)


def test_the_policy_alone_suffices_where_nothing_is_sanitised(watching, sample, record_property):
    for some in batches(sample[:LAYERS], FRAMES):
        watching.show_raw(some, policy=True)
    record_property("counted", {"hostile texts shown without sanitiser": watching.watch.shown})

    assert watching.watch.alive == []


def test_the_server_itself_keeps_them_lifeless_in_comments_names_feeds_and_errors(
    browser, server, headers, sample, record_property
):
    texts = sample[::8]
    thread = server.thread(server.filled.playground)
    page = httpx.get(thread).text
    token = page.partition('name="token" value="')[2].partition('"')[0]
    for text in texts:
        fields = {"token": token, "body": text, "name": text[:60]}
        answer = httpx.post(f"{thread}/comments", data=fields, headers={"origin": server.base})
        assert answer.status_code in (303, 422), answer.text
    context, watch = canary.hooked(browser)
    context.on("request", lambda request: watch.elsewhere.append(request.url))
    visited = context.new_page()
    addresses = [thread, f"{thread}?sort=newest", f"{thread}/print", f"{thread}/feed.atom", f"{server.base}/s/pier"]
    addresses += [f"{server.base}/t/{in_address(text)}" for text in texts[::3]]
    addresses += [f"{thread}?sort={in_address(text)}" for text in texts[1::3]]
    addresses += [f"{thread}/1?after={in_address(text)}" for text in texts[2::3]]
    for address in addresses:
        visited.goto(address)
        visited.evaluate(canary.SETTLED)
        found = visited.evaluate(canary.INSPECT, None if "atom" in address else canary.TAGS)
        assert found == [], address
    context.close()
    record_property("counted", {"hostile texts sent to the server": len(texts), "addresses opened": len(addresses)})

    assert watch.alive == []
    assert [url for url in watch.elsewhere if not url.startswith(f"{server.base}/")] == []


@pytest.mark.long
@pytest.mark.parametrize("sink", list(MANY))
def test_the_whole_list_stays_lifeless_in_a_sink(sink, watching, payloads, record_property):
    shown = fly_through(watching, payloads, (sink,))
    record_property("counted", {"hostile texts shown": shown})

    assert_lifeless(watching)


@pytest.mark.long
@pytest.mark.parametrize("sink", list(ONE))
def test_a_thousand_stay_lifeless_in_a_form_a_headline_or_a_message(sink, watching, payloads, record_property):
    texts = payloads[:: max(1, len(payloads) // 1000)][:1000]
    for some in batches(texts, FRAMES):
        watching.show_frames([ONE[sink](text) for text in some])
    record_property("counted", {"hostile texts shown": len(texts)})

    assert_lifeless(watching)


@pytest.mark.long
def test_of_two_thousand_most_fire_where_nothing_protects_and_none_under_the_policy(
    watching, payloads, record_property
):
    texts = payloads[:: max(1, len(payloads) // 2000)][:2000]
    share = share_firing(watching, texts)
    for some in batches(texts, FRAMES):
        watching.show_raw(some, policy=True)
    record_property(
        "counted",
        {
            f"% of {len(texts)} fire unprotected": round(share * 100),
            "hostile texts shown without sanitiser": len(texts),
        },
    )

    assert share >= FIRING, "the control doesn't fire: this run is void"
    assert watching.watch.alive == []


@pytest.mark.long
@pytest.mark.parametrize("markup", list(Markup))
def test_the_sanitiser_alone_holds_two_thousand_of_them(markup, watching, payloads, record_property):
    texts = payloads[:: max(1, len(payloads) // 2000)][:2000]
    for some in batches(texts):
        watching.show(canary.in_markup(markup)(some), len(some), policy=False)
    record_property("counted", {"hostile texts shown without policy": len(texts)})

    assert_lifeless(watching)


def test_the_watch_sees_what_does_not_belong_into_a_page(watching):
    watching.show_frames(
        [
            "<main onclick=x></main>",
            "<a href='java&#9;script:x'>words</a>",
            "<p style=color:red></p>",
            "<img src=http://elsewhere.test/>",
            "<script>alert(1)</script>",
        ],
        policy=False,
    )

    assert watching.watch.found == ["main onclick", "java\tscript:x", "p style", "<img>", "script"]
    assert watching.watch.elsewhere == ["http://elsewhere.test/"]
    assert watching.watch.alive == ["4"]
