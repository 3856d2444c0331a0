"""Random input for everything pure that touches what people send: texts, names, addresses, cursors, form tokens.

Run by `make fuzz`. Each target holds a promise, not only that nothing is raised that isn't a refusal.
"""

import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import atheris

with atheris.instrument_imports(include=["outspoken"]):
    from outspoken.discussion.errors import Refusal
    from outspoken.discussion.order import parse_cursor
    from outspoken.text.hygiene import clean
    from outspoken.text.markup import Markup
    from outspoken.text.names import clean_name, skeleton
    from outspoken.text.quotations import find_quotations
    from outspoken.text.render import check_body, plain_text, render
    from outspoken.transfer.addresses import fold_url, is_proxy_or_local
    from outspoken.web.tokens import Tokens

_ALLOWED = re.compile(
    r"<(?:/?(?:p|em|strong|del|code|pre|blockquote|ul|ol|li|b|i|u|s|q|cite|a)|br|"
    r'a(?: href="(?:https?://|mailto:)[^"<>]*")?(?: rel="nofollow ugc noopener noreferrer")?)>',
    re.IGNORECASE,
)
_NOW = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)
_TOKENS = Tokens(b"k" * 32)


def _rendered(text: str, markup: Markup) -> None:
    html = render(text, markup)
    assert "<" not in _ALLOWED.sub("", html), f"a tag that isn't allowed: {html!r}"
    assert render(text, markup) == html
    plain_text(html)
    find_quotations(html, text[:2000], {1: html})


def _markdown(text: str) -> None:
    source = clean(text).strip("\n")
    check_body(source)
    _rendered(source, Markup.MARKDOWN)


def _html(text: str) -> None:
    _rendered(text, Markup.HTML)


def _plain(text: str) -> None:
    _rendered(text, Markup.TEXT)


def _hygiene(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    cleaned.encode()


def _name(text: str) -> None:
    name = clean_name(text)
    assert clean_name(name) == name
    assert not name or skeleton(name)


def _address(text: str) -> None:
    is_proxy_or_local(text)
    try:
        folded = fold_url(text)
    except ValueError:
        return
    assert fold_url(f"https://{folded}") == folded


def _cursor(text: str) -> None:
    cursor = parse_cursor(text)
    assert parse_cursor(str(cursor)) == cursor


def _token(text: str) -> None:
    # Nothing that wasn't issued here is ever believed.
    assert _TOKENS.age(text, "0123456789ab", _NOW) is None


_TARGETS: tuple[Callable[[str], None], ...] = (
    *(_markdown, _markdown, _html, _html, _plain, _hygiene, _name, _address, _cursor, _token),
)


def one_input(data: bytes) -> None:
    """Try one input; what a refusal stops is as it should be."""
    given = atheris.FuzzedDataProvider(data)
    target = _TARGETS[given.ConsumeIntInRange(0, len(_TARGETS) - 1)]
    try:
        target(given.ConsumeUnicode(sys.maxsize))
    except Refusal:
        return


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
