"""Cutting XML into records, whatever pieces it comes in, and making elements of them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outspoken.transfer.reading.cutting import Cut, cut
from outspoken.transfer.reading.decoding import Text, encoding_of
from outspoken.transfer.reading.elements import Found, children, elements, inner, root_of
from outspoken.transfer.reading.opening import opened
from outspoken.transfer.records import Problem, Unreadable

RECORDS = {"item": None, "note": "item"}


def cuts(*pieces: str) -> list[Cut | Problem]:
    return list(cut(pieces, "root", RECORDS))


def texts(*pieces: str) -> list[str]:
    return [found.text for found in cuts(*pieces) if isinstance(found, Cut)]


def parsed(text: str | bytes, tmp_path: Path) -> list[Found | Problem]:
    path = tmp_path / "file.xml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with opened(path, lambda _: None) as source:
        return list(elements(source, "root", RECORDS))


def test_inner_records_come_before_the_one_they_lie_in_and_know_it() -> None:
    first, second, outer = cuts("<root>\n<item>\n<a/><x:note>1</x:note><note>2</note><b/></item></root>")
    assert first == Cut("note", "<x:note>1</x:note>", 3, 2, 1, "<item>\n<a/>")
    assert isinstance(second, Cut)
    assert (second.number, second.within, second.around) == (3, 1, "<item>\n<a/>")
    assert outer == Cut("item", "<item>\n<a/><b/></item>", 2, 1)


@pytest.mark.parametrize(
    "inside",
    [
        "<![CDATA[</item><item>]]>", "<!-- </item> -->", "<?x </item>?>", "<notes/>", "<y:items>z</y:items>", "a < b",
        "<![CDATA[ ]] > <![CDATA[ <!-- ]]>", "]]>", "</note>", "<b c='</d'/>", "<root>",
        "<![CDATA[<!--]]></z><![CDATA[-->]]>",
    ],
)  # fmt: skip
def test_what_only_looks_like_the_end_of_a_record_isnt(inside: str) -> None:
    whole = f"<item>{inside}</item>"
    assert texts(f"<root>{whole}<item/></root>") == [whole, "<item/>"]


def test_a_record_named_like_another_is_a_reference_within_a_third() -> None:
    found = list(cut(["<root><post><thread/>x<thread>1</thread></post><thread>2</thread></root>"], "root",
                     {"post": None, "thread": None}))  # fmt: skip
    assert [record.text for record in found if isinstance(record, Cut)] == [
        "<post><thread/>x<thread>1</thread></post>",
        "<thread>2</thread>",
    ]


def test_what_isnt_closed_ends_before_the_next_of_its_kind() -> None:
    assert [type(found) for found in cuts("<root><item>1<item>2</item></root>")] == [Problem, Cut, Cut]
    assert texts("<root><item>1<item>2</item></root>") == ["<item>1", "<item>2</item>"]
    assert texts("<root><item><note>1<note>2</item></root>") == ["<note>1", "<note>2", "<item></item>"]
    assert texts("<root><item><note>1</root>") == ["<note>1", "<item>"]


@pytest.mark.parametrize(
    "text",
    ["", "x", "<root>", "<root><item>", "<root></item>", "<root><![CDATA[</root>", "<root><!-- </root>", "<root"],
)
def test_a_file_that_breaks_off_is_refused(text: str) -> None:
    with pytest.raises(Unreadable, match="cut off"):
        cuts(text)


def test_another_root_and_a_doctype_are_refused() -> None:
    for text in ("<rss><item/></rss>", "<?xml?><!-- <root> --><roots/>", "<root/><item/>", "<item/><root/>"):
        with pytest.raises(Unreadable, match="outermost element is “"):
            cuts(text)
    with pytest.raises(Unreadable, match="DOCTYPE"):
        cuts("<!DOCTYPE root><root/>")


def test_a_tag_without_end_is_refused_within_bounds() -> None:
    with pytest.raises(Unreadable, match="has no end"):
        cuts("<root><item ", *["a" * 60_000] * 5)


@given(
    parts=st.lists(
        st.sampled_from(
            ["<item>", "</item>", "<note>", "</note>", "<x:note a='>'>", "</x:note>", "<![CDATA[", "]]>", "<!--", "-->",
             "<?", "?>", "<", ">", "\n", "text", "<item/>", "</root>", "<root>", "<b>", "'", '"', "<item b=\"", "é"]
        ),
        max_size=25,
    ),
    sizes=st.lists(st.integers(1, 9), min_size=1, max_size=5),
)  # fmt: skip
def test_the_pieces_a_file_comes_in_make_no_difference(parts: list[str], sizes: list[int]) -> None:
    text = f"<root>{''.join(parts)}</root>"
    pieces, place = [], 0
    while place < len(text):
        size = sizes[len(pieces) % len(sizes)]
        pieces.append(text[place : place + size])
        place += size
    outcomes = []
    for given_pieces in ([text], pieces):
        try:
            outcomes.append(cuts(*given_pieces))
        except Unreadable as refusal:
            outcomes.append([Problem("", str(refusal))])
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ("a & b < c", "a & b < c"), ("&nbsp;&eacute;&amp;lt;", "\xa0é&lt;"), ("&nope; &#11; &#65;", "&nope;  A"),
        ("a ]]> b", "a ]]> b"), ("<![CDATA[a & b]]> & c", "a & b & c"), ("<v:w/>", "<v:w/>"),
    ],
)  # fmt: skip
def test_stray_signs_lose_nothing(inside: str, text: str, tmp_path: Path) -> None:
    (found,) = parsed(f"<root><item><x>{inside}</x></item></root>", tmp_path)
    assert isinstance(found, Found)
    assert inner(children(found.element)["x"]) == text


def test_a_broken_record_is_named_and_spoils_no_other(tmp_path: Path) -> None:
    first, problem, broken, last = parsed("<root><item>1</item>\n<item><a>2</item><item>3</item></root>", tmp_path)
    assert [found.element.xpath("string()") for found in (first, broken, last) if isinstance(found, Found)] == [*"123"]
    assert problem == Problem("line 2", "isn't valid XML; what could be read of it was kept")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("é".encode("utf-16"), "é"), ("\ufeffé".encode("utf-16-be"), "é"), ("\ufeffé".encode(), "é"),
        ('<?xml version="1.0" encoding="iso-8859-2"?>ł'.encode("iso-8859-2"), "ł"),
        ("<?xml version='1.0' encoding='ISO-8859-1'?>€".encode("cp1252"), "€"),
        ('<?xml version="1.0" encoding="windows-1251"?>ж'.encode("cp1251"), "ж"),
        ('<?xml version="1.0" encoding="Shift_JIS"?>語'.encode("shift_jis"), "語"),
        ('<?xml version="1.0" encoding="gb2312"?>語'.encode("gb18030"), "語"),
        ('<?xml version="1.0" encoding="UTF-16"?>é'.encode(), "é"),
        ('<?xml version="1.0" encoding="us-ascii"?>é'.encode(), "é"), ("é".encode(), "é"), (b"\xe9", "é"),
    ],
)  # fmt: skip
def test_files_are_read_in_the_encoding_they_declare(content: bytes, text: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with opened(path, lambda _: None) as source:
        assert "".join(Text(source)).endswith(text)


@pytest.mark.parametrize(
    "name", ["zlib", "rot13", "unicode_escape", "idna", "utf-7", "klingon", "a b", "\x80", "u\nf", "punycode"]
)
def test_what_is_no_encoding_of_text_is_refused(name: str) -> None:
    with pytest.raises(Unreadable, match=r"\A[^\n]*encoding[^\n]*\Z"):
        encoding_of(f'<?xml version="1.0" encoding="{name}"?>'.encode())
    assert root_of(f'<?xml version="1.0" encoding="{name}"?><root>'.encode()) == ""


def test_bytes_and_characters_that_dont_belong_are_counted(tmp_path: Path) -> None:
    *_, foreign, unfit = parsed("<root><item>ä\x01\x0b\ufffe</item></root>".encode() + b"<!-- \xe4\xfc -->", tmp_path)
    assert foreign == Problem("the whole file", "2 bytes aren't utf-8; they were read as Windows-1252")
    assert unfit == Problem("the whole file", "3 control characters were left out")


def test_half_a_character_isnt_utf_16(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes("<root/>".encode("utf-16") + b"\x00\xd8\x00\x00")
    with opened(path, lambda _: None) as source, pytest.raises(Unreadable, match="isn't in the encoding"):
        list(Text(source))
