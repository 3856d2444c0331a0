import json

from outspoken.discussion.state import State
from outspoken.pages.structured import discussion_posting
from tests.pages.making import BASE, NOON, a_branch, a_comment, a_story, a_thread, a_window


def posting(*branches, thread=None):
    return json.loads(discussion_posting(BASE, thread or a_thread(), a_window(*branches)))


def test_the_story_is_the_posting():
    described = posting()

    assert described["@type"] == "DiscussionForumPosting"
    assert described["url"] == f"{BASE}/t/lighthouse"
    assert described["author"] == {"@type": "Organization", "name": "Harbour Wire"}
    assert described["datePublished"] == "2026-03-14T12:05Z"
    assert described["isBasedOn"] == "https://news.example/lighthouse"
    assert described["commentCount"] == 3


def test_a_story_without_address_or_date_makes_do():
    described = posting(thread=a_thread(story=a_story(url="javascript:x", published=None, excerpt="")))

    assert "isBasedOn" not in described
    assert described["datePublished"] == "2026-03-14T12:05Z"
    assert described["text"] == "The lighthouse is to be switched off"


def test_comments_nest_as_they_do_on_the_page():
    reply = a_comment(2, name="", html="<p>One<br>two</p><p>three</p>", created=None, edited=NOON, up=2)
    (root,) = posting(a_branch(a_comment(1), a_branch(reply)))["comment"]
    (answer,) = root["comment"]

    assert (root["author"]["name"], root["text"], root["datePublished"]) == (
        "Puffin",
        "Keep the light.",
        "2026-03-14T12:05Z",
    )
    assert (answer["author"]["name"], answer["text"], answer["upvoteCount"]) == ("Anonymous", "One two three", 2)
    assert "datePublished" not in answer
    assert answer["dateModified"] == "2026-03-14T12:05Z"


def test_a_tombstone_is_described_by_its_place_alone():
    gone = a_comment(1, name="Vanished", html="<p>secret</p>", state=State.REMOVED)
    (described,) = posting(a_branch(gone))["comment"]

    assert described == {"@type": "Comment", "url": f"{BASE}/t/lighthouse/1", "creativeWorkStatus": "Deleted"}
