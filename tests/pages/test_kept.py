"""Pages to be kept: what is too long for one goes on in the next, and every link still leads to its comment."""

import re

import pytest
from lxml import html as lxml_html

from outspoken.discussion.comment import Author, Quotation
from outspoken.pages.kept import KeptPages
from tests.factories import a_comment, a_site, a_story, a_thread


def talk(count: int) -> list:
    """Make a discussion in reading order: 1 <- 2 <- 3 ..., twelve deep, then a root again."""
    comments = []
    for number in range(1, count + 1):
        depth = (number - 1) % 12
        comments.append(
            a_comment(
                number,
                number - 1 if depth else 0,
                depth=depth,
                author=Author(number, f"Reader {number}", bytes([number % 256]) * 16),
                quotes=(Quotation(max(1, number - 7), 0, 0), Quotation(0, 0, 5)) if number > 7 else (),
            )
        )
    return comments


@pytest.fixture
def short(monkeypatch) -> None:
    """Pages of five comments and lists of two threads."""
    monkeypatch.setattr("outspoken.pages.kept.COMMENTS_ON_A_PAGE", 5)
    monkeypatch.setattr("outspoken.pages.kept.THREADS_ON_A_PAGE", 2)


@pytest.mark.parametrize("count", [0, 1, 5, 6, 38])
def test_a_long_discussion_goes_on_in_further_pages(short, count):
    pages = dict(KeptPages().thread(a_site(), a_thread(comments=count), talk(count)))

    assert list(pages) == ["ferry.html", *(f"ferry.{page}.html" for page in range(2, -(-count // 5) + 1))]
    documents = {name: lxml_html.fromstring(page) for name, page in pages.items()}
    found = [int(id[1:]) for document in documents.values() for id in document.xpath("//li/@id")]
    assert found == list(range(1, count + 1))
    for name, document in documents.items():
        for href in document.xpath("//a/@href"):
            target, _, fragment = href.partition("#")
            if target not in ("", "index.html") and not href.startswith("http"):
                assert target in pages
            if re.fullmatch(r"c\d+", fragment):
                assert documents[target or name].xpath("//li[@id=$id]", id=fragment)
        assert len(document.xpath("//ol")) >= bool(document.xpath("//li[starts-with(@id, 'c')]"))


def test_who_is_answered_on_an_earlier_page_is_named_and_linked(short):
    pages = dict(KeptPages().thread(a_site(), a_thread(comments=8), talk(8)))
    document = lxml_html.fromstring(pages["ferry.2.html"])

    (answered,) = document.xpath("//li[@id='c6']/article//span[@class='to']/a")
    assert (answered.get("href"), answered.text_content()) == ("ferry.html#c5", "Reader 5")
    assert document.xpath("//nav[@class='pager']/a/@href") == ["ferry.html"]


def test_the_list_of_threads_leads_to_them_newest_first(short):
    threads = [
        a_thread(f"t{day}", story=a_story(f"Story {day}", published=a_story().published.replace(day=day)))
        for day in (3, 9, 5)
    ]
    pages = dict(KeptPages().index(a_site(), threads))

    assert list(pages) == ["index.html", "index.2.html"]
    first = lxml_html.fromstring(pages["index.html"])
    assert [link.text_content() for link in first.xpath("//h3/a")] == ["Story 9", "Story 5"]
    assert first.xpath("//h3/a/@href") == ["t9.html", "t5.html"]
    assert "index.2.html" in first.xpath("//nav[@class='pager']/a/@href")
    assert dict(KeptPages().index(a_site(), [])).keys() == {"index.html"}
