from selectolax.lexbor import LexborHTMLParser

from outspoken.discussion.state import State
from outspoken.discussion.thread import Opening
from outspoken.pages.forms import DeleteForm, EditForm
from tests.pages.making import PAGES, a_comment, a_form, a_site, a_thread


def text(node):
    return " ".join(node.text().split())


def form_page(answered=None, *, thread=None, **changes):
    return LexborHTMLParser(PAGES.form_page(a_site(), thread or a_thread(), answered, a_form(**changes)))


def test_the_form_is_sent_to_the_thread_with_what_travels_unseen():
    composer = form_page(a_comment(4), parent=4, token="t-1", submission="s-1").css_first("form.composer")

    assert (composer.attributes["method"], composer.attributes["action"]) == ("post", "/t/lighthouse/comments")
    hidden = {field.attributes["name"]: field.attributes["value"] for field in composer.css("[type=hidden]")}
    assert hidden == {"token": "t-1", "submission": "s-1", "parent": "4"}
    assert [button.attributes["value"] for button in composer.css("button[name=action]")] == ["post", "preview"]


def test_every_field_that_people_see_has_a_label():
    shown = form_page()
    labelled = {label.attributes["for"] for label in shown.css("label[for]")}

    assert {field.attributes["id"] for field in shown.css("#name, #body")} <= labelled
    assert shown.css_first("#name").attributes["maxlength"] == "60"
    assert shown.css_first("#body").attributes["maxlength"] == "16384"


def test_the_trap_for_machines_is_out_of_everybodys_way():
    trap = form_page().css_first("input[name=website]")

    assert (trap.attributes["tabindex"], trap.attributes["autocomplete"]) == ("-1", "off")
    assert trap.parent.parent.attributes["aria-hidden"] == "true"


def test_what_was_written_comes_back_as_it_was():
    shown = form_page(name="Puffin", body="\n  two spaces\n<b>\n")

    assert shown.css_first("#name").attributes["value"] == "Puffin"
    assert shown.css_first("#body").text() == "\n  two spaces\n<b>\n"


def test_what_is_wrong_is_said_at_its_field():
    shown = form_page(problems={"name": "Too close to another.", "body": "Too many links.", "": "Too fast."})

    assert text(shown.css_first("[role=alert]")) == ("It isn't published yet. What you wrote is kept below. Too fast.")
    for field, words in (("name", "Too close to another."), ("body", "Too many links.")):
        marked = shown.css_first(f"#{field}[aria-invalid=true]")
        assert text(shown.css_first(f"#{marked.attributes['aria-describedby']}")) == words


def test_a_problem_of_a_field_that_is_not_shown_is_told_on_top():
    assert "Start anew." in text(form_page(problems={"parent": "Start anew."}).css_first("[role=alert]"))


def test_refusals_are_told_in_the_language_of_the_site():
    form = a_form(problems={"body": "There is no text yet. Write something first."})
    html = PAGES.form_page(a_site(language="de"), a_thread(), None, form)

    assert "Es steht noch kein Text da." in html


def test_a_preview_stands_above_the_text_it_shows():
    shown = form_page(preview_html="<p>As <em>shown</em></p>", body="As *shown*")

    assert shown.css_first(".preview .body em").text() == "shown"
    assert form_page().css_first(".preview") is None


def test_a_warning_does_not_call_itself_a_problem():
    shown = form_page(warning="Your words may tell who you are.")

    assert "may tell" in text(shown.css_first("[role=status]"))
    assert shown.css_first("[role=alert]") is None


def test_the_form_of_a_reply_shows_what_it_answers():
    shown = form_page(a_comment(4, html="<p>What now?</p>"), parent=4)

    assert text(shown.css_first("h1")) == "Write a reply"
    assert text(shown.css_first(".answered .body")) == "What now?"
    assert shown.css_first(".back a").attributes["href"] == "/t/lighthouse/4"


def test_a_draft_survives_the_closing_of_its_discussion():
    shown = form_page(thread=a_thread(opening=Opening.CLOSED), body="My draft")

    assert "closed" in text(shown.css_first(".notice"))
    assert shown.css_first("#body").text() == "My draft"


def test_the_form_says_what_is_kept():
    assert "No account, no address is stored" in text(form_page().css_first(".composer"))


def test_an_edit_asks_for_the_code_only_where_the_key_is_missing():
    asked = LexborHTMLParser(PAGES.edit_page(a_site(), a_thread(), a_comment(4), EditForm("x", asks_code=True)))
    known = LexborHTMLParser(PAGES.edit_page(a_site(), a_thread(), a_comment(4), EditForm("x", token="t")))

    assert asked.css_first("input[name=code]") is not None
    assert known.css_first("input[name=code]") is None
    assert known.css_first("form.composer").attributes["action"] == "/t/lighthouse/4/edit"
    assert known.css_first("input[name=token]").attributes["value"] == "t"
    assert known.css_first("textarea").text() == "x"


def test_a_deletion_is_a_second_step_that_says_what_it_destroys():
    shown = LexborHTMLParser(PAGES.delete_page(a_site(), a_thread(), a_comment(4), DeleteForm("t")))

    assert "can't be brought back" in text(shown.css_first("form"))
    assert shown.css_first("form").attributes["action"] == "/t/lighthouse/4/delete"
    assert shown.css_first(".back a").attributes["href"] == "/t/lighthouse/4"


def test_a_published_comment_is_linked_and_its_code_shown():
    shown = LexborHTMLParser(PAGES.posted_page(a_site(), a_thread(), 7, State.PUBLISHED, code="moss-owl-17"))

    assert text(shown.css_first("h1")) == "Your comment is published"
    assert shown.css_first("code").text() == "moss-owl-17"
    assert shown.css_first(".main").attributes["href"] == "/t/lighthouse/7"


def test_a_held_comment_says_why_and_is_not_linked():
    shown = LexborHTMLParser(
        PAGES.posted_page(a_site(), a_thread(), 7, State.HELD, code="moss-owl-17", reason="It has many links.")
    )

    assert "It has many links." in text(shown.css_first("main"))
    assert not shown.css("a[href='/t/lighthouse/7']")


def test_nothing_is_said_of_a_code_where_there_is_none():
    assert LexborHTMLParser(PAGES.posted_page(a_site(), a_thread(), 7, State.HELD, code="")).css_first("code") is None
