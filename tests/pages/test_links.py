from urllib.parse import unquote

import pytest

from outspoken.discussion.order import Cursor, Sort
from outspoken.pages import links


def test_the_usual_order_is_left_out_of_addresses():
    assert links.thread("abc") == "/t/abc"
    assert links.thread("abc", Sort.BEST) == "/t/abc"
    assert links.thread("abc", Sort.OLDEST) == "/t/abc?sort=oldest"


def test_a_window_is_named_by_its_cursor():
    assert links.thread("abc", Sort.NEWEST, after=Cursor(-7, 7)) == "/t/abc?sort=newest&after=-7.7"
    assert links.thread("abc", before=Cursor(3, 4)) == "/t/abc?before=3.4"
    assert links.comment("abc", 9, after=Cursor(3, 4)) == "/t/abc/9?after=3.4"


def test_the_form_names_the_comment_it_answers():
    assert links.form("abc") == links.comments("abc") == "/t/abc/comments"
    assert links.form("abc", 12) == "/t/abc/comments?parent=12"


def test_what_a_comment_can_be_sent_has_an_address_each():
    assert links.vote("abc", 3) == "/t/abc/3/vote"
    assert links.edit("abc", 3) == "/t/abc/3/edit"
    assert links.delete("abc", 3) == "/t/abc/3/delete"


def test_a_strange_id_stays_within_its_part_of_the_address():
    assert links.thread("a/../b?c#d") == "/t/a%2F..%2Fb%3Fc%23d"


def test_whole_addresses_join_base_and_path_with_one_slash():
    assert links.absolute("https://talk.example/", links.front()) == "https://talk.example/"
    assert links.absolute("https://talk.example", links.feed()) == "https://talk.example/feed.atom"


def test_a_short_passage_is_linked_word_for_word():
    assert links.passage("abc", "no, it's half-true") == "/t/abc#story:~:text=no%2C%20it%27s%20half%2Dtrue"


def test_a_long_passage_is_linked_by_its_ends():
    passage = "one two three four five six seven eight nine ten"

    assert links.passage("abc", passage) == "/t/abc#story:~:text=one%20two%20three%20four,seven%20eight%20nine%20ten"


def test_each_end_of_a_passage_lies_within_one_paragraph():
    link = links.passage("abc", "It ends.\n\nAnother begins here and goes on")

    assert unquote(link).endswith(":~:text=It ends.,here and goes on")


@pytest.mark.parametrize("passage", ["", " \n "])
def test_an_empty_passage_leads_to_the_story(passage):
    assert links.passage("abc", passage) == "/t/abc#story"
