"""Reading JSON of any length at named places and line by line, and giving up on what is meant to do harm."""

import codecs
import gc
import io
import json
import weakref
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outspoken.transfer.reading.json_lines import LONGEST_LINE, AfterFirstLine, FirstLine, values_by_line
from outspoken.transfer.reading.json_records import plain, records
from outspoken.transfer.reading.json_values import Bounds, shape_of, values
from outspoken.transfer.records import Unreadable

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(1 - 2**63, 2**63 - 1) | st.text(st.characters(codec="utf-8"), max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc.[]", max_size=3), inner, max_size=4),
    max_leaves=20,
)


class Endless:
    """A source that says the same for ever, and that nobody may read to its end."""

    def __init__(self, begin: bytes, again: bytes) -> None:
        self._begin = begin
        self._again = again * (64 * 1024 // len(again) + 1)
        self.given = 0

    def read(self, size: int = 64 * 1024) -> bytes:
        if self._begin:
            piece, self._begin = self._begin, b""
            return piece
        self.given += len(self._again)
        assert self.given < 100 * 1024**2, "read on and on"
        return self._again


def read(content: str | bytes, *places: str) -> list[tuple[str, int, Any]]:
    raw = content.encode() if isinstance(content, str) else content
    return [tuple(found) for found in values(io.BytesIO(raw), *places)]


@given(st.lists(JSON, max_size=5), JSON, st.booleans())
def test_what_stands_at_a_place_is_read_as_json_reads_it(items: list[Any], other: Any, is_plain: bool) -> None:
    content = json.dumps({"other": other, "a": {"items": items}, "end": 1}, ensure_ascii=is_plain)
    assert read(content, "a.items[]", "end") == [*(("a.items[]", -1, item) for item in items), ("end", -1, 1)]
    assert read(json.dumps(items), "[]") == [("[]", number, item) for number, item in enumerate(items)]


def test_places_inside_of_arrays_tell_which_item_they_belong_to() -> None:
    content = '[{"c": [1, {"id": 2}], "id": "a"}, {"id": "b"}, 7, {"c": [{"c": []}]}]'
    assert read(content, "[].id", "[].c[]") == [
        *(("[].c[]", 0, 1), ("[].c[]", 0, {"id": 2}), ("[].id", 0, "a"), ("[].id", 1, "b"), ("[].c[]", 3, {"c": []})),
    ]


def test_a_byte_order_mark_is_passed_over() -> None:
    assert read(b'\xef\xbb\xbf{"a": 1}', "a") == [("a", -1, 1)]
    assert list(values_by_line(io.BytesIO(b'\xef\xbb\xbf{"a": 1}'))) == [(1, {"a": 1})]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "cut off or isn't valid JSON"),
        (b'{"a": [1, 2', "cut off or isn't valid JSON"),
        (b'{"a": NaN}', "isn't valid JSON"),
        (b'{"a": Infinity}', "isn't valid JSON"),
        (b'{"a": "\xff\xfe"}', "isn't valid JSON"),
        (b'{"a": "\x00"}', "isn't valid JSON"),
        (b'\x00{"a": 1}', "isn't valid JSON"),
        (b'{"a": 1} {"b": 2}', "isn't valid JSON"),
        (b'{"a": ' + b"1" * 5000 + b"}", "isn't valid JSON"),
        (b'{"a": 1e99999}', "isn't valid JSON"),
        ('{"a": "ä"}'.encode("latin-1"), "isn't valid JSON"),
        ('{"a": 1}'.encode("utf-16"), "UTF-16"),
        (codecs.BOM_UTF32_BE + '{"a": 1}'.encode("utf-32-be"), "UTF-32"),
        (b'{"a": {"b": 1, "c": 2, "b": 3}}', "the name “b” twice"),
        (b'{"x": 1, "x": 2}', "the name “x” twice"),
        (b'{"a": ' + b"[" * 100 + b"]" * 100 + b"}", "64 levels"),
        (b'{"b": ' + b"[" * 1_000_000, "64 levels"),
    ],
)
def test_bad_json_is_refused_in_one_line(content: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=rf"\A[^\n]*{said}[^\n]*\Z"):
        read(content, "a")


@pytest.mark.parametrize(
    ("begin", "again", "said"),
    [
        (b'{"a": "', b"a", "a text of more than 4 MiB"),
        (b'{"', b"a", "a text of more than 4 MiB"),
        (b'{"a": ', b"1", "a text of more than 4 MiB"),
        (b'{"a": ', b" ", "a text of more than 4 MiB"),
        (b'{"a": [', b"[],", "200,000 parts"),
        (b'{"a": [', b'"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",', "or 4 MiB"),
        (b"[", b"[", "64 levels"),
    ],
)
def test_values_without_end_are_given_up(begin: bytes, again: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        list(values(Endless(begin, again), "a"))


def test_very_many_items_are_read_one_by_one() -> None:
    source = Endless(b"[", b'{"a": 1},')
    found = values(source, "[]")
    assert [next(found).item for _ in range(20_000)][-1] == 19_999
    assert source.given < 1024**2


def test_an_object_of_very_many_names_is_given_up() -> None:
    names = b"{" + b",".join(b'"%d": 1' % number for number in range(100)) + b"}"
    with pytest.raises(Unreadable, match="50 names"):
        list(values(io.BytesIO(names), "a", bounds=Bounds(parts=50)))


@pytest.mark.parametrize(
    ("head", "shape"),
    [
        (b'{"version":3,"pages":[Argh', {"version", "pages"}),
        (b'{"a": [{"b": {"c": 1}}', {"a", "a[]", "a[].b", "a[].b.c"}),
        (b'[{"id": "', {"[]", "[].id"}),
        (b'{"a": 1}\n{"b": 2}\n{"c', {"a", "b"}),
        (b"nothing", set()),
        (b"", set()),
        (b"\xff\xfe{", set()),
    ],
)
def test_the_shape_of_a_head_is_known_up_to_where_it_breaks_off(head: bytes, shape: set[str]) -> None:
    assert shape_of(head) == shape


@given(st.lists(JSON, max_size=6), st.sampled_from(["\n", "\r\n", "\n\n"]))
def test_lines_are_read_as_json_reads_them(items: list[Any], newline: str) -> None:
    content = newline.join(json.dumps(item) for item in items).encode()
    assert [value for _, value in values_by_line(io.BytesIO(content))] == items


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"a": 1}\n{"a":', "Line 2 is cut off"),
        (b'{"a": 1}\n\n{"a": NaN}', "Line 3 is"),
        (b'{"a": "\xff"}', "Line 1 is"),
        (b'{"a": 1, "a": 2}', "Line 1 has an object that has the name “a” twice"),
        (b"[" * 100_000, "Line 1 nests too deep"),
        (b"1" * 5000, "Line 1 is"),
        ("{}".encode("utf-16"), "UTF-16"),
        (b"{}\n\x00", "Line 2 is"),
    ],
)
def test_bad_lines_are_refused_by_number(content: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        list(values_by_line(io.BytesIO(content)))


def test_a_line_without_end_is_given_up() -> None:
    source = Endless(b'{}\n"', b"a")
    with pytest.raises(Unreadable, match="Line 2 is longer than 2 MiB"):
        list(values_by_line(source))
    assert source.given < 2 * LONGEST_LINE


@pytest.mark.parametrize("size", [1, 3, 64])
def test_the_first_line_and_the_others_are_the_whole(size: int) -> None:
    class Small(io.BytesIO):
        def read(self, wanted: int | None = -1, /) -> bytes:
            return super().read(size)

    def everything(source: FirstLine | AfterFirstLine) -> Iterator[bytes]:
        while piece := source.read():
            yield piece

    for content in (b"one\ntwo\nthree", b"one\n", b"one", b"\n\n"):
        first, newline, rest = content.partition(b"\n")
        assert b"".join(everything(FirstLine(Small(content)))) == first + newline
        assert b"".join(everything(AfterFirstLine(Small(content)))) == newline + rest


def test_records_are_found_in_arrays_and_in_lines() -> None:
    expected = [{"a": 1}, {"a": 2}]
    for content, lines in [
        (b'{"results": [{"a": 1}, {"a": 2}]}', [None, None]),
        (b'[{"a": 1}, {"a": 2}]', [None, None]),
        (b'{"a": 1}\n\n{"a": 2}\n', [1, 3]),
    ]:
        found = list(records(io.BytesIO(content), "results[]", "[]"))
        assert [record for _, record in found] == expected
        assert [line for line, _ in found] == lines
    for empty in (b"[]", b" [ ]", b'{\n"results": []}', b""):
        assert list(records(io.BytesIO(empty), "results[]", "[]")) == []
    with pytest.raises(Unreadable, match="Line 2 holds something that is no record"):
        list(records(io.BytesIO(b"{}\n7"), "results[]"))


@pytest.mark.parametrize(
    "wrapped", [{"$oid": "x"}, {"$date": "x"}, {"__type": "Date", "iso": "x"}, {"$date": {"$numberLong": "x"}}, "x"]
)
def test_wrapped_values_are_unwrapped(wrapped: Any) -> None:
    assert plain(wrapped) == "x"


@pytest.mark.parametrize("content", [b'[{"a": 1}]', b'[{"a": 1}', b'[{"a": 1, "a": 2}]'])
def test_what_was_read_is_let_go_of(content: bytes) -> None:
    source = io.BytesIO(content)
    held = weakref.ref(source)
    with suppress(Unreadable):
        list(values(source, "[]"))
    del source
    gc.collect()
    assert held() is None
