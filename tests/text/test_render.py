import json
import os
import re
import time
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from itertools import chain
from pathlib import Path
from urllib.parse import urlsplit

import lxml.html
import nh3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outspoken.discussion.errors import Invalid
from outspoken.text import render as render_module
from outspoken.text.markdown import to_html
from outspoken.text.markup import Markup
from outspoken.text.render import DEEPEST_QUOTE, LONGEST_BODY, check_body, plain_text, render

WRITTEN = {"p", "br", "a", "em", "strong", "del", "code", "pre", "blockquote", "ul", "ol", "li"}
ALLOWED = {
    Markup.MARKDOWN: WRITTEN,
    Markup.MIXED: WRITTEN | {"b", "i", "u", "s", "q", "cite"},
    Markup.HTML: WRITTEN | {"b", "i", "u", "s", "q", "cite"},
    Markup.TEXT: {"p", "br"},
}
REL = "nofollow ugc noopener noreferrer"


class Seen(HTMLParser):
    """Everything that a parser which knows nothing of ours finds in a page."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.oddities: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_comment(self, data: str) -> None:
        self.oddities.append(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def by_lxml(html: str) -> Iterator[tuple[str, dict[str, str | None]]]:
    for element in lxml.html.fragment_fromstring(html, create_parent="main").iterdescendants():
        yield str(element.tag), dict(element.attrib)


_AFTER_PRE = re.compile("<pre>\n+")


def assert_harmless(html: str, markup: Markup) -> None:
    seen = Seen(html)
    assert not seen.oddities, html
    for tag, attributes in chain(seen.elements, by_lxml(html)):
        assert tag in ALLOWED[markup], (tag, html)
        assert set(attributes) <= ({"href", "rel"} if tag == "a" else set()), (attributes, html)
        if tag == "a":
            assert attributes["rel"] == REL
        if (address := attributes.get("href")) is not None:
            assert re.match(r"(?i)(https?|mailto):", address), html
            assert urlsplit(re.sub(r"[\[\]]", "", address)).scheme in ("http", "https", "mailto")
    again = nh3.clean(
        html,
        tags=ALLOWED[markup],
        attributes={"*": set(), "a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
        link_rel=REL,
    )
    # A parser drops a line break that follows <pre>, as HTML says; so each reading takes one away.
    assert _AFTER_PRE.sub("<pre>", again) == _AFTER_PRE.sub("<pre>", html)


def examples(shared_data: Path) -> list[str]:
    spec = (shared_data / "security/markdown/commonmark-spec.txt").read_text()
    found = re.findall(r"^`{32} example\n(.*?)^\.\n.*?^`{32}$", spec, re.MULTILINE | re.DOTALL)
    return [example.replace("→", "\t") for example in found]


def payloads(shared_data: Path) -> list[str]:
    lines = (shared_data / "security/xss/payloadbox-xss-payload-list.txt").read_bytes().decode("utf-8", "replace")
    bleach = sorted((shared_data / "security/sanitizer-bleach").glob("*.test"))
    return [*lines.splitlines(), *(path.read_text().partition("\n--\n")[0] for path in bleach)]


def test_every_example_of_the_markdown_specification_gives_only_what_is_allowed(shared_data: Path) -> None:
    found = examples(shared_data)
    assert len(found) == 655

    for example in found:
        assert_harmless(render(example, Markup.MARKDOWN), Markup.MARKDOWN)
        assert_harmless(render(example, Markup.HTML), Markup.HTML)


@pytest.mark.parametrize("markup", Markup)
def test_every_known_attack_gives_only_what_is_allowed(shared_data: Path, markup: Markup) -> None:
    found = payloads(shared_data)
    assert len(found) == 6_633

    for payload in found:
        assert_harmless(render(payload, markup), markup)


@pytest.mark.parametrize("markup", Markup)
def test_attacks_wrapped_in_other_markup_give_only_what_is_allowed(shared_data: Path, markup: Markup) -> None:
    wrappings = [
        "> {}",
        "[x]({})",
        "`{}`",
        "<div title='{}'>",
        "<https://{}>",
        "```\n{}\n```",
        "<svg><style>{}",
        "![{}](y)",
    ]
    for at, payload in enumerate(payloads(shared_data)):
        if at % 7 == 0:
            assert_harmless(render(wrappings[at // 7 % len(wrappings)].format(payload), markup), markup)


@pytest.mark.parametrize("markup", Markup)
def test_naughty_strings_give_only_what_is_allowed_and_the_same_each_time(shared_data: Path, markup: Markup) -> None:
    for text in json.loads((shared_data / "security/strings/blns.json").read_text()):
        html = render(text, markup)
        assert_harmless(html, markup)
        assert render(text, markup) == html


# Parted by spaces; ␣ is a space and ⏎ a line end.
PIECES = """
< > " ' & \\ ` ```⏎ ⏎ ⏎⏎ >␣ -␣ 1.␣ #␣ ---⏎ ␣␣␣␣ ![ [x]( ) ]( ~~ ** ␣onclick=x␣ &#x3c; &lt; %EE%80%80 &#xE000;
&#xE001; \ue000 \ue001 <a␣href= <a␣href="x </a> <div> </div> <p> </p> <p></p> <h1␣a='>'> </h1> <img␣src= <iframe␣
<table><tr><td> <pre>⏎⏎ <strike> <svg> <math> <style> <!-- --> <![CDATA[ <video␣src=x> <object␣data=y> <template>
<noscript> <textarea> <title> <plaintext> <select> javascript:alert(1) https://a.example/ //evil.example
mailto:x@y.example data:text/html,x <https:// www.x.example &#0; \x00 &#8238; &#824; &#8205;
""".split()  # noqa: SIM905
sources = st.lists(
    st.one_of(st.sampled_from([piece.replace("␣", " ").replace("⏎", "\n") for piece in PIECES]), st.text(max_size=5)),
    max_size=25,
).map("".join)


@given(sources, st.sampled_from(Markup))
@settings(max_examples=2_500)
def test_whatever_is_put_together_gives_only_what_is_allowed(source: str, markup: Markup) -> None:
    html = render(source, markup)

    assert_harmless(html, markup)
    assert render(source, markup) == html
    assert "<" not in re.sub(r"</?[a-z]+( href=\"[^\"]*\")?( rel=\"[^\"]*\")?>", "", html)


@given(st.lists(st.sampled_from(["alpha", "beta", "x", "<", ">", "<b", "</i", "<!--", "<=", "<3", "&amp", '"'])))
def test_words_beside_angle_brackets_are_never_lost(words: list[str]) -> None:
    source = " ".join(words)

    for markup in (Markup.MARKDOWN, Markup.TEXT):
        text = plain_text(render(source, markup))
        for word in ("alpha", "beta", "x", "b", "/i"):
            assert text.count(word) >= source.count(word), (markup, text)
    if not source.startswith(">"):
        assert plain_text(render(source, Markup.TEXT)).split() == source.split()


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("a <b and c> d", "a <b and c> d"),
        ("if (a<b) { b>a }", "if (a<b) { b>a }"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("I <3 you", "I <3 you"),
        ("`x < y`", "x < y"),
        ("    x < y", "x < y"),
        ("<!-- not a comment -->", "<!-- not a comment -->"),
        ("Look! ![a boat](https://a.example/boat.png)", "Look! a boat (a.example)"),
        ("Wow![1](https://a.example/)", "Wow1 (a.example)"),
        ("`![x]`", "![x]"),
        ("Stop!", "Stop!"),
    ],
)
def test_what_was_written_is_what_is_read(source: str, text: str) -> None:
    assert plain_text(render(source, Markup.MARKDOWN)) == text


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("# Loud", "<p><strong>Loud</strong></p>"),
        ("a\n\n---\n\nb", "<p>a</p>\n<p>* * *</p>\n<p>b</p>"),
        ("~~no~~ *yes*", "<p><del>no</del> <em>yes</em></p>"),
        ("> quoted", "<blockquote>\n<p>quoted</p>\n</blockquote>"),
        (
            "[x](https://a.example/?utm_source=y)",
            f'<p><a href="https://a.example/" rel="{REL}">x</a> (a.example)</p>',
        ),
        ("[x](javascript:alert(1))", f'<p><a rel="{REL}">x</a></p>'),
        ("[x](/admin)", f'<p><a rel="{REL}">x</a></p>'),
        ("[x](//evil.example)", f'<p><a rel="{REL}">x</a> (evil.example)</p>'),
        ("", ""),
    ],
)
def test_markdown_gives_the_subset_of_html_that_comments_have(source: str, html: str) -> None:
    assert render(source, Markup.MARKDOWN) == html


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("<p>a</p><script>x()</script><style>y</style>", "<p>a</p>"),
        ("<h2 class=x>Loud</h2>", "<p><strong>Loud</strong></p>"),
        ("<div>one</div><div>two</div>", "<p>one</p><p>two</p>"),
        ("<strike>no</strike>", "<s>no</s>"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><th>c</th></tr></table>", "<p>a b </p><p>c </p>"),
        (
            '<img src="https://a.example/b.png" alt="a boat">',
            f'<a href="https://a.example/b.png" rel="{REL}">a boat</a> (a.example)',
        ),
        ('<iframe src="https://a.example/v"></iframe>', f'<a href="https://a.example/v" rel="{REL}">https://a.example/v</a>'),
        ('<a href="//a.example/b">b</a>', f'<a href="https://a.example/b" rel="{REL}">b</a> (a.example)'),
        ("<p><a href= '//a.example'>a.example</a>", f'<p><a href="https://a.example" rel="{REL}">a.example</a></p>'),
        ('<img src="//a.example/b.png" alt="a">', f'<a href="https://a.example/b.png" rel="{REL}">a</a> (a.example)'),
        ('<a href="/b">b</a>', f'<a rel="{REL}">b</a>'),
        ("<img alt='only words'><img><iframe></iframe>", "only words"),
        ("<object data='https://a.example/o'><img src='https://a.example/i'></object>",
         f'<a href="https://a.example/o" rel="{REL}">https://a.example/o</a>'),
        ("", ""),
    ],
)  # fmt: skip
def test_imported_html_keeps_its_words_and_turns_media_into_links(source: str, html: str) -> None:
    assert render(source, Markup.HTML) == html


@pytest.mark.parametrize("markup", [Markup.MARKDOWN, Markup.HTML])
@pytest.mark.parametrize("reference", ["&#8238;", "&#x202E;", "&#x2067;", "&rlm;", "&#8203;", "&shy;", "&#917601;"])
def test_what_nobody_sees_does_not_come_in_as_a_reference_either(reference: str, markup: Markup) -> None:
    source = f"<p>photo_{reference}gnp.exe</p>" if markup is Markup.HTML else f"photo_{reference}gnp.exe"

    assert render(source, markup) == "<p>photo_gnp.exe</p>"


def test_references_to_what_is_seen_stay_and_a_mark_never_becomes_part_of_a_tag() -> None:
    assert plain_text(render("&#128105;&zwj;&#128640; &eacute; &lt;b&gt;", Markup.MARKDOWN)) == "👩‍🚀 é <b>"
    assert render("*&#824;&#8238;x*&#824;&#8238;", Markup.MARKDOWN) == "<p><em≯x</em≯</p>"
    assert plain_text(render("x" + "&#769;" * 30, Markup.HTML)) == "x" + "́" * 4


def test_in_code_a_reference_is_what_was_typed() -> None:
    assert render("`&#8238;`", Markup.MARKDOWN) == "<p><code>&amp;#8238;</code></p>"
    assert plain_text(render("a &#8238;", Markup.TEXT)) == "a &#8238;"


def test_markdown_of_an_older_system_keeps_the_html_in_it() -> None:
    assert render("*a* <b>b</b> `<i>`\n\n<p>c * d * e</p>", Markup.MIXED) == (
        "<p><em>a</em> <b>b</b> <code>&lt;i&gt;</code></p>\n<p>c * d * e</p>"
    )


def test_plain_text_becomes_paragraphs_and_line_breaks() -> None:
    assert render("a < b\nc\n\n \n\td & e\n", Markup.TEXT) == "<p>a &lt; b<br>\nc</p>\n<p>\td &amp; e</p>"


def test_html_that_would_take_too_long_to_sanitise_is_shown_as_source() -> None:
    for source in ("<blockquote>" * 5_001, "<p>" + "x" * 256 * 1024):
        start = time.perf_counter()
        html = render(source, Markup.HTML)
        assert html.startswith(("<p>&lt;blockquote&gt;", "<p>&lt;p&gt;xxx"))
        assert time.perf_counter() - start < 30


@pytest.mark.parametrize("source", ["", " ", "\n\t\n", "\u3000"])
def test_a_text_without_words_is_refused(source: str) -> None:
    with pytest.raises(Invalid, match="no text yet"):
        check_body(source)


def test_a_text_may_have_sixteen_kibibytes_and_not_one_more() -> None:
    check_body("é" * (LONGEST_BODY // 2))
    with pytest.raises(Invalid, match="16,385 bytes, where 16,384 fit"):
        check_body("é" * (LONGEST_BODY // 2) + "x")


@pytest.mark.parametrize("marker", ["> ", ">", "- ", "* ", "+ ", "1. ", "1) ", " > - "])
def test_quotes_and_lists_nest_eight_deep_and_no_deeper(marker: str) -> None:
    levels = DEEPEST_QUOTE // (2 if marker == " > - " else 1)
    check_body("hello\n" + marker * levels + "x")
    with pytest.raises(Invalid, match="8 levels"):
        check_body("hello\n" + marker * (levels + 1) + "x")


def depth(html: str) -> int:
    """Return how deep quotes and lists are nested, by a parser that knows nothing of ours."""
    tree = lxml.html.fragment_fromstring(html, create_parent="main")
    nesters = ("blockquote", "ul", "ol")
    return max((1 + sum(1 for _ in node.iterancestors(*nesters)) for node in tree.iter(*nesters)), default=0)


def indented(levels: int, marker: str = "- ", step: str = "  ") -> str:
    return "".join(f"{step * level}{marker}word{level}\n" for level in range(levels))


DEEP = [
    indented,
    lambda levels: indented(levels, "* "),
    lambda levels: indented(levels, "1) ", "   "),
    lambda levels: indented(levels, "+ ", "\t"),
    lambda levels: "".join(f"{'  ' * level}-\n" for level in range(levels)),
    lambda levels: "".join(f"> > {'  ' * level}- word\n" for level in range(levels - 2)),
    lambda levels: "".join(f"{'> ' * level}word\n\n" for level in range(1, levels + 1)),
    lambda levels: "- > " * (levels // 2) + "- word" * (levels % 2),
]


@pytest.mark.parametrize("deep", DEEP)
def test_no_way_of_writing_nests_deeper_than_eight(deep: Callable[[int], str]) -> None:
    """120 lines, each indented below the one before, gave 120 lists: the page was ten times as wide as a telephone."""
    within, beyond = deep(DEEPEST_QUOTE), deep(DEEPEST_QUOTE + 1)

    check_body(within)
    assert depth(render(within, Markup.MARKDOWN)) == DEEPEST_QUOTE
    with pytest.raises(Invalid, match="8 levels"):
        check_body(beyond)


@pytest.mark.parametrize("beside", ["- a\n\n> b\n\n" * 20, "```\n>>>>>>>>>> a\n```", "    > > > > > > > > > > a"])
def test_what_stands_beside_each_other_or_in_code_is_not_deep(beside: str) -> None:
    check_body(beside)


@pytest.mark.parametrize("markup", [Markup.MARKDOWN, Markup.MIXED, Markup.HTML])
@pytest.mark.parametrize("levels", [9, 10, 40])
def test_an_imported_comment_is_flattened_where_it_is_deeper_and_loses_no_word(markup: Markup, levels: int) -> None:
    words = [f"word{level}" for level in range(levels)]
    sources = [
        "".join(f"<ul><li>{word} " for word in words) + "</li></ul>" * levels,
        "".join(f"<blockquote>{word} <ol><li>" for word in words) + "</li></ol></blockquote>" * levels,
        "".join(f"<blockquote>{word} " for word in words),
    ]
    if markup is not Markup.HTML:
        sources += [indented(levels), "".join(f"{'>' * level}{word}\n\n" for level, word in enumerate(words, start=1))]

    for source in sources if markup is not Markup.MARKDOWN else sources[-2:]:
        html = render(source, markup)
        assert depth(html) == DEEPEST_QUOTE
        assert plain_text(html).split() == words
        assert_harmless(html, markup)


def test_what_is_no_deeper_than_eight_stays_as_it_is() -> None:
    html = render(indented(DEEPEST_QUOTE) + "\nand\n\n> a\n\n- b\n" * 20, Markup.MARKDOWN)

    assert html.count("<ul>") == DEEPEST_QUOTE + 20
    assert render(html, Markup.HTML) == html


@pytest.mark.parametrize("line", ["* * * * * * * * * *", "- - - - - - - - - - - -", "> * * * * * * * * * *", "-" * 40])
def test_a_drawn_line_is_not_a_deep_list(line: str) -> None:
    check_body(f"above\n\n{line}\n\nbelow")


@pytest.mark.parametrize("unit", ["[", "![", "*a_", "`", "<", "&", "> ", "- ", "\\", "[x](", "<a ", "~~", "a\n> ", "#"])
def test_the_longest_text_of_any_repeated_piece_is_rendered(unit: str) -> None:
    source = (unit * LONGEST_BODY)[:LONGEST_BODY]

    assert_harmless(render(source, Markup.MARKDOWN), Markup.MARKDOWN)


def test_plain_text_has_a_line_for_each_block() -> None:
    html = render("one\ntwo\n\n- three\n- four\n\n> five & six", Markup.MARKDOWN)

    assert [line.strip() for line in plain_text(html).splitlines()] == ["one", "two", "three", "four", "five & six"]
    html = render("one\ntwo\n\n- three\n- four\n\n> five & six", Markup.MARKDOWN)

    assert [line.strip() for line in plain_text(html).splitlines()] == ["one", "two", "three", "four", "five & six"]


PIECES = [
    *("<p>", "</p>", "<br>", "<br/>", "<br />", "word", " ", "\n", "\t", "&", "&amp;", "&lt;b&gt;", "&nbsp;", "&#1;"),
    *("é", ">", chr(34), "<i>", "</i>", "<blockquote class='x>y'>", "</blockquote>", "<b/>", "</a>", "</a >"),
    *('<a href="https://a.example/?utm_source=b&amp;c=d">', "<a href=//b.example rel=c>", '<a href="javascript:d">'),
    *(
        '<a href="https://a.example/?fbclid=b" rel="c" title="d&amp;">e</a>',
        '<a href="https://a.example/">a.example</a>',
    ),
    *('<a href="">f</a>', '<a href="//g.example:1">\n</a>', '<a href="https://[h">i</a>', '<a href="x" name="j">k</a>'),
    *('<a href="https://é.example/%zz\'">l\u00a0é</a>', '<a href="javascript:m" class="n"></a>', "<a>", "<b><p></b>"),
]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_paragraphs_and_links_alone_give_the_same_without_the_detour(source: str) -> None:
    assert render_module._PLAIN.fullmatch(source)
    direct = render(source, Markup.HTML)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(render_module, "_PLAIN", re.compile("(?!)"))
        assert render(source, Markup.HTML) == direct


def test_rendering_keeps_no_memory():
    """The parser's own wrapper keeps every tree: the texts below would leave some 40 MB behind."""
    text = "The *ferry* was late, and https://harbour.example says why.\n\n" * 200

    def held():
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    for _ in range(20):
        render(text, Markup.MARKDOWN)
    before = held()
    for _ in range(200):
        to_html(text, 0, ["autolink", "strikethrough"])
    assert held() - before < 8 * 1024**2
