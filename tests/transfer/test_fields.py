"""Taking texts, names, dates and counts out of values that may be anything."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outspoken.text.markup import Markup
from outspoken.transfer.reading.fields import count, flag, kind_of_markdown, moment, name, page, reference, score, text

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)


@given(ANYTHING)
def test_nothing_that_a_field_may_hold_raises(value: Any) -> None:
    text(value).encode()
    assert "\0" not in text(value)
    assert len(reference(value)) <= 200
    assert 0 <= count(value) <= 10**9
    assert min(score(value)) == 0
    assert flag(value) in (True, False)
    name(value)
    found, problems = moment(value, "here")
    assert found is None or (1971 <= found.year < 2100 and not problems)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Ann", "Ann"),
        (" Ann \n Lee ", "Ann Lee"),
        ("ann@example.org", ""),
        ("Ann <ann@example.org>", "Ann"),
        ("Ann (ann@example.org) Lee", "Ann Lee"),
        ("write to ann@mail.example.org.", "write to ."),
        ("@ann", "@ann"),
        ("@ann@harbour.example", "@ann@harbour.example"),
        ("a @ b", "a @ b"),
        (7, "7"),
        (None, ""),
        (["Ann"], ""),
    ],
)
def test_a_name_keeps_all_but_addresses(written: Any, kept: str) -> None:
    assert name(written) == kept


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("<p>From another system.</p>", Markup.MIXED),
        ("first<br>second", Markup.MIXED),
        ("*one* <EM class='x'>two</EM>", Markup.MIXED),
        ("a < b and c > d, 1<2>3, <3, <https://harbour.example>, <ann>", Markup.MARKDOWN),
        ("", Markup.MARKDOWN),
    ],
)
def test_html_in_markdown_counts_if_it_is_html(source: str, kind: Markup) -> None:
    assert kind_of_markdown(source) is kind


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("2012-12-12T12:12:12Z", "2012-12-12T12:12:12+00:00"),
        ("2021-10-28 20:50:15 +0800", "2021-10-28T12:50:15+00:00"),
        ("2021-10-28 20:50:15 +0800 CST", "2021-10-28T12:50:15+00:00"),
        ("2021-10-28 20:50:15.123456789 +0800 +0800", "2021-10-28T12:50:15.123456+00:00"),
        ("2021-10-28 20:50:15 -0300 -03", "2021-10-28T23:50:15+00:00"),
        ("2021-10-28 20:50:15.5 +0000 UTC m=+0.123", "2021-10-28T20:50:15.500000+00:00"),
        ("2021-10-28 20:50:15 UTC", "2021-10-28T20:50:15+00:00"),
        ("2024-01-05T10:00:00.123456789-06:00", "2024-01-05T16:00:00.123456+00:00"),
        ("2014-02-10", "2014-02-10T00:00:00+00:00"),
        (1704449000, "2024-01-05T10:03:20+00:00"),
        (1704449000.25, "2024-01-05T10:03:20.250000+00:00"),
        (1704449000123, "2024-01-05T10:03:20.123000+00:00"),
        ("1704449000", "2024-01-05T10:03:20+00:00"),
        ("1704449000123", "2024-01-05T10:03:20.123000+00:00"),
        ("20240105", "2024-01-05T00:00:00+00:00"),
    ],
)
def test_dates_are_read_in_every_spelling_seen(written: Any, read_as: str) -> None:
    found, problems = moment(written, "here")
    assert found is not None
    assert (found.isoformat(), problems) == (read_as, ())


@pytest.mark.parametrize(
    "written", ["0001-01-01T00:00:00Z", "0000-00-00 00:00:00", "1970-01-01T00:00:00Z", "", "  ", None, 0]
)
def test_the_zero_of_a_system_is_no_date_and_no_problem(written: Any) -> None:
    assert moment(written, "here") == (None, ())


@pytest.mark.parametrize(
    "written",
    ["9999-12-31T23:59:59-14:00", "9999-01-01", "1850-01-01T00:00:00Z", "2019-02-30", "soon", 1e300, float("nan"),
     -5, True, ["2019-01-01"], "2001-13-01"],
)  # fmt: skip
def test_a_date_that_cannot_be_is_reported(written: Any) -> None:
    found, (problem,) = moment(written, "comment 7")
    assert found is None
    assert problem.where == "comment 7"


def test_a_date_without_zone_is_read_in_the_zone_given() -> None:
    found, _ = moment("2012-07-01T12:00:00", "here", ZoneInfo("Asia/Shanghai"))
    assert found is not None
    assert found.hour == 4


def test_a_page_is_known_by_its_address_or_by_what_its_system_calls_it() -> None:
    assert page("1", "https://harbour.example/a").url == "https://harbour.example/a"
    assert page("1", "/a/").identifier == "/a/"
    assert (page("1", "").url, page("1", "").identifier) == (None, None)
