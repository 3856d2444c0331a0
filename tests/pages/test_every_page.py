"""What holds for each kind of page: nothing hostile becomes markup, nothing is fetched, every page can be walked."""

import json
import re
from itertools import pairwise

import pytest
from selectolax.lexbor import LexborHTMLParser

from outspoken.discussion.thread import Opening
from tests.pages.making import a_comment, a_site, a_story, a_thread, every_page

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</script><script>alert(1)</script>",
    "<!-- <script>",
    "</title><img src=x>",
    "</textarea><img src=x>",
    "{{ 7 * 7 }}{% raw %}",
    "%(name)s %s %d 100%",
    "javascript:alert(1)",
    "]]>&lt;b&gt;",
    "\u2028\u2029\u202egnp.exe",
]
KINDS = sorted(every_page())


def hostile_pages(text):
    return every_page(
        site=a_site(title=text),
        thread=a_thread(
            story=a_story(headline=text, url=text, attribution=text, attribution_url=text, excerpt=f"{text}\n\n{text}")
        ),
        comments=(a_comment(1, name=text), a_comment(2, name=text, parent=1, depth=1)),
        text=text,
    )


def elements(html):
    return LexborHTMLParser(html).css("*")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_never_become_markup(text):
    tame = {kind: [node.tag for node in elements(page)] for kind, page in hostile_pages("tame").items()}

    for kind, page in hostile_pages(text).items():
        assert [node.tag for node in elements(page)] == tame[kind], kind
        assert not LexborHTMLParser(page).css("[onerror], [onload], [href^='javascript:']"), kind


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_are_shown_as_they_are(text):
    shown = LexborHTMLParser(hostile_pages(text)["thread"])

    assert shown.css_first("h1").text() == text
    assert shown.css_first("#c1 .name").text() == text
    assert shown.css_first("#body").text() == text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_stay_inside_the_structured_data(text):
    described = LexborHTMLParser(hostile_pages(text)["thread"]).css_first("script[type='application/ld+json']")

    posting = json.loads(described.text())
    assert posting["headline"] == text
    assert posting["comment"][0]["author"]["name"] == text
    assert not set("<>&\u2028\u2029") & set(described.text())


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_has_no_inline_style_script_or_event(kind):
    page = LexborHTMLParser(every_page()[kind])

    assert not page.css("style, [style], iframe, object, embed, base")
    assert all(not script.text() for script in page.css("script:not([type='application/ld+json'])"))
    assert not [name for node in page.css("*") for name in node.attributes if name.startswith("on")]


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_fetches_its_style_sheet_its_icon_at_most_its_scripts_and_nothing_else(kind):
    page = LexborHTMLParser(every_page()[kind])
    scripts = [re.sub(r"\.[0-9a-f]{16}\.", ".", it.attributes["src"]) for it in page.css("script[src]")]
    is_framed = "in a frame" in kind

    allowed = {"/static/frame.js"} if is_framed else set()
    if kind == "owner":
        allowed = {"/embed.js", "/static/owner.js"}
    assert set(scripts) - {"/static/thread.js"} == allowed
    assert len(scripts) == len(set(scripts))
    assert not page.css("[src]:not(script), [srcset], [poster], [background], [ping], link[rel=preload]")
    sheet, *more = page.css("link[rel=stylesheet]")
    assert [re.sub(r"\.[0-9a-f]{16}\.", ".", it.attributes["href"]) for it in more] == (
        ["/static/owner.css"] if kind == "owner" else []
    )
    (icon,) = page.css("link[rel=icon]")
    sheets = "frame" if is_framed and not kind.startswith(("thread", "comment")) else "outspoken"
    assert re.fullmatch(rf"/static/{sheets}\.[0-9a-f]{{16}}\.css", sheet.attributes["href"])
    assert re.fullmatch(r"/static/outspoken\.[0-9a-f]{16}\.svg", icon.attributes["href"])


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_can_be_walked_by_headings_and_landmarks(kind):
    page = LexborHTMLParser(every_page()[kind])
    levels = [int(node.tag[1]) for node in page.css("h1, h2, h3, h4, h5, h6")]

    assert levels.count(1) == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))
    assert len(page.css("main")) == 1
    skips = [link.attributes["href"] for link in page.css("a.skip")]
    # A frame is entered by whoever wants to do what it is for: there is nothing before its content to skip.
    assert skips == ([] if "in a frame" in kind else [f"#{page.css_first('main').id}"])


@pytest.mark.parametrize("kind", KINDS)
def test_no_id_stands_twice_and_every_reference_finds_its_own(kind):
    page = LexborHTMLParser(every_page()[kind])
    ids = [node.attributes["id"] for node in page.css("[id]")]

    if not kind.startswith("comment"):  # whose sample shows a comment above and below itself
        assert len(ids) == len(set(ids))
    for attribute in ("aria-labelledby", "aria-describedby", "for", "form"):
        for node in page.css(f"[{attribute}]"):
            assert set(node.attributes[attribute].split()) <= set(ids)


@pytest.mark.parametrize("kind", KINDS)
def test_pages_of_forms_and_errors_are_not_for_search_engines(kind):
    robots = LexborHTMLParser(every_page()[kind]).css_first("meta[name=robots]").attributes["content"]

    assert robots == ("index, follow" if kind in {"thread", "comment", "front"} else "noindex")


@pytest.mark.parametrize("opening", list(Opening))
@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_every_page_can_be_made_in_every_language_and_opening(opening, language):
    pages = every_page(site=a_site(language=language), thread=a_thread(opening=opening))

    assert all(page.rstrip().endswith("</html>") for page in pages.values())
