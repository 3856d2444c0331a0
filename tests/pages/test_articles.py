"""Comments that were written before are not written again, and nothing hidden is kept."""

from dataclasses import replace

from markupsafe import Markup

from outspoken.discussion.comment import Comment
from outspoken.pages import articles
from outspoken.pages.articles import Articles
from outspoken.pages.comments import CommentView, Shown
from outspoken.pages.translations import language
from tests.factories import a_comment, a_thread

FERRY = a_thread()


def view(comment: Comment) -> CommentView:
    return Shown(language("en"), FERRY).comment(comment)


class Pen:
    """Writes comments, and counts how many."""

    def __init__(self) -> None:
        self.written = 0

    def write(self, comment: CommentView) -> Markup:
        self.written += 1
        return Markup("<p>") + comment.body


def test_a_comment_that_looks_the_same_is_written_once_and_one_that_does_not_is_written_anew():
    pen, kept = Pen(), Articles()
    first = a_comment(1)

    for _ in range(3):
        kept.of("ferry", "en").show(view(first), pen.write)
    assert pen.written == 1
    for changed in (replace(first, up=1), replace(first, number=2), replace(first, edited=first.created)):
        kept.of("ferry", "en").show(view(changed), pen.write)
    assert pen.written == 4
    kept.of("ferry", "de").show(view(first), pen.write)
    assert pen.written == 5


def test_what_is_forgotten_is_not_kept_by_a_rendering_that_had_begun_before():
    pen, kept = Pen(), Articles()
    begun = kept.of("ferry", "en")

    kept.forget(["ferry"])
    begun.show(view(a_comment(1)), pen.write)
    kept.of("ferry", "en").show(view(a_comment(1)), pen.write)

    assert pen.written == 2


def test_what_is_kept_is_bounded_for_a_thread_and_for_all(monkeypatch):
    monkeypatch.setattr(articles, "MOST", 15)
    monkeypatch.setattr(articles, "MOST_IN_THREAD", 5)
    pen, kept = Pen(), Articles()

    for thread in range(10):
        for number in range(1, 9):
            kept.of(str(thread), "en").show(view(a_comment(number)), pen.write)
    begun = pen.written
    for number in range(4, 9):
        kept.of("9", "en").show(view(a_comment(number)), pen.write)
    assert pen.written == begun
    kept.of("6", "en").show(view(a_comment(8)), pen.write)
    kept.of("9", "en").show(view(a_comment(3)), pen.write)
    assert pen.written == begun + 2


def test_a_thread_that_is_read_in_two_languages_counts_twice(monkeypatch):
    monkeypatch.setattr(articles, "MOST", 3)
    pen, kept = Pen(), Articles()
    for thread in ("ferry", "crane", "quay"):
        kept.of(thread, "en").show(view(a_comment(1)), pen.write)
    kept.of("quay", "de").show(view(a_comment(1)), pen.write)
    kept.of("quay", "en").show(view(a_comment(1)), pen.write)
    assert pen.written == 4

    kept.of("crane", "en").show(view(a_comment(1)), pen.write)
    assert pen.written == 4
    kept.of("ferry", "en").show(view(a_comment(1)), pen.write)
    assert pen.written == 5
