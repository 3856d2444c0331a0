"""What people write comes back as they wrote it: naughty strings, flags, joiners, through every field and out again."""

import json
from xml.etree import ElementTree

import pytest

from outspoken.discussion.errors import Invalid
from outspoken.text.hygiene import clean
from outspoken.text.names import clean_name
from outspoken.web.contributing import prepare
from tests.web.talking import FERRY, Talk, fields_of, shown, tree

OUR_OWN = [
    "\U0001f3f3️‍\U0001f308",  # the rainbow flag
    "\U0001f3f3️‍⚧️",  # the transgender flag
    "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",  # Scotland
    "می‌خواهم",  # Persian, with a joiner that must stay
    "क्‍ष",
    "\n\ntwo lines above",
    "</textarea><script>alert(1)</script>",
    "&amp; &lt; &quot; &#39;",
    "]]> <![CDATA[ x ]]>",
    "tab\there  two  spaces",
    "a\u200bb\u2060c\u00add",
    "line\u2028separator",
]
ENTRY = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def naughty(request) -> list[str]:
    folder = request.getfixturevalue("shared_data")
    return [*OUR_OWN, *json.loads((folder / "security" / "strings" / "blns.json").read_text("utf-8"))]


def is_text(text: str) -> bool:
    try:
        prepare(text)
    except Invalid:
        return False
    return True


def is_name(text: str) -> bool:
    try:
        return bool(clean_name(text))
    except Invalid:
        return False


def unheld(talk: Talk) -> None:
    """Let as many links pass as there are: this isn't about spam."""
    limits = talk.settings.limits.__class__(links_in_comment=10**6, comments_per_minute_in_thread=10**6)
    talk.settings = talk.settings.__class__(limits=limits)
    talk.restart()


def test_a_text_comes_back_as_it_was_written_from_the_page_the_api_the_feed_and_the_edit_form(local, naughty):
    unheld(local)
    author, sent = local.browser("127.0.0.1"), {}
    for text in dict.fromkeys(filter(is_text, naughty)):
        sent[author.say(text, token=local.server.tokens.issue(FERRY, local.clock.now()))] = text
    texts = {number: clean(text).strip("\n") for number, text in sent.items()}

    for number, text in texts.items():
        assert author.get(f"/api/v1/threads/{FERRY}/comments/{number}").json()["source"] == text
        if number > len(texts) - 100:  # the others' half hour is over
            assert fields_of(author.get(f"/t/{FERRY}/{number}/edit"))["body"] == text.replace("\r", "\n")
    page = author.get(f"/t/{FERRY}/print")
    assert sorted(shown(page)) == sorted(texts)
    assert not tree(page).css(".body script, .body img, .body iframe, .body svg, .body style")
    feed = ElementTree.fromstring(author.get(f"/t/{FERRY}/feed.atom").content)
    contents = [entry.findtext(f"{ENTRY}content") for entry in feed.iter(f"{ENTRY}entry")]
    html = [author.get(f"/api/v1/threads/{FERRY}/comments/{number}").json()["html"] for number in sorted(texts)[::-1]]
    assert contents == html[: len(contents)]
    assert len(texts) > 400


def test_a_text_that_is_wrong_comes_back_in_the_form_as_it_was_written(local, naughty):
    author = local.browser()
    for text in naughty:
        page = author.post(f"/t/{FERRY}/comments", {"body": text, "name": text, "action": "preview"})
        assert page.status_code in (200, 422)
        back = fields_of(page)
        # HTML has no place for NUL, nor a difference between line ends.
        expected = text.replace("\x00", "\ufffd").replace("\r\n", "\n").replace("\r", "\n")
        assert back["body"] == expected, ascii(text)
        assert back["name"].replace("\r", "\n") == expected.replace("\n", back["name"][:0] or "\n"), ascii(text)


def test_a_name_comes_back_as_it_was_given(local, naughty):
    unheld(local)
    sent = {}
    names = [text for text in dict.fromkeys(naughty) if is_name(text) and len(text) <= 200]
    for name in names:
        answer = local.browser("127.0.0.1").post_json(
            f"/api/v1/threads/{FERRY}/comments", {"body": "A comment.", "author": name}
        )
        if answer.status_code == 422:  # somebody else goes by a name that looks like it
            assert "looks like" in answer.json()["detail"]
            continue
        sent[answer.json()["number"]] = clean_name(name)

    for number, name in sent.items():
        assert local.browser().get(f"/api/v1/threads/{FERRY}/comments/{number}").json()["author"] == name
        article = tree(local.browser().get(f"/t/{FERRY}/{number}")).css_first(".chosen article .name")
        assert article.text() == name
    assert len(sent) > 150


@pytest.mark.parametrize("flag", OUR_OWN[:5])
def test_flags_and_joiners_stay_whole_in_text_and_name(talk, flag):
    number = talk.browser().say(f"For all: {flag}", name=f"Reader {flag}")

    comment = talk.browser().get(f"/api/v1/threads/{FERRY}/comments/{number}").json()

    assert comment["source"] == f"For all: {flag}"
    assert comment["author"] == f"Reader {flag}"
    assert flag in talk.browser().get(f"/t/{FERRY}").text
