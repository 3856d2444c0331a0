"""Telling the pictures that a system put among the words from those that somebody put there."""

import pytest

from outspoken.transfer.reading.ornaments import without_ornaments


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ('<p>Hi <img src="//x/s.png" title=":smile:" class="emoji" alt=":smile:"> all</p>', "<p>Hi :smile: all</p>"),
        ('<p><img src="//x/s.png" class="emoji only-emoji" alt="&lt;b&gt;"></p>', "<p>&lt;b&gt;</p>"),
        ("<p>Hi <img src='/icon_smile.gif' alt=':)' class='wp-smiley' /> all</p>", "<p>Hi :) all</p>"),
        ('<p>Hi<img class="emoji"></p>', "<p>Hi</p>"),
        ('<div><img src="/a.png" class="avatar"> sam:</div><p>a &amp; b</p>', "<div> sam:</div><p>a &amp; b</p>"),
        ('<img class="avatar emoji" alt="x">', "x"),
    ],
)
def test_emoji_are_signs_and_portraits_go(written: str, read_as: str) -> None:
    assert without_ornaments(written) == read_as


@pytest.mark.parametrize(
    "written",
    [
        *("", "<p>a<br />b", '<P><img src="/cat.png" alt="a cat" /></P>', "img class=emoji <imp>"),
        '<img class="emoji" alt="x">' * 6_000,
        "<b><a><i><p>" * 50_000 + '<img class="emoji" alt="x">',
    ],
)
def test_everything_else_stays_as_it_came(written: str) -> None:
    assert without_ornaments(written) == written
