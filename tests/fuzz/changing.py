"""Changing sound files into unsound ones, the same for the same number: what the mutated files are made by."""

import random
from collections.abc import Callable, Sequence

LONGEST = 64 * 1024
"""Bytes. What is longer is cut off: many small files find more than few large ones."""

_WORDS = (
    *(b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xc0\xae", b"\r", b"\r\n", b"\x1a", b"\x85"),
    *(b"<", b">", b"</", b"/>", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?", b"&", b"&#0;", b"&#xD800;"),
    *(b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;", b"<ul>", b"<li>", b"</div>", b"<script>", b"</script>", b"<table>"),
    *(b'"', b"'", b"\\", b"\\u0000", b"\\ud800", b"{", b"}", b"[", b"]", b"[[[[[[[[", b",", b":", b"null", b"true"),
    *(b"0", b"-1", b"1e999", b"NaN", b"9" * 400, b"18446744073709551616", b"-9223372036854775809", b"0.1", b"1e-7"),
    *(b"9999-12-31T23:59:59Z", b"0001-01-01T00:00:00+14:00", b"2020-02-30", b"253402300800000", b"Thu, 31 Dec 9999"),
    *(b"*a", b"&a ", b"<<: *a", b"!!python/object:os.system", b"---\n", b"- ", b": ", b"\t", b"|\n", b"? ", b"{}"),
    *(b"../", b"/", b"//", b"http://", b"javascript:", b"a@b.example", b"192.0.2.1", b"-----\n", b"--------\n"),
    *("• ".encode(), "\N{LINE SEPARATOR}".encode(), b"&#x110000;"),
)
_MARKS = (b"<", b">", b"{", b",", b"\n", b'"', b"\r\n")

Way = Callable[[bytes, random.Random, Sequence[bytes]], bytes]


def changed(dice: random.Random, contents: Sequence[bytes]) -> bytes:
    """Return one of `contents` with a few changes, now and then with many."""
    content = dice.choice(contents)
    for _ in range(dice.choice((1, 1, 1, 2, 2, 3, 4, 8))):
        content = dice.choice(_WAYS)(content, dice, contents)[:LONGEST]
    return content


def _two_places(content: bytes, dice: random.Random, longest: int = 200) -> tuple[int, int]:
    begin = dice.randrange(len(content) + 1)
    return begin, min(len(content), begin + dice.randrange(1, longest))


def _other_byte(content: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    at = dice.randrange(len(content) + 1)
    return content[:at] + dice.randbytes(1) + content[at + 1 :]


def _other_bit(content: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    if not content:
        return content
    at = dice.randrange(len(content))
    return content[:at] + bytes((content[at] ^ 1 << dice.randrange(8),)) + content[at + 1 :]


def _other_number(content: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    """Put an extreme number where digits are."""
    digits = [at for at in (dice.randrange(len(content) + 1) for _ in range(20)) if content[at : at + 1].isdigit()]
    if not digits:
        return content
    begin = end = digits[0]
    while content[end : end + 1].isdigit():
        end += 1
    return content[:begin] + dice.choice((b"0", b"-1", b"99999999999", b"1e99", b"2", b"")) + content[end:]


def _a_word_more(content: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    at = dice.randrange(len(content) + 1)
    return content[:at] + dice.choice(_WORDS) + content[at:]


def _a_word_instead(content: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    begin, end = _two_places(content, dice, 20)
    return content[:begin] + dice.choice(_WORDS) + content[end:]


def _something_less(content: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    begin, end = _two_places(content, dice)
    return content[:begin] + content[end:]


def _something_again(content: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    begin, end = _two_places(content, dice)
    return content[:end] + content[begin:end] * dice.choice((1, 1, 1, 2, 9, 100)) + content[end:]


def _something_elsewhere(content: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    begin, end = _two_places(content, dice)
    rest = content[:begin] + content[end:]
    at = dice.randrange(len(rest) + 1)
    return rest[:at] + content[begin:end] + rest[at:]


def _another_end(content: bytes, dice: random.Random, contents: Sequence[bytes]) -> bytes:
    other = dice.choice(contents)
    return content[: dice.randrange(len(content) + 1)] + other[dice.randrange(len(other) + 1) :]


def _cut_off(content: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    return content[: dice.randrange(len(content) + 1)]


def _another_order(content: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    """Shuffle some of the pieces between signs: elements, lines, fields."""
    mark = dice.choice(_MARKS)
    pieces = content.split(mark)
    begin = dice.randrange(len(pieces))
    some = pieces[begin : begin + dice.choice((2, 3, 10, len(pieces)))]
    dice.shuffle(some)
    return mark.join([*pieces[:begin], *some, *pieces[begin + len(some) :]])


_WAYS: tuple[Way, ...] = (
    *(_other_byte, _other_bit, _other_number, _a_word_more, _a_word_more, _a_word_instead, _something_less),
    *(_something_again, _something_elsewhere, _another_end, _another_order),
    *(_other_byte, _a_word_instead, _something_less, _something_again, _another_order, _cut_off),
)
