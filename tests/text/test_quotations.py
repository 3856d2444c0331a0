import pytest
from hypothesis import given
from hypothesis import strategies as st

from outspoken.discussion.comment import Quotation
from outspoken.text.markup import Markup
from outspoken.text.quotations import SHORTEST, find_quotations, words_of
from outspoken.text.render import render

STORY = (
    "The harbour office says the last ferry leaves at nine.\n\n"
    "“No boat has been cancelled this year,” the spokesman said, “and none ever will be…”\n"
    "The islanders tell another story."
)
PASSAGE = "“No boat has been cancelled this year,” the spokesman said"


def quoted(text: str, comments: dict[int, str] | None = None, markup: Markup = Markup.MARKDOWN) -> list[str]:
    found = find_quotations(render(text, markup), STORY, comments or {})
    return [STORY[at.start : at.start + at.length] for at in found if at.target == 0]


@pytest.mark.parametrize(
    "text",
    [
        f"> {PASSAGE}\n\nThat is a lie.",
        '> "No boat has been cancelled this year," the spokesman said\n\nThat is a lie.',
        "> «NO BOAT has been   cancelled this year,» the spokesman said.",
        "> “No boat has been\n> cancelled this year,”\n> the spokesman said",
        "“No boat has been\ncancelled this year,”\nthe spokesman said",
        "- “No boat has been cancelled this year,” the spokesman said",
        "*“No boat has been cancelled* this year,” the **spokesman** said",
    ],
)
def test_a_passage_of_the_story_is_found_where_it_stands(text: str) -> None:
    (found,) = quoted(text)

    assert found.strip("“") == PASSAGE.strip("“")


def test_a_passage_that_goes_over_a_paragraph_of_the_story_is_found() -> None:
    (found,) = quoted("the last ferry leaves at nine. “No boat has been cancelled")

    assert found == "the last ferry leaves at nine.\n\n“No boat has been cancelled"


def test_three_dots_are_as_good_as_an_ellipsis() -> None:
    (found,) = quoted('“and none ever will be..." The islanders tell another story')

    assert found == "and none ever will be…”\nThe islanders tell another story"


def test_what_is_shorter_than_a_sentence_is_said_by_chance() -> None:
    assert len("The islanders tell another story.") < SHORTEST
    assert quoted("The islanders tell another story.") == []


def test_a_passage_within_a_longer_paragraph_of_ones_own_is_not_a_quotation() -> None:
    assert quoted(f"They say {PASSAGE}, and I laughed.") == []


def test_the_story_comes_first_then_each_comment_that_has_the_passage() -> None:
    words = "This is what I wrote last week about boats"
    comments = {
        3: render(f"Well. {words}!", Markup.MARKDOWN),
        5: "<p>Else.</p>",
        9: f"<p>{words}</p>",
    }

    found = find_quotations(render(f"> {words}\n\n> {PASSAGE}", Markup.MARKDOWN), STORY, comments)

    assert [quotation.target for quotation in found] == [0, 3, 9]
    assert found[1:] == (Quotation(3, 0, 0), Quotation(9, 0, 0))


def test_without_long_passages_nothing_is_looked_for() -> None:
    assert find_quotations("<p>Short.</p>", STORY, {1: "<p>Short.</p>"}) == ()
    assert find_quotations(f"<p>{'x' * SHORTEST}</p>", "", {}) == ()


@given(st.text(st.characters(categories=["Ll", "Lu", "Nd", "Zs", "Po"]), min_size=60, max_size=200))
def test_positions_are_exact_in_any_story(story: str) -> None:
    passage = " ".join(story[5:55].split())
    html = f"<p>{passage.replace('&', '&amp;').replace('<', '&lt;')}</p>"

    for found in find_quotations(html, story, {}):
        there = story[found.start : found.start + found.length]
        assert _folded(there) in _folded(passage)
        assert not there[0].isspace()
        assert not there[-1].isspace()


def _folded(text: str) -> str:
    same = str.maketrans("“”„‟«»‘’‚‛`´‹›\u00a0", "\"\"\"\"\"\"'''''''' ", "…")
    return "".join(text.translate(same).replace("...", "").casefold().split())


@given(st.lists(st.sampled_from(["<p>", "</p>", "<br>", "<li>", "<em>", "Sea “fog”", " \n", "&amp;", "`tide`"])))
def test_what_counts_of_a_text_is_the_same_whether_or_not_anything_but_paragraphs_is_in_it(pieces: list[str]) -> None:
    html = render("".join(pieces), Markup.HTML)

    assert words_of(html) == words_of(f"<em></em>{html}")


@given(
    st.lists(
        st.sampled_from(["Sea", "FOG", "“tide”", " ", "  ", "\n", "\t", "\u2003", "\u00a0", "\x1f", "<br>", "</p><p>"])
    )
)
def test_words_count_as_one_space_apart_whatever_stands_between_them(pieces: list[str]) -> None:
    words = words_of(f"<p>{''.join(pieces)}</p>")
    assert words == " ".join(words.split())
    assert words == words_of(
        f"<p>{'   '.join(''.join(pieces).replace('<br>', ' ').replace('</p><p>', ' ').split())}</p>"
    )
