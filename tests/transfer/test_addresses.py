"""Folding addresses, and telling copies and workshops of a page from the page."""

import contextlib
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outspoken.text.links import host_of, without_tracking
from outspoken.text.urls import LONGEST_AUTHORITY
from outspoken.transfer.addresses import LONGEST_URL, fold_url, is_proxy_or_local, origin_of
from outspoken.transfer.importers.saved.links import target
from outspoken.transfer.importers.saved.story import whole_page

LED_ELSEWHERE = [
    *("https://evil.example\\@b.example/", "https://evil.example\\.b.example/", "https://b.example\\a"),
    *("https:\\\\evil.example/", "https://@b.example/", "https://evil.example:1@b.example/", "https://b.exa\tmple/a"),
    *("https://b.example/a\nb", "https://b.example/a\x00", "\x01https://b.example/", "h\nttps://b.example/"),
]
"""Where browsers are led elsewhere than others, or might be."""


@pytest.mark.parametrize(
    ("url", "folded"),
    [
        ("http://Example.ORG/Story", "example.org/Story"),
        ("https://www.example.org/story/", "example.org/story"),
        ("//www.example.org/story", "example.org/story"),
        ("  https://example.org/story\n", "example.org/story"),
        ("https://example.org", "example.org"),
        ("https://example.org/", "example.org"),
        ("https://example.org./index.html", "example.org"),
        ("https://example.org/a/index.html/", "example.org/a"),
        ("https://example.org/a/index.html/index.html", "example.org/a"),
        ("https://example.org/myindex.html", "example.org/myindex.html"),
        ("https://example.org:443/a", "example.org/a"),
        ("http://example.org:80/a", "example.org/a"),
        ("http://example.org:8080/a", "example.org:8080/a"),
        ("https://example.org/a#comments", "example.org/a"),
        ("https://example.org/a?b=\\@c", "example.org/a?b=%5C@c"),
        ("https://example.org/@c/a b", "example.org/@c/a%20b"),
        ("https://example.org/#!", "example.org"),
        ("https://example.org/#!/", "example.org"),
        ("https://www.example.org/#!/about/", "example.org#!/about"),
        ("https://example.org/a?m=1#!caf%c3%a9?b=1&c", "example.org/a#!caf%C3%A9?b=1&c"),
        ("https://www.www.example.org/a", "example.org/a"),
        ("https://www.com/a", "www.com/a"),
        ("https://bücher.example/a", "xn--bcher-kva.example/a"),
        ("https://BÜCHER.example/a", "xn--bcher-kva.example/a"),
        ("https://[2001:DB8:0:0::1]:8443/a", "[2001:db8::1]:8443/a"),
        ("https://example.org/?p=12", "example.org?p=12"),
        ("https://example.org/?b=1&a=2", "example.org?b=1&a=2"),
        ("https://example.org/?p=12&&", "example.org?p=12"),
    ],
)
def test_what_does_not_tell_pages_apart_is_folded_away(url: str, folded: str) -> None:
    assert fold_url(url) == folded


@pytest.mark.parametrize(
    "parameter",
    ["utm_source=x", "UTM_Campaign=x", "fbclid=1", "gclid=1", "from=timeline", "isappinstalled=0", "tdsourcetag=s_pc",
     "tdsourcetag_x=1", "spm=1.2", "replytocom=77", "showComment=1", "m=1", "%75tm_source=x"],
)  # fmt: skip
def test_tracking_parameters_are_dropped_and_the_others_kept(parameter: str) -> None:
    assert fold_url(f"https://example.org/a?{parameter}&page=2") == "example.org/a?page=2"
    assert fold_url(f"https://example.org/a?{parameter}") == "example.org/a"


@pytest.mark.parametrize("path", ["café", "caf%C3%A9", "caf%c3%a9", "caf%25C3%25A9", "caf%25c3%a9"])
def test_percent_encoding_is_undone_as_often_as_it_was_applied(path: str) -> None:
    assert fold_url(f"https://example.org/{path}") == "example.org/caf%C3%A9"


def test_an_encoded_delimiter_is_not_the_delimiter() -> None:
    assert fold_url("https://example.org/a%2Fb") == "example.org/a%2Fb" != fold_url("https://example.org/a/b")
    assert fold_url("https://example.org/a%2fb") == fold_url("https://example.org/a%252Fb") == "example.org/a%2Fb"
    assert fold_url("https://example.org/a%3Fp=1") != fold_url("https://example.org/a?p=1")
    assert fold_url("https://example.org/?q=a%26b") == "example.org?q=a%26b" != fold_url("https://example.org/?q=a&b")


def test_a_percent_sign_that_encodes_nothing_stays_one() -> None:
    assert fold_url("https://example.org/100%") == fold_url("https://example.org/100%25") == "example.org/100%25"
    assert fold_url("https://example.org/%zz") == "example.org/%25zz"


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", "/a/path", "mailto:a@example.org", "javascript:alert(1)", "file:///etc/passwd",
     "ftp://example.org/",
     "https://", "https:///a", "http://exa mple.org/", "http://[::1", "http://[v1.x]/", "http://example.org:99999/",
     "http://a..b/", "http://" + "a" * 300 + ".org/", "http://-.example.org<>/",
     "https://example.org/" + "a" * LONGEST_URL, "https://reader:secret@example.org/a", *LED_ELSEWHERE],
)  # fmt: skip
def test_what_is_no_web_address_is_refused_with_one_clear_line(url: str) -> None:
    with pytest.raises(ValueError, match=r"\A.{10,250}\Z"):
        fold_url(url)


@given(st.text(max_size=60))
def test_any_text_is_folded_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        fold_url(text)
    is_proxy_or_local(text)


def test_a_slash_is_dropped_from_the_end_of_a_path_and_kept_in_what_is_asked() -> None:
    assert fold_url("https://example.org/a/?/") == "example.org/a?/"


@given(
    st.sampled_from(["http://", "https://", "HTTPS://www.", "//"]),
    st.sampled_from(["example.org", "WWW.Example.org.", "bücher.example:81", "[::1]", "a.b:443", "y.example:1"]),
    st.text("%25ab2Ff/?#!&=+é .index.html\u2028:;@", max_size=40),
)
def test_folding_twice_changes_nothing(scheme: str, host: str, rest: str) -> None:
    try:
        folded = fold_url(f"{scheme}{host}/{rest}")
    except ValueError:
        return
    assert fold_url("https://" + folded) == folded
    assert folded.isascii()
    assert not folded.partition("?")[0].endswith("/")


def test_hostile_layers_of_encoding_take_bounded_time() -> None:
    layers = "%" + "25" * (LONGEST_URL // 2 - 50) + "41"
    assert fold_url("https://example.org/" + layers) == "example.org/A"
    nested = "%2%35" * 1600
    assert fold_url("https://" + fold_url("https://example.org/" + nested)) == fold_url("https://example.org/" + nested)


@pytest.mark.parametrize(
    "url",
    ["http://localhost:4000/a", "http://127.0.0.1/a", "http://127.1/", "http://2130706433/", "http://[::1]/",
     "http://10.0.0.8/a", "http://192.168.1.5:8000/", "http://169.254.1.1/", "http://[fe80::1%25eth0]/",
     "http://intranet/a",
     "http://blog.local/", "http://my.test/", "file:///home/a/page.html", "about:blank", "chrome-extension://abc/page",
     "https://webcache.googleusercontent.com/search?q=cache:x", "https://translate.google.de/translate?u=x",
     "https://translate.googleusercontent.com/translate_c?u=x", "https://example-org.translate.goog/a",
     "https://web.archive.org/web/2017/http://example.org/", "https://example-org.cdn.ampproject.org/a",
     "https://example.org.ezproxy.example.edu/a", "nonsense"],
)  # fmt: skip
def test_copies_and_workshops_of_a_page_are_told(url: str) -> None:
    assert is_proxy_or_local(url)


@pytest.mark.parametrize(
    "url",
    ["https://example.org/a", "http://8.8.8.8/", "https://[2606:4700::1111]/", "https://1.example.org/",
     "https://www.example.org/",
     "https://blog.translate-it.example/a", "https://0x.example/", "https://example.7z/"],
)  # fmt: skip
def test_public_pages_are_not_mistaken_for_copies(url: str) -> None:
    assert not is_proxy_or_local(url)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        *(("https://News.Example/a?b#c", "https://news.example"), ("http://news.example:80/", "http://news.example")),
        *(("https://news.example:8443", "https://news.example:8443"), ("https://a@b.example/", "")),
        *(("https://[::1]:8/", "https://[::1]:8"), ("https://bücher.example/", "https://xn--bcher-kva.example")),
        *(("//news.example/", ""), ("ftp://news.example", ""), ("javascript:alert(1)", ""), ("https://", "")),
        *((url, "") for url in LED_ELSEWHERE),
        *(("https://a.example; x", ""), ("https://a.example:x/", ""), ("https://[", ""), ("https://a b.example/", "")),
    ],
)
def test_where_a_page_lives_is_said_as_browsers_say_it(url, origin):
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    "read",
    [fold_url, origin_of, is_proxy_or_local, host_of, without_tracking, whole_page, lambda url: target(url, None),
     lambda url: target("a", url), lambda url: target(url.removeprefix("https:"), "https://a.example/")],
)  # fmt: skip
def test_the_letters_of_no_long_host_are_composed(read: Callable[[str], object], monkeypatch) -> None:
    """The standard library composes them to find slashes in disguise, in a time that grows with their square."""
    given: list[str] = []
    monkeypatch.setattr(unicodedata, "normalize", lambda form, text: given.append(text) or text)

    with contextlib.suppress(ValueError):
        read("https://a" + "\u0301\u0316" * 2_000 + ".example/?utm_source=a")

    assert max(map(len, given), default=0) <= LONGEST_AUTHORITY
