import json
import re
import unicodedata
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outspoken.text.hygiene import clean, in_short_runs

FLAGS = ["🏳️‍🌈", "🏳️‍⚧️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🏴‍☠️", "❤️‍🔥", "👨‍👩‍👧‍👦", "🧑🏽‍🚀", "⛹🏿‍♀️", "👁️‍🗨️", "1️⃣", "#️⃣", "‼️", "☎︎", "👩‍❤️‍💋‍👨"]
LETTERS = ["می‌خواهم", "क्‍ष", "क्‌ष", "ශ්‍රී", "ᠠ᠋", "葛󠄀", "Ελλάδα", "Việt Nam", "שָׁלוֹם", "กำลัง", "é", "Zoë", "ကျွန်ုပ်"]
UNSEEN = {
    "tags": "a\U000e0061\U000e0062\U000e007fb",
    "direction": "a\u202e\u202c\u2066\u2067\u2068\u2069\u200e\u200f\u061cb",
    "soft hyphen": "a\u00adb",
    "zero width": "a\u200b\u200c\u200d\u2060\ufeffb",
    "invisible operators": "a\u2061\u2062\u2063\u2064b",
    "line separators": "a\u2028\u2029b",
    "controls": "a\x00\x01\x08\x0b\x0c\x0e\x1b\x7f\x85\x9fb",
    "Hangul fillers": "a\u115f\u1160\u3164\uffa0b",
    "Khmer vowels that are never drawn": "a\u17b4\u17b5b",
    "Mongolian selectors after Latin": "a\u180b\u180c\u180d\u180e\u180fb",
    "selectors after letters, four hidden bits each": "a\ufe00b\ufe0e\ufe0f\ufe03",
    "runs of selectors": "a\U000e0100\U000e0101\U000e01efb",
    "private use": "a\ue000\uf8ff\U000f0000\U0010fffdb",
    "joiner of graphemes": "a\u034fb",
    "not characters": "a\ufffe\uffff\ufffc\ufffdb",
}


def longest_tower(text: str) -> int:
    longest = height = 0
    for char in text:
        height = height + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        longest = max(longest, height)
    return longest


@pytest.mark.parametrize("text", [*FLAGS, *LETTERS])
def test_flags_families_and_scripts_that_need_joiners_stay_as_they_are(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)

    assert clean(text) == composed
    assert clean(f"x {text}, {text}!") == f"x {composed}, {composed}!"


@pytest.mark.parametrize("text", UNSEEN.values(), ids=UNSEEN.keys())
def test_what_nobody_sees_is_taken_out(text: str) -> None:
    assert clean(text) == "ab"


def test_two_selectors_never_follow_each_other() -> None:
    assert clean("❤\ufe0f\ufe0f\ufe0e") == "❤\ufe0f"
    assert clean("葛\U000e0100\U000e0101") == "葛\U000e0100"


def test_joiners_at_the_edge_of_a_word_go() -> None:
    assert clean("\u200dمی\u200c \u200cक\u200d") == "می क"


def test_a_flag_without_its_end_is_a_black_flag() -> None:
    assert clean("🏴\U000e0067\U000e0062x") == "🏴x"
    assert clean("🏴\U000e007f") == "🏴"
    assert clean("🏴" + "\U000e0061" * 40 + "\U000e007f") == "🏴"


def test_line_ends_become_newlines_and_tabs_stay() -> None:
    assert clean("a\r\nb\rc\n\td") == "a\nb\nc\n\td"


def test_half_a_surrogate_pair_becomes_a_question_mark() -> None:
    assert clean("a\ud800b") == "a?b"


def test_letters_are_composed() -> None:
    assert clean("e\u0301") == "é"


@pytest.mark.parametrize("mark", ["\u0301", "\u0489", "\u1cd4", "\u2de0", "\u0f71", "\ua8e0", "\u0732", "\U0001e000"])
def test_at_most_four_marks_stand_on_a_letter_in_any_script(mark: str) -> None:
    assert longest_tower(clean("x" + mark * 30 + "y")) == 4


TROUBLE = st.text(
    st.one_of(
        st.sampled_from("ab é\n\r\t❤🏳🌈🏴👨क्षمی葛ᠠ1#\u0301\u0489\u200b\u200c\u200d\ufe00\ufe0e\ufe0f\u034f\u180b"),
        st.sampled_from("\U000e0062\U000e0067\U000e007f\U000e0100\u2028\ufeff\u1160\u17b4\u202e\ud800"),
        st.characters(),
    ),
    max_size=40,
)


@given(TROUBLE)
@settings(max_examples=1_500)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = clean(text)

    assert clean(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert longest_tower(once) <= 4
    once.encode()


@given(st.text(st.characters(categories=["Lu", "Ll", "Nd", "Po", "So"], max_codepoint=0x2FFF), max_size=60))
def test_letters_digits_punctuation_and_symbols_are_never_taken_out(text: str) -> None:
    assert clean(text) == unicodedata.normalize("NFC", text)


def test_naughty_strings_come_through_and_cleaning_them_twice_changes_nothing_more(shared_data: Path) -> None:
    strings = json.loads((shared_data / "security/strings/blns.json").read_text())
    assert len(strings) == 515

    for text in strings:
        once = clean(text)
        assert clean(once) == once
        assert longest_tower(once) <= 4
        visible = [char for char in once if char.isalnum()]
        assert visible == [char for char in unicodedata.normalize("NFC", text) if char.isalnum() and char in once]


ALL = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]


def test_whatever_becomes_nothing_but_marks_counts_as_one() -> None:
    marks = [char for char in ALL if all(map(unicodedata.combining, unicodedata.normalize("NFKD", char)))]
    assert len(marks) > 900

    for char in marks:
        assert len(in_short_runs(f"a{char * 100}b")) == 32, f"U+{ord(char):04X}"


@pytest.mark.parametrize("around", ["{}", "a{}b", "é {}.", "नि{}म"])
def test_a_text_with_up_to_thirty_marks_in_a_row_stays_as_it_is(around: str) -> None:
    text = around.format("\u0301" * 30)

    assert in_short_runs(text) == text
    assert in_short_runs("\U00013000" * 40 + "𝐁𝐨𝐥𝐝" * 10) == "\U00013000" * 40 + "𝐁𝐨𝐥𝐝" * 10


@pytest.mark.parametrize(
    "text",
    [
        "a" + "\u0301" * 500 + "\u0316" * 500,
        "a" + "\u0f73" * 500,
        "a" + ("\u302e" * 15 + "\U0001d165" * 15 + "\u200b") * 50,
        "a" + ("\u0301" * 29 + "\u200b" + "\u0316" * 29) * 50,
        "\r\n".join(["Z̸͓̮̻̔͝a̵̰͇͐̈́l̸̢̬̀g̷̜̈́o̵̙̊" + "\u0316\u0301" * 200] * 3),
    ],
)  # fmt: skip
def test_no_long_run_of_marks_is_ever_sorted(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Marks are sorted by insertion: 32,000 of them kept all readers waiting for two seconds."""
    sorted_runs: list[int] = []
    normalize = unicodedata.normalize

    def watched(form: Literal["NFC", "NFD", "NFKC", "NFKD"], given: str) -> str:
        sorted_runs.append(len(max(re.findall(r"[^a-z\s\u200b]*", given), key=len)))
        return normalize(form, given)

    monkeypatch.setattr(unicodedata, "normalize", watched)
    cleaned = clean(text)

    assert 0 < max(sorted_runs) <= 60
    assert longest_tower(cleaned) <= 4
