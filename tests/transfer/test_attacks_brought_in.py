"""Known attacks as the comments of other systems: brought in, and looked for in the pages by parsers of others."""

import json
import os
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
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
from tests.web.talking import Talk

Element = tuple[str, dict[str, str | None]]
Page = list[Element]

WRITTEN = {
    *("p", "br", "a", "em", "strong", "del", "code", "pre", "blockquote", "ul", "ol", "li"),
    *("b", "i", "u", "s", "q", "cite"),
}
"""What a comment may be made of."""
ADDRESSES = {"href", "src", "action", "formaction", "data", "poster", "background", "srcset", "ping", "cite"}

ALIVE = {"script", "style", "iframe", "object", "embed", "base"}
"""What does something by itself, or to others."""
USUAL = 60
"""So many comments fill several windows."""
SERVED = ("/t/{}", "/t/{}/print", "/embed/t/{}")
"""Where a discussion is read."""

_WITHIN = re.compile(r"([0-9a-z]{12}(\.\d+)?\.html|/t/[0-9a-z]{12}[\w/?=.&-]*)?(#[\w-]+)?")
"""A link to a comment, or to the page of a thread."""
_NEXT = re.compile(r'<a [^>]*href="([^"]*)" rel="next"|<a [^>]*rel="next" href="([^"]*)"')


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


@dataclass(frozen=True)
class Shown:
    """The elements of all pages of a site."""

    kept: list[Page]
    """In its archive."""
    served: list[Page]
    """By a server, each window of a discussion to its last one."""


def shown(database: Database, path: Path) -> Shown:
    """Write the site as an archive, let a server serve it, and return what is on the pages of either."""
    archive(database, path)
    with zipfile.ZipFile(path) as whole:
        kept = [list(elements(whole.read(name))) for name in whole.namelist() if name.endswith(".html")]
    talk = Talk(database)
    threads = [id for (id,) in talk.rows("SELECT id FROM threads")]
    served = [list(elements(html)) for way in SERVED for id in threads for html in windows(talk, way.format(id))]
    talk.close()
    return Shown(kept, served)


def windows(talk: Talk, address: str) -> Iterator[bytes]:
    """Yield a page, and those that it leads on to."""
    reader = talk.browser()
    while address:
        answer = reader.get(address)
        assert answer.status_code == 200
        yield answer.content
        on = _NEXT.search(answer.text)
        address = unescape(on[1] or on[2]) if on else ""


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


def assert_harmless(found: Shown, usual: Shown) -> None:
    """Hold that there is nothing but what pages have whose comments are harmless, and what may be written."""
    for pages, others in ((found.kept, usual.kept), (found.served, usual.served)):
        ours = {(tag, attribute) for page in others for tag, attributes in page for attribute in ("", *attributes)}
        allowed = ours | {(tag, "") for tag in WRITTEN} | {("a", "href"), ("a", "rel")}
        leading = {address for page in others for _, attributes in page for address in _addresses(attributes)}
        alive = [_alive(page) for page in others]
        for page in pages:
            assert _alive(page) in alive
            for tag, attributes in page:
                assert_allowed(tag, attributes, allowed, leading)


def assert_allowed(
    tag: str, attributes: dict[str, str | None], allowed: set[tuple[str, str]], leading: set[str | None]
) -> None:
    """Hold that an element is one of those that may be there, and leads nowhere but where links may lead."""
    for attribute in ("", *attributes):
        assert (tag, attribute) in allowed, (tag, attributes)
        assert not attribute.startswith("on"), (tag, attributes)
    for address in _addresses(attributes) - leading:
        assert address is not None
        assert _WITHIN.fullmatch(address) or _scheme(address) in ("http", "https", "mailto"), (tag, attributes)


def _addresses(attributes: dict[str, str | None]) -> set[str | None]:
    return {attributes[name] for name in ADDRESSES & attributes.keys()}


def _alive(page: Page) -> Counter[str]:
    """Count what does something by itself: the same on every page of a kind, whatever was said there."""
    return Counter(f"{tag} {sorted(attributes.items())}" for tag, attributes in page if tag in ALIVE)


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


@pytest.fixture(scope="module", autouse=True)
def _short_pages() -> Iterator[None]:
    """Let the pages of an archive be as short as a server's, so that the usual ones lead on to others too."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("outspoken.pages.kept.COMMENTS_ON_A_PAGE", 50)
        yield


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """What the pages hold where nobody means harm."""
    folder = tmp_path_factory.mktemp("usual")
    database = open_database(folder)
    upgrade(database, NOW)
    assert bring(database, folder / "one", "disqus", ["The ferry was late again."] * USUAL) == USUAL
    found = shown(database, folder / "one.zip")
    database.close()
    return found


some_and_all = pytest.mark.parametrize("each", [13, pytest.param(1, marks=pytest.mark.long)], ids=["some", "all"])


def attacks(shared_data: Path, each: int) -> list[str]:
    return [text for text in chain(payloads(shared_data), examples(shared_data)) if text.strip()][::each]


@some_and_all
@pytest.mark.parametrize("format", ["disqus", "wordpress", "isso-json"])
def test_known_attacks_in_an_export_are_harmless_on_the_page(
    each: int, format: str, shared_data: Path, tmp_path: Path, sqlite: Database, usual: Shown
) -> None:
    texts = attacks(shared_data, each)

    assert bring(sqlite, tmp_path / "all", format, texts) == len(texts)

    assert_harmless(shown(sqlite, tmp_path / "all.zip"), usual)


@some_and_all
def test_known_attacks_in_an_archive_are_harmless_on_the_page(
    each: int, shared_data: Path, tmp_path: Path, sqlite: Database, other: Database, usual: Shown
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
    assert_harmless(shown(sqlite, tmp_path / "restored.zip"), usual)
