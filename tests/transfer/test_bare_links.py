"""Addresses that stand in a text become links, as WordPress shows them."""

import pytest

from outspoken.transfer.reading.bare_links import with_links


def link(address: str) -> str:
    return f'<a href="{address}">{address}</a>'


@pytest.mark.parametrize(
    ("html", "linked"),
    [
        ("<p>See http://x.example/a?b=1&amp;c=2.</p>", f"<p>See {link('http://x.example/a?b=1&amp;c=2')}.</p>"),
        (
            "(https://x.example/a_(b)), http://y.example",
            f"({link('https://x.example/a_(b)')}), {link('http://y.example')}",
        ),
        ("<em>http://x.example/é</em>", f"<em>{link('http://x.example/é')}</em>"),
        ("http://x.example<br>\n<i>x</i>", f"{link('http://x.example')}<br>\n<i>x</i>"),
    ],
)
def test_a_bare_address_becomes_a_link(html: str, linked: str) -> None:
    assert with_links(html) == linked


@pytest.mark.parametrize(
    "html",
    [
        "<p>no address, but <b>unclosed",
        "http:// alone, xhttp://x.example, javascript://x.example",
        '<a href="http://x.example/"><b>http://x.example/</b></a>',
        "<code>http://x.example/</code><pre>a <i>http://x.example/</i></pre>",
    ],
)
def test_what_is_a_link_or_code_or_no_address_stays_as_it_is(html: str) -> None:
    assert with_links(html) == html
