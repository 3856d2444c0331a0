"""What an author wrote leaves as it was written, and comes back as it left."""

import pytest

from outspoken.text.markup import Markup
from outspoken.text.render import render
from outspoken.transfer.unhinted import without_hosts

WRITTEN = [
    '<p>See <a href="https://x.example/a">this</a>, please.</p>',
    '<p><a href="https://www.x.example/a?b=1&amp;c=2"><em>this</em> one</a></p>',
    '<p><a href="https://x.example/">x.example</a> (x.example)</p>',
    '<p><a href="https://x.example/">this</a> (y.example)</p>',
    '<p><a href="https://x.example/">this</a> (x.example)</p>',
    '<p><a href="https://x.example/">one</a> <a href="https://y.example/">two</a></p>',
    '<p><a href="https://bücher.example/">books</a></p>',
    "<p>No link (x.example)</p>",
]


@pytest.mark.parametrize("written", WRITTEN)
def test_the_host_behind_a_link_is_for_readers_and_does_not_leave(written: str) -> None:
    shown = render(written, Markup.HTML)

    left = without_hosts(shown)

    assert left.replace(' rel="nofollow ugc noopener noreferrer"', "") == written
    assert render(left, Markup.HTML) == shown
