from dataclasses import replace

import pytest
from selectolax.lexbor import LexborHTMLParser

from outspoken.discussion.comment import Origin, Quotation
from outspoken.discussion.order import Cursor, Sort
from outspoken.discussion.state import State
from outspoken.discussion.thread import Opening
from tests.pages.making import (
    BASE,
    NOON,
    PAGES,
    a_branch,
    a_comment,
    a_form,
    a_site,
    a_story,
    a_thread,
    a_window,
)


def page(window=None, *, site=None, thread=None, form=None):
    window = window or a_window(a_branch(a_comment()))
    return LexborHTMLParser(PAGES.thread_page(site or a_site(), thread or a_thread(), window, form=form or a_form()))


def text(node):
    return " ".join(node.text().split())


def test_the_story_stands_on_top_with_its_source():
    shown = page()

    assert text(shown.css_first("h1")) == "The lighthouse is to be switched off"
    assert text(shown.css_first("#story .source")) == "Reported by Harbour Wire March 14, 2026 Read it on news.example"
    assert shown.css_first("#story .source span a").attributes["href"] == "https://wire.example/"
    assert [text(paragraph) for paragraph in shown.css("#story blockquote p")] == [
        "The harbour office says ships no longer need it.",
        "The keeper - the last one - disagrees.",
    ]


def test_a_story_of_a_headline_alone_says_nothing_silly():
    shown = page(thread=a_thread(story=a_story(url=None, attribution="", excerpt="", published=None)))

    assert text(shown.css_first("#story")) == "The lighthouse is to be switched off"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "https://evil.example\\@a.example/"]
)
def test_no_browser_is_sent_to_an_address_that_is_not_of_the_web(url):
    shown = page(thread=a_thread(story=a_story(url=url, attribution_url=url)))

    assert not [a for a in shown.css("#story a") if "href" in a.attributes]


def test_the_discussion_is_named_by_its_size():
    assert text(page(thread=a_thread(comments=1)).css_first("h2")) == "1 comment"
    assert text(page(thread=a_thread(comments=12345)).css_first("h2")) == "12,345 comments"


def test_the_order_in_use_is_marked_among_the_four():
    shown = page(a_window(a_branch(a_comment()), sort=Sort.NEWEST))

    assert [a.attributes["href"] for a in shown.css(".sorts a")] == [
        "/t/lighthouse",
        "/t/lighthouse?sort=newest",
        "/t/lighthouse?sort=oldest",
        "/t/lighthouse?sort=controversial",
    ]
    assert text(shown.css_first(".sorts [aria-current=page]")) == "Newest"


def test_a_comment_tells_who_when_and_where_it_is_found():
    comment = page().css_first("#c1 article")

    assert comment.attributes["aria-label"] == "Comment 1 by Puffin"
    assert text(comment.css_first(".name")) == "Puffin"
    assert comment.css_first(".when").attributes["href"] == "/t/lighthouse/1"
    assert comment.css_first("time").attributes["datetime"] == "2026-03-14T12:05Z"
    assert text(comment.css_first("time")) == "Mar 14, 2026, 12:05 PM"
    assert comment.css_first(".body").html.count("<p>Keep the light.</p>") == 1


def test_a_comment_without_a_date_is_linked_by_its_number():
    comment = page(a_window(a_branch(a_comment(created=None)))).css_first("#c1")

    assert comment.css_first("time") is None
    assert text(comment.css_first(".when")) == "#Permalink to comment 1"


def test_who_gave_no_name_is_told_apart_from_a_name():
    anonymous = page(a_window(a_branch(a_comment(name="")))).css_first("#c1 .name")
    named_so = page(a_window(a_branch(a_comment(name="Anonymous")))).css_first("#c1 .name")

    assert (text(anonymous), anonymous.attributes["class"]) == ("Anonymous", "name none")
    assert (text(named_so), named_so.attributes["class"]) == ("Anonymous", "name")


def test_an_edited_comment_says_so():
    comment = page(a_window(a_branch(a_comment(edited=NOON.replace(hour=13))))).css_first("#c1")

    assert "edited" in text(comment.css_first(".edited"))


def test_a_reply_stands_below_its_parent_and_links_to_it():
    shown = page(a_window(a_branch(a_comment(1), a_branch(a_comment(2, name="Gannet", parent=1, depth=1)))))
    reply = shown.css_first("#c1 details[open] ol #c2")

    assert text(reply.css_first(".to")) == "in reply to Puffin"
    assert reply.css_first(".to a").attributes["href"] == "#c1"
    assert text(shown.css_first("#c1 summary")) == "1 reply"


def test_a_reply_whose_parent_is_elsewhere_links_to_its_permalink():
    reply = page(a_window(a_branch(a_comment(7, parent=3, depth=1)))).css_first("#c7")

    assert text(reply.css_first(".to")) == "in reply to comment 3"
    assert reply.css_first(".to a").attributes["href"] == "/t/lighthouse/3"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.REMOVED, "Removed by the moderators"),
        (State.DELETED, "Deleted by its author"),
        (State.HELD, "Not shown"),
        (State.SPAM, "Not shown"),
        (State.REJECTED, "Not shown"),
    ],
)
def test_a_tombstone_keeps_its_replies_and_nothing_of_what_stood_there(state, words):
    gone = a_comment(1, name="Vanished", html="<p>secret words</p>", state=state, up=41, quotes=(Quotation(2, 0, 0),))
    reply = a_comment(2, name="Gannet", parent=1, depth=1)
    html = PAGES.thread_page(a_site(), a_thread(), a_window(a_branch(gone, a_branch(reply))), form=a_form())
    shown = LexborHTMLParser(html)

    assert text(shown.css_first("#c1 > article .gone")) == words
    assert shown.css_first("#c1 #c2 .body") is not None
    assert text(shown.css_first("#c2 .to")) == "in reply to comment 1"
    for trace in ("Vanished", "secret words", ">41<", "/t/lighthouse/1/vote", "parent=1"):
        assert trace not in html


def test_a_comment_says_what_it_quotes():
    excerpt = a_story().excerpt
    quoted = excerpt[4:18]
    comment = a_comment(2, quotes=(Quotation(0, 4, 14), Quotation(1, 0, 0), Quotation(9, 0, 0)))
    shown = page(a_window(a_branch(a_comment(1)), a_branch(comment)))

    assert quoted == "harbour office"
    assert [(text(a), a.attributes["href"]) for a in shown.css("#c2 .quoting a")] == [
        ("Quoting the story", "/t/lighthouse#story:~:text=harbour%20office"),
        ("Puffin", "#c1"),
        ("comment 9", "/t/lighthouse/9"),
    ]


def test_what_an_import_lost_or_guessed_is_said():
    comment = a_comment(1, name="", html="", origin=Origin("flattened", ("body", "author"), ("parent",)))
    shown = page(a_window(a_branch(comment))).css_first("#c1")

    assert text(shown.css_first(".name.none")) == "Name lost"
    assert "was lost before it came to us" in text(shown.css_first(".lost"))
    assert text(shown.css_first(".origin")).startswith("Restored from a page's text")


def test_a_reply_whose_parent_an_export_lacks_says_that_and_names_no_page_that_was_not_there():
    orphan = a_comment(1, origin=Origin("disqus", (), ("parent",)))
    shown = page(a_window(a_branch(orphan))).css_first("#c1")

    assert text(shown.css_first(".origin")) == "What this comment answers isn't known"


def test_a_restored_comment_says_what_it_was_restored_from():
    saved = Origin("page", (), (), "a page saved on 3 May 2016")
    placed = a_comment(1, origin=saved)
    guessed = a_comment(2, origin=replace(saved, guessed=("parent",)))
    shown = page(a_window(a_branch(placed), a_branch(guessed)))

    assert text(shown.css_first("#c1 .origin")) == "Restored from a page saved on 3 May 2016"
    assert "parts of its place are guessed" in text(shown.css_first("#c2 .origin"))


def test_votes_are_buttons_with_words_and_counts():
    shown = page(a_window(a_branch(a_comment(1, up=1, down=2))))
    up, down = shown.css("#c1 button")

    assert (up.attributes["aria-label"], text(up)) == ("Vote up (1 vote up)", "1")
    assert (down.attributes["aria-label"], text(down)) == ("Vote down (2 votes down)", "2")
    assert up.attributes["formaction"] == down.attributes["formaction"] == "/t/lighthouse/1/vote"
    assert (up.attributes["name"], up.attributes["value"], down.attributes["value"]) == ("value", "up", "down")


def test_every_vote_is_sent_with_the_token():
    shown = page(form=a_form(token="the-token"))
    votes = shown.css_first("form#votes[method=post]")

    assert votes.css_first("input[name=token]").attributes["value"] == "the-token"
    assert {button.attributes["form"] for button in shown.css("button.vote")} == {"votes"}


def test_a_closed_discussion_takes_votes_but_no_comments():
    shown = page(thread=a_thread(opening=Opening.CLOSED))

    assert "closed" in text(shown.css_first(".notice"))
    assert shown.css("button.vote")
    assert shown.css_first(".composer") is None
    assert "/comments" not in shown.html


def test_a_read_only_discussion_still_shows_its_votes():
    shown = page(a_window(a_branch(a_comment(up=3))), thread=a_thread(opening=Opening.READ_ONLY))

    assert "read-only" in text(shown.css_first(".notice"))
    assert not shown.css("button")
    assert [span.attributes["aria-label"] for span in shown.css("#c1 span.vote")] == ["3 votes up"]


def test_more_replies_are_one_link_away():
    branch = a_branch(a_comment(1), a_branch(a_comment(2, parent=1, depth=1)), hidden=7, after=Cursor(12, 2))
    more = page(a_window(branch, sort=Sort.OLDEST)).css_first("#c1 .more")

    assert (text(more), more.attributes["href"]) == ("7 more replies", "/t/lighthouse/1?sort=oldest&after=12.2")


def test_a_conversation_too_deep_for_the_page_goes_on_at_its_last_comment():
    more = page(a_window(a_branch(a_comment(1), hidden=1))).css_first("#c1 .more")

    assert (text(more), more.attributes["href"]) == ("Continue this conversation: 1 reply", "/t/lighthouse/1")


def test_paging_goes_both_ways():
    shown = page(a_window(a_branch(a_comment(1)), before=Cursor(1, 1), after=Cursor(9, 9)))

    assert shown.css_first("a[rel=prev]").attributes["href"] == "/t/lighthouse?before=1.1"
    assert shown.css_first("a[rel=next]").attributes["href"] == "/t/lighthouse?after=9.9"


def test_a_discussion_on_one_page_has_no_paging():
    assert not page().css("a[rel=prev], a[rel=next]")


def test_the_beginning_has_one_address_for_search_engines_in_every_order():
    shown = page(a_window(a_branch(a_comment()), sort=Sort.NEWEST))
    further = page(a_window(a_branch(a_comment()), before=Cursor(1, 1)))
    further_in_another = page(a_window(a_branch(a_comment()), before=Cursor(1, 1), sort=Sort.NEWEST))

    assert shown.css_first("link[rel=canonical]").attributes["href"] == f"{BASE}/t/lighthouse"
    assert further.css_first("link[rel=canonical]") is None
    assert further.css_first("meta[name=robots]").attributes["content"] == "index, follow"
    assert further_in_another.css_first("meta[name=robots]").attributes["content"] == "noindex"


def test_a_site_that_is_not_to_be_indexed_says_so():
    shown = page(site=a_site(indexed=False))

    assert shown.css_first("meta[name=robots]").attributes["content"] == "noindex"


def test_the_head_describes_the_page_and_names_its_feeds():
    shown = page()

    assert text(shown.css_first("title")) == "The lighthouse is to be switched off · The Paper Lantern"
    assert shown.css_first("meta[name=description]").attributes["content"].startswith("The harbour office says")
    assert [link.attributes["href"] for link in shown.css("link[rel=alternate]")] == [
        "/t/lighthouse/feed.atom",
        "/s/gazette/feed.atom",
    ]
    assert not shown.css("meta[property='og:image']")


def test_an_empty_discussion_invites():
    shown = page(a_window(), thread=a_thread(comments=0))

    assert text(shown.css_first(".empty")) == "Nobody has said anything yet. You could begin."
    assert shown.css_first(".composer") is not None


def test_a_german_site_speaks_german():
    shown = page(
        a_window(a_branch(a_comment(1, up=1), a_branch(a_comment(2, parent=1, depth=1)), hidden=2)),
        site=a_site(language="de"),
    )

    assert shown.css_first("html").attributes["lang"] == "de"
    assert text(shown.css_first("h2")) == "3 Kommentare"
    assert text(shown.css_first("#c2 .to")) == "antwortet auf Puffin"
    assert text(shown.css_first(".more")) == "2 weitere Antworten"
    assert shown.css_first("#c1 button").attributes["aria-label"] == "Dafür stimmen (1 Stimme dafür)"


def test_a_story_in_a_language_without_a_catalogue_is_still_marked_as_what_it_is():
    shown = page(site=a_site(language="he"), thread=a_thread(story=a_story(headline="המגדלור")))

    assert (shown.css_first("html").attributes["lang"], shown.css_first("html").attributes["dir"]) == ("en", "ltr")
    assert (shown.css_first("h1").attributes["lang"], shown.css_first("h1").attributes["dir"]) == ("he", "auto")


def test_what_a_page_shows_does_not_depend_on_when_it_is_made():
    window = a_window(a_branch(a_comment()))

    assert page(window).html == page(replace(window)).html
