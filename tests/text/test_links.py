import re

import pytest

from outspoken.text.links import count_links, host_of, leading_somewhere, names_host, without_tracking
from outspoken.text.markup import Markup
from outspoken.text.render import render


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://a.example/x", "https://a.example/x"),
        ("https://a.example/x?utm_source=n&id=7&fbclid=z#part", "https://a.example/x?id=7#part"),
        ("https://a.example/?utm_source=n&UTM_Medium=m", "https://a.example/"),
        ("https://a.example/?gclid", "https://a.example/"),
        ("https://a.example/?mc_cid=1&mc_eid=2&_hsenc=3&vero_id=4&x", "https://a.example/?x"),
        ("https://a.example/?b=2&a=%26utm_source%3D1&b=1", "https://a.example/?b=2&a=%26utm_source%3D1&b=1"),
        ("mailto:a@a.example?subject=utm_source", "mailto:a@a.example?subject=utm_source"),
        ("https://[broken?utm_source=1", "https://[broken?utm_source=1"),
    ],
)
def test_parameters_that_only_track_are_dropped_and_nothing_else(url: str, kept: str) -> None:
    assert without_tracking(url) == kept


@pytest.mark.parametrize("name", ["spmode", "gclid_note", "ref_srcset", "fbclidx", "igshidden", "s_cidade"])
def test_a_parameter_that_only_begins_like_a_tracker_stays(name: str) -> None:
    assert without_tracking(f"https://a.example/?{name}=1") == f"https://a.example/?{name}=1"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.A.example/x", "a.example"),
        ("https://bank.example@evil.example/", "evil.example"),
        ("http://a.example:8080/", "a.example"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
        ("https://аррӏе.example/", "xn--80ak6aa92e.example"),
        ("https://" + "ä" * 80 + ".example/", "\\xe4" * 80 + ".example"),
        ("https:///evil.example/", "evil.example"),
        ("https:////evil.example/", "evil.example"),
        ("https:/evil.example/", "evil.example"),
        ("https:evil.example/", "evil.example"),
        ("HTTPS:\\\\evil.example\\a", "evil.example"),
        ("https:/\\/evil.example/", "evil.example"),
        ("https://evil.example\\@bank.example/", "evil.example"),
        ("https://bank.example?\\@evil.example/", "bank.example"),
        (" \x00ht\ntps://e\tvil.example\r/", "evil.example"),
        ("https://%65vil.ex%41mple/", "evil.example"),
        ("https://%5Cevil.example/", ""),
        ("https://bank.example%2F.evil.example/", ""),
        ("https:////", ""),
        ("mailto:a@a.example", ""),
        ("/relative", ""),
        ("https://[broken", ""),
    ],
)
def test_the_host_is_where_a_link_really_leads_in_letters_that_cannot_deceive(url: str, host: str) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("https:///a.example/b//c?d=//e\\f#g\\h", "https://a.example/b//c?d=//e\\f#g\\h"),
        ("Http:\\\\a.example\\b?utm_source=c", "http://a.example/b"),
        ("\n https://a.example/\tb \x1f", "https://a.example/b"),
        ("https://?a", ""),
        ("https:///\\", ""),
        ("https://[a", ""),
        ("https://" + "a" * 400 + "@b.example", ""),
        (" mailto:a\\b@a.example", " mailto:a\\b@a.example"),
        ("/\\evil.example", "/\\evil.example"),
        ("", ""),
    ],
)
def test_a_link_is_written_as_browsers_read_it_or_leads_nowhere(url: str, read: str) -> None:
    assert leading_somewhere(url) == read


@pytest.mark.parametrize(
    ("words", "host", "expected"),
    [
        ("https://a.example/x", "a.example", True),
        ("see www.A.Example.", "a.example", True),
        ("(a.example)", "a.example", True),
        ("a.example:8080", "a.example", True),
        ("microsoft.com", "t.co", False),
        ("https://bank.example/evil.example", "evil.example", False),
        ("https://bank.example//evil.example", "evil.example", False),
        ("evil.example.bank.example", "evil.example", False),
        ("not-evil.example", "evil.example", False),
        ("evil.example@bank.example", "evil.example", False),
        ("axexample", "a.example", False),
    ],
)
def test_words_name_a_host_only_when_they_say_it_whole(words: str, host: str, expected: bool) -> None:
    assert names_host(words, host) is expected


def test_a_link_whose_words_hide_where_it_leads_is_followed_by_its_host() -> None:
    html = render("[microsoft.com](https://t.co/x) and <https://a.example/y>", Markup.MARKDOWN)

    assert ">microsoft.com</a> (t.co) and " in html
    assert html.endswith(">https://a.example/y</a></p>")


@pytest.mark.parametrize(
    ("source", "markup"),
    [
        ("[bank.example](https:///evil.example/)", Markup.MARKDOWN),
        ("[bank.example](https:////evil.example/)", Markup.MARKDOWN),
        ("[bank.example](https:evil.example/)", Markup.MARKDOWN),
        ('<a href="https:///evil.example/">bank.example</a>', Markup.HTML),
        ('<a href="https://evil.example\\@bank.example/">bank.example</a>', Markup.HTML),
        ('<a href=" https://evil.example\\@bank.example/">bank.example</a>', Markup.HTML),
        ("<a href='https:&#92;&#9;/evil.example/'>bank.example</a>", Markup.HTML),
        ("<div><a href='https:/&#10;/evil.example/'>bank.example</a></div>", Markup.MIXED),
    ],
)
def test_no_spelling_hides_where_a_link_leads(source: str, markup: Markup) -> None:
    html = render(source, markup)

    assert ">bank.example</a> (evil.example)" in html
    assert re.search(r'href="https://evil.example/(@bank.example/)?"', html)


def test_links_are_counted() -> None:
    html = render("[a](https://a.example) https://b.example [c](javascript:x) [d](mailto:d@d.example)", Markup.MARKDOWN)

    assert count_links(html) == 3
