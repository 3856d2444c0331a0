from hypothesis import given
from hypothesis import strategies as st

from outspoken.text.legible import legible, one_line

OF_A_TERMINAL = "\x1b]0;title\x07\x1b[2J\x9b31m\r\x08\x00\u202egnp.exe\u2066"


@given(st.text(st.characters()))
def test_whatever_is_quoted_stays_on_one_short_line_that_can_be_printed(text: str) -> None:
    line = one_line(text, 40)
    assert len(line.splitlines()) <= 1
    assert len(line) <= 41
    assert legible(line) == line
    line.encode()


def test_letters_of_every_script_and_what_joins_them_stay() -> None:
    for text in ("می‌خواهم", "क्‍ष", "👩‍❤️‍💋‍👨", "a line\nand another\tone"):
        assert legible(text) == text


def test_what_would_make_a_terminal_do_something_is_seen_and_does_nothing() -> None:
    told = one_line(OF_A_TERMINAL)
    assert told.count("\N{REPLACEMENT CHARACTER}") == 8
    assert "gnp.exe" in told


def test_what_is_cut_off_is_seen_to_be() -> None:
    assert one_line("a" * 41, 40) == "a" * 40 + "…"
    assert one_line("a" + " " * 200 + "b", 40) == "a…"
    assert one_line("a" * 40, 40) == "a" * 40
