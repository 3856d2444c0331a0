"""HTML written as Markdown: what our own Markdown makes of it has the same words, links and blocks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outspoken.text.markup import Markup
from outspoken.text.render import plain_text, render
from outspoken.transfer.exporters.written import as_written


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<p>One</p>\n<p>Two<br>\nthree</p>", "One\n\nTwo  \nthree"),
        ("<p>a<b> x </b>y</p>", "a **x** y"),
        ("<p>1. no list</p><p>- nor this</p>", "1\\. no list\n\n\\- nor this"),
        ("<ol><li>a</li><li><p>b</p><p>c</p></li></ol>", "1. a\n2. b\n\n   c"),
        ("<blockquote><ul><li>a</li></ul></blockquote>b", "> - a\n\nb"),
        ("<pre><code>a\n\n  ```b</code></pre>", "````\na\n\n  ```b\n````"),
        ("<p><code>a`b</code> <q>c</q> <u>d</u></p>", '`` a`b `` "c" d'),
        ('<a href="https://x.example/">https://x.example/</a>', "<https://x.example/>"),
        ('<a href="https://x.example/(a)">[x]</a>', "[\\[x\\]](https://x.example/%28a%29)"),
        ("https://x.example/a_b is *that*", "https://x.example/a_b is \\*that\\*"),
        ("&lt;script&gt; &amp;lt;", "&lt;script&gt; &amp;lt;"),
        ("<p></p>", ""),
    ],
)
def test_html_is_written_with_the_signs_of_markdown(html: str, markdown: str) -> None:
    assert as_written(html) == markdown


@given(st.text(st.sampled_from("ab1 .-+*_`[]()<>&#~!\\|=:/\n"), max_size=60))
def test_no_text_means_anything_else_as_markdown(text: str) -> None:
    shown = render(text, Markup.TEXT)
    assert plain_text(render(as_written(shown), Markup.MARKDOWN)).split() == plain_text(shown).split()


def test_of_what_is_nested_without_end_the_words_are_written() -> None:
    assert as_written("<b>" * 3_000 + "a*b" + "</b>" * 3_000) == "a\\*b"
