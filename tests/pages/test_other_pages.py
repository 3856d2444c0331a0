from dataclasses import replace

from selectolax.lexbor import LexborHTMLParser

from outspoken.discussion.order import Cursor
from outspoken.discussion.state import State
from outspoken.pages.rendering import PRINT_DEPTH
from tests.pages.making import BASE, PAGES, a_branch, a_comment, a_site, a_story, a_thread, a_window, every_page


def text(node):
    return " ".join(node.text().split())


def comment_page(ancestors, comment, window=None, **options):
    options.setdefault("token", "token")
    html = PAGES.comment_page(a_site(), a_thread(), ancestors, comment, window or a_window(), **options)
    return LexborHTMLParser(html)


def printed(comments, thread=None):
    return LexborHTMLParser("".join(PAGES.print_page(a_site(), thread or a_thread(), comments)))


def test_a_permalink_shows_what_the_comment_answers_and_what_answers_it():
    root, middle = a_comment(1), a_comment(2, name="Gannet", parent=1, depth=1)
    chosen = a_comment(5, name="Tern", parent=2, depth=2, replies=1)
    reply = a_branch(a_comment(6, parent=5, depth=3))
    shown = comment_page([root, middle], chosen, a_window(reply))

    assert [li.attributes["id"] for li in shown.css(".ancestors > li")] == ["c1", "c2"]
    assert text(shown.css_first(".chosen#c5 .to")) == "in reply to Gannet"
    assert text(shown.css_first(".discussion h2")) == "1 reply"
    assert shown.css_first(".discussion #c6 .to a").attributes["href"] == "#c5"
    assert shown.css_first(".back a").attributes["href"] == "/t/lighthouse"
    assert shown.css_first("link[rel=canonical]").attributes["href"] == f"{BASE}/t/lighthouse/5"
    assert shown.css_first(".more") is None


def test_a_permalink_leads_to_ancestors_it_does_not_show():
    shown = comment_page([a_comment(8, parent=3, depth=6)], a_comment(9, parent=8, depth=7))
    alone = comment_page([], a_comment(9, parent=8, depth=7))

    assert shown.css_first(".more").attributes["href"] == "/t/lighthouse/3"
    assert alone.css_first(".more").attributes["href"] == "/t/lighthouse/8"


def test_a_permalink_pages_its_replies():
    window = a_window(a_branch(a_comment(6, parent=5, depth=1)), before=Cursor(1, 6), after=Cursor(2, 6))
    shown = comment_page([], a_comment(5, replies=90), window)

    assert shown.css_first("a[rel=prev]").attributes["href"] == "/t/lighthouse/5?before=1.6"
    assert shown.css_first("a[rel=next]").attributes["href"] == "/t/lighthouse/5?after=2.6"


def test_a_permalink_tells_what_just_happened():
    shown = comment_page([], a_comment(5), notice="Thank you.")

    assert text(shown.css_first("[role=status]")) == "Thank you."


def test_authors_find_the_way_to_their_own_comment_only_where_there_is_one():
    shown = comment_page([], a_comment(5))
    gone = comment_page([], a_comment(5, state=State.REMOVED, replies=1))

    own = [a.attributes["href"] for a in shown.css(".own a")]
    assert own == [f"/t/lighthouse/5/{act}" for act in ("edit", "delete", "report")]
    assert gone.css_first(".own") is None


def test_the_printed_page_nests_replies_below_their_parents():
    shown = printed(
        [
            a_comment(1),
            a_comment(3, name="Gannet", parent=1, depth=1),
            a_comment(4, parent=3, depth=2),
            a_comment(2, name="Tern"),
            a_comment(5, parent=2, depth=1),
        ]
    )

    assert [li.attributes["id"] for li in shown.css(".whole > ol > li")] == ["c1", "c2"]
    assert shown.css_first("#c1 > ol > #c3 > ol > #c4") is not None
    assert shown.css_first("#c2 > ol > #c5") is not None
    assert text(shown.css_first("#c4 .to")) == "in reply to Gannet"
    assert not shown.css("button, form")


def test_the_printed_page_stops_nesting_but_still_says_who_answers_whom():
    chain = [a_comment(n, name=f"Tern {n}", parent=n - 1, depth=n - 1) for n in range(1, 31)]
    shown = printed(chain)

    assert len(shown.css("article[aria-label^=Comment]")) == 30
    assert len(shown.css("ol ol")) == PRINT_DEPTH - 1
    assert text(shown.css_first("#c30 .to")) == "in reply to Tern 29"
    assert shown.css_first("#c30 .to a").attributes["href"] == "#c29"


def test_the_printed_page_survives_a_gap_in_the_depths():
    html = "".join(
        PAGES.print_page(a_site(), a_thread(), [a_comment(1), a_comment(4, parent=3, depth=3), a_comment(5)])
    )

    assert html.count("<ol") == html.count("</ol>") == 2
    assert html.count("<li ") == html.count("</li>")
    assert LexborHTMLParser(html).css_first("#c1 > ol > #c4") is not None


def test_the_printed_page_of_nothing_is_a_page():
    assert printed([]).css_first("h1") is not None


def test_the_printed_page_comes_in_pieces_while_the_comments_are_read():
    read = []

    def comments():
        for number in range(1, 2001):
            read.append(number)
            yield a_comment(number)

    pieces = PAGES.print_page(a_site(), a_thread(), comments())
    first = next(pieces)

    assert len(read) < 500
    assert (first + "".join(pieces)).count("<article aria-label") == 2000


def test_the_front_page_lists_stories_and_latest_comments():
    thread = a_thread(comments=2)
    html = PAGES.front_page(
        a_site(),
        [thread],
        [(thread, a_comment(2, html="<p>One &amp; two.</p><p>Three.</p>"))],
        [a_site(name="other", title="Other")],
    )
    shown = LexborHTMLParser(html)

    assert text(shown.css_first(".stories h3 a")) == "The lighthouse is to be switched off"
    assert shown.css_first(".stories h3 a").attributes["href"] == "/t/lighthouse"
    assert "2 comments" in text(shown.css_first(".stories .source"))
    assert text(shown.css_first(".latest .name")) == "Puffin"
    assert "on The lighthouse" in text(shown.css_first(".latest li"))
    assert shown.css_first(".latest a[href='/t/lighthouse/2']").text() == "One & two. Three."
    assert shown.css_first("footer a[href='/s/other']") is not None


def test_a_long_comment_is_cut_at_a_word_on_the_front_page():
    thread = a_thread()
    html = PAGES.front_page(a_site(), [], [(thread, a_comment(2, html=f"<p>{'lantern ' * 80}</p>"))])
    teaser = LexborHTMLParser(html).css_first(".latest a[href='/t/lighthouse/2']").text()

    assert teaser.endswith("lantern…")
    assert len(teaser) <= 221


def test_an_empty_site_has_a_front_page():
    shown = LexborHTMLParser(PAGES.front_page(a_site(), [], []))

    assert text(shown.css_first(".empty")) == "There are no stories yet."
    assert shown.css_first(".latest") is None


def test_a_removed_comment_is_not_among_the_latest_words():
    gone = a_comment(2, name="Vanished", html="<p>secret</p>", state=State.REMOVED)
    html = PAGES.front_page(a_site(), [], [(a_thread(), gone)])

    assert "Vanished" not in html
    assert "secret" not in html


def test_an_error_is_a_page_with_a_way_out():
    shown = LexborHTMLParser(PAGES.error_page(404, "Not here", "There is no such comment."))

    assert "Error 404" in text(shown.css_first("main"))
    assert text(shown.css_first("h1")) == "Not here"
    assert shown.css_first(".buttons a").attributes["href"] == "/"


def test_a_fault_of_ours_names_a_reference_and_other_errors_none():
    fault = LexborHTMLParser(PAGES.error_page(500, "Sorry", "It is our fault.", reference="5d9950ef79ed2dd7"))
    other = LexborHTMLParser(PAGES.error_page(404, "Not here", "There is no such comment."))

    assert text(fault.css_first("main code")) == "5d9950ef79ed2dd7"
    assert other.css_first("main code") is None


def test_an_error_is_told_in_the_language_of_the_site():
    html = PAGES.error_page(404, "Not here", "There is no such comment.", site=a_site(language="de"))

    assert "Diesen Kommentar gibt es nicht." in html


def test_a_frame_to_be_pasted_is_called_a_discussion_in_the_language_of_its_site():
    shown = LexborHTMLParser(every_page(site=a_site(language="ar"))["owner"])

    assert 'title="نقاش"' in shown.css_first("#frame").text()


def test_a_notice_leads_back():
    shown = LexborHTMLParser(PAGES.notice_page(None, "Done", "It is done.", ("/t/x", "Back")))

    assert (text(shown.css_first(".buttons a")), shown.css_first(".buttons a").attributes["href"]) == ("Back", "/t/x")


def test_a_headline_keeps_its_own_direction():
    shown = printed([a_comment(1, name="طائر")], replace(a_thread(), story=a_story(headline="المنارة")))

    assert shown.css_first("h1").attributes["dir"] == "auto"
    assert shown.css_first("#c1 bdi").text() == "طائر"
