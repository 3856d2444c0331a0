"""Annotations as the API of Hypothes.is gives them: `rows`, and `replies` where they were asked for.

Only what everybody may read is taken. The passage that an annotation is about stands above its text as a quotation.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from outspoken.discussion.state import State
from outspoken.store.numbers import Names
from outspoken.text.markup import Markup
from outspoken.transfer.reading.fields import flag, member, moment, name, page, reference, text
from outspoken.transfer.reading.json_values import shape_of, values
from outspoken.transfer.reading.opening import opened
from outspoken.transfer.records import Importer, Problem, Progress, Record, Skipped, SourceComment

_ROWS = ("rows[]", "replies[]", "[]")
_EVERYBODY = "group:__world__"
_ADDRESS_OR_SIGN = re.compile(r"((?:https?://|www\.)[^\s<>()\[\]*`\\]+)|[\\`*_\[\]~&]")
"""Addresses are let be: a backslash in one would belong to it."""
_BEGINNING = re.compile(r"^(\d{0,9})([-+#>.)])")
"""Of a heading, a list or a quotation."""


class Hypothesis:
    """An answer of the API to a search, or several of its rows in a list."""

    name = "hypothesis"
    title = "Hypothes.is annotations (JSON)"

    def recognises(self, head: bytes) -> bool:
        """Tell whether it begins with annotations that name a page and its users as Hypothes.is does."""
        shape = shape_of(head)
        return any({f"{rows}.uri", f"{rows}.user", f"{rows}.updated"} <= shape for rows in _ROWS)

    def read(self, path: Path, progress: Progress) -> Iterator[Record]:
        """Stream the annotations, a page before its first annotation.

        Raises:
            Unreadable: if it isn't JSON, or is cut off.
        """
        pages = Names()
        with opened(path, progress) as source:
            for number, found in enumerate(values(source, *_ROWS), start=1):
                address = text(member(found.value, "uri")).strip()
                source_id = reference(member(found.value, "id"))
                where = f"annotation {source_id or number}"
                if not source_id or not address:
                    yield Problem(where, "it has no id or names no page, and can't be placed")
                elif not _is_for_everybody(found.value):
                    yield Skipped("private or for a group", where)
                else:
                    if address not in pages:
                        pages.add(address)
                        yield page(address, address, _title(found.value))
                    yield from _annotation(found.value, address, where)


IMPORTER: Importer = Hypothesis()


def _is_for_everybody(annotation: Any) -> bool:
    readers = member(member(annotation, "permissions"), "read")
    return readers is None or (isinstance(readers, list) and _EVERYBODY in readers)


def _title(annotation: Any) -> str:
    titles = member(member(annotation, "document"), "title")
    return text(titles[0]) if isinstance(titles, list) and titles else ""


def _annotation(annotation: Any, address: str, where: str) -> Iterator[Record]:
    created, no_date = moment(member(annotation, "created"), where)
    edited, no_edit = moment(member(annotation, "updated"), where)
    yield from no_date + no_edit
    above = member(annotation, "references")
    account = text(member(annotation, "user")).removeprefix("acct:").strip()
    author = name(member(member(annotation, "user_info"), "display_name")) or name(account.partition("@")[0])
    is_hidden = flag(member(annotation, "hidden"))
    yield SourceComment(
        source=reference(member(annotation, "id")),
        story=address,
        # All ancestors are named; the last is the parent.
        parent=reference(above[-1]) or None if isinstance(above, list) and above else None,
        author="" if is_hidden else author,
        # Accounts are public there; written so that they aren't taken for e-mails.
        author_source=None if is_hidden or not account else " at ".join(account.split("@")),
        body="" if is_hidden else "\n\n".join(filter(None, (_passage(annotation), text(member(annotation, "text"))))),
        markup=Markup.MARKDOWN,
        created=created,
        edited=edited if edited and created and edited > created else None,
        state=State.REMOVED if is_hidden else State.PUBLISHED,
        lost=() if author or is_hidden else ("author",),
    )


def _passage(annotation: Any) -> str:
    """Return the words of the page that are spoken about, as a quotation in Markdown."""
    targets = member(annotation, "target")
    selectors = member(targets[0], "selector") if isinstance(targets, list) and targets else None
    for selector in selectors if isinstance(selectors, list) else ():
        if member(selector, "type") == "TextQuoteSelector":
            words = " ".join(text(member(selector, "exact")).split())
            return f"> {_literally(words)}" if words else ""
    return ""


def _literally(line: str) -> str:
    """Return Markdown that is shown as this line of plain text. A `<` stays: it has no meaning in what people write."""
    inert = _ADDRESS_OR_SIGN.sub(lambda found: found[0] if found[1] else f"\\{found[0]}", line)
    return _BEGINNING.sub(r"\1\\\2", inert)
