"""Known attacks as the comments of other systems: brought in, and looked for in the pages by parsers of others."""

import json
import os
import re
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import chain
from pathlib import Path
from urllib.parse import urlsplit

import lxml.html
import pytest

from outspoken.store.database import Database, open_database
from outspoken.store.upgrading import upgrade
from outspoken.transfer.importers import importer_named
from outspoken.transfer.job import run_import
from tests.conftest import NOW
from tests.text.test_render import examples, payloads
from tests.transfer.archive.forging import forge
from tests.transfer.archive.making import archive, restore
from tests.transfer.every_format import FORMATS, WRITERS, Told
from tests.transfer.exported import place

Element = tuple[str, dict[str, str | None]]

WRITTEN = {
    *("p", "br", "a", "em", "strong", "del", "code", "pre", "blockquote", "ul", "ol", "li"),
    *("b", "i", "u", "s", "q", "cite"),
}
"""What a comment may be made of."""
ADDRESSES = {"href", "src", "action", "formaction", "data", "poster", "background", "srcset", "ping", "cite"}

_WITHIN = re.compile(r"([0-9a-z]{12}\.html)?(#[\w-]+)?")
"""A link to a comment, or to the page of a thread."""


class Seen(HTMLParser):
    """The elements of a page, by the parser of the standard library."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))


def elements(html: bytes) -> Iterator[Element]:
    """Yield what each of two parsers finds."""
    by_lxml = lxml.html.document_fromstring(html).iterdescendants("*")
    yield from chain(Seen(html.decode()).elements, ((str(element.tag), dict(element.attrib)) for element in by_lxml))


def pages_of(database: Database, path: Path) -> list[Element]:
    """Write the site as an archive and return the elements of its pages."""
    archive(database, path)
    with zipfile.ZipFile(path) as whole:
        names = [name for name in whole.namelist() if name.endswith(".html")]
        return [element for name in names for element in elements(whole.read(name))]


def bring(database: Database, folder: Path, format: str, texts: list[str]) -> int:
    """Import texts as comments of one page and return how many came."""
    folder.mkdir()
    (folder / "export").mkdir()
    (folder / "scratch").mkdir()
    told = [Told(number, None, text) for number, text in enumerate(texts, 1)]
    report = run_import(
        importer_named(FORMATS[format]),
        place(folder / "export", WRITERS[format](told)),
        database=database,
        site="harbour",
        scratch_folder=folder / "scratch",
        entropy=os.urandom,
        now=lambda: NOW,
    )
    return report.comments


def assert_harmless(found: list[Element], usual: list[Element]) -> None:
    """Hold that there is nothing but what a page has whose one comment is harmless, and what may be written."""
    ours = {(tag, attribute) for tag, attributes in usual for attribute in ("", *attributes)}
    allowed = ours | {(tag, "") for tag in WRITTEN} | {("a", "href"), ("a", "rel")}
    assert not {tag for tag, _ in allowed} & {"script", "style", "iframe"}
    leading = {attributes[name] for _, attributes in usual for name in ADDRESSES & attributes.keys()}
    for tag, attributes in found:
        for attribute in ("", *attributes):
            assert (tag, attribute) in allowed, (tag, attributes)
            assert not attribute.startswith("on"), (tag, attributes)
        for address in {attributes[name] for name in ADDRESSES & attributes.keys()} - leading:
            assert address is not None
            assert _WITHIN.fullmatch(address) or _scheme(address) in ("http", "https", "mailto"), (tag, attributes)


def _scheme(address: str) -> str:
    # Brackets would be taken for those of an address of the network.
    return urlsplit(re.sub(r"[\[\]]", "", address)).scheme


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Database]:
    """Another server."""
    (tmp_path / "other").mkdir()
    database = open_database(tmp_path / "other")
    upgrade(database, NOW)
    yield database
    database.close()


@pytest.fixture
def usual(other: Database, tmp_path: Path) -> list[Element]:
    """What the pages hold where nobody means harm."""
    assert bring(other, tmp_path / "one", "disqus", ["The ferry was late again."]) == 1
    return pages_of(other, tmp_path / "one.zip")


some_and_all = pytest.mark.parametrize("each", [13, pytest.param(1, marks=pytest.mark.long)], ids=["some", "all"])


def attacks(shared_data: Path, each: int) -> list[str]:
    return [text for text in chain(payloads(shared_data), examples(shared_data)) if text.strip()][::each]


@some_and_all
@pytest.mark.parametrize("format", ["disqus", "wordpress", "isso-json"])
def test_known_attacks_in_an_export_are_harmless_on_the_page(
    each: int, format: str, shared_data: Path, tmp_path: Path, sqlite: Database, usual: list[Element]
) -> None:
    texts = attacks(shared_data, each)

    assert bring(sqlite, tmp_path / "all", format, texts) == len(texts)

    assert_harmless(pages_of(sqlite, tmp_path / "all.zip"), usual)


@some_and_all
def test_known_attacks_in_an_archive_are_harmless_on_the_page(
    each: int, shared_data: Path, tmp_path: Path, sqlite: Database, other: Database, usual: list[Element]
) -> None:
    texts = attacks(shared_data, each)
    bring(other, tmp_path / "all", "disqus", texts)
    archive(other, tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as whole:
        files = {name: whole.read(name) for name in whole.namelist() if not name.startswith("pages/")}
    # Whoever writes an archive may say that an attack is what comes of sanitising it.
    lines = [json.loads(line) for line in files["data/comments.ndjson"].splitlines()]
    lines = [{**line, "html": line.get("source", "")} for line in lines]
    files["data/comments.ndjson"] = b"".join(json.dumps(line).encode() + b"\n" for line in lines)

    report = restore(sqlite, forge(tmp_path / "forged.zip", files))

    assert report.comments == len(texts)
    assert report.problems
    assert_harmless(pages_of(sqlite, tmp_path / "restored.zip"), usual)
