"""What leaves in another system's format: read back by a parser of its own, the trees, names and texts are the same.

Each reading below knows the other system's format and nothing of the exporter.
"""

import csv
import gzip
import json
import random
import re
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import etree
from lxml import html as lxml_html

from outspoken.discussion.state import State
from outspoken.store.database import Database, open_database
from outspoken.store.sites import add_site
from outspoken.store.threads import open_thread
from outspoken.store.upgrading import upgrade
from outspoken.store.windows import in_reading_order
from outspoken.text.markup import Markup
from outspoken.transfer.exporters import EXPORTERS, exporter_named
from outspoken.transfer.exporters.one_line import as_markdown
from outspoken.transfer.importers.commento import IMPORTER as COMMENTO
from outspoken.transfer.importers.disqus import IMPORTER as DISQUS
from outspoken.transfer.job import run_import
from outspoken.transfer.leaving import SENTENCES, Loss, leave
from outspoken.transfer.records import Importer
from outspoken.transfer.report import Report
from tests.conftest import NOW
from tests.factories import MOMENT, a_body, a_site, a_story, a_submission, open_ferry, say
from tests.transfer.archive.making import fill

pytestmark = pytest.mark.xdist_group("leaving")

Said = tuple[int, int, str, str]
"""Number, parent, name and text of a comment; text and name are empty for a tombstone."""
Talks = dict[str, list[Said]]
"""By headline, what was said."""


@pytest.fixture(scope="module")
def community(tmp_path_factory) -> Database:
    """A site with something of everything."""
    database = open_database(tmp_path_factory.mktemp("leaving"))
    upgrade(database, NOW)
    fill(database, 51, comments=120)
    yield database
    database.close()


def left(database: Database, format: str, path: Path, **how) -> dict:
    with database.reading() as connection:
        return leave(exporter_named(format), connection, "harbour", path, **how)


def here(database: Database) -> Talks:
    """Return what readers see, without what the program makes of it."""
    talks: Talks = {}
    with database.reading() as connection:
        for id, headline in connection.exec_driver_sql("SELECT id, headline FROM threads"):
            talks[headline] = sorted(
                (
                    comment.number,
                    comment.parent,
                    comment.author.name if comment.author else "",
                    words(comment.body.html if comment.body else ""),
                )
                for comment in in_reading_order(connection, id)
            )
    return talks


def words(html: str) -> str:
    """Return the words of an HTML text, as another parser sees them."""
    return " ".join(lxml_html.fromstring(f"<div>{html}</div>").text_content().split()) if html.strip() else ""


def renumbered(lines: list[tuple[str, str | int, str | int, str, str]]) -> Talks:
    """Return what was read: headline, id, parent's id, name, text, in order; ids become positions."""
    talks: dict[str, list] = {}
    for headline, *said in lines:
        talks.setdefault(headline, []).append(said)
    return {headline: by_position(said) for headline, said in talks.items()}


def by_position(said: list) -> list[Said]:
    places = {str(id): place for place, (id, *_) in enumerate(said, start=1)}
    return [(places[str(id)], places.get(str(parent), 0), name, text) for id, parent, name, text in said]


def expected(database: Database, *, has_tombstones: bool = True, levels: int | None = None) -> Talks:
    return {
        headline: by_position(flattened(said, has_tombstones=has_tombstones, levels=levels))
        for headline, said in here(database).items()
    }


def flattened(said: list[Said], *, has_tombstones: bool, levels: int | None) -> list[Said]:
    """Take tombstones out, if asked to, and let nothing stand deeper than so many levels."""
    parents = {number: parent for number, parent, *_ in said}
    gone = set() if has_tombstones else {number for number, _, name, text in said if not text}

    def above(number: int) -> int:
        parent = parents[number]
        while parent in gone:
            parent = parents[parent]
        while levels == 2 and parent and parents[parent]:
            parent = parents[parent]
        return parent

    return [(number, above(number), name, text) for number, _, name, text in said if number not in gone]


def read_disqus(path: Path) -> Talks:
    tree = etree.parse(path)
    spaces = {"d": "http://disqus.com"}
    dsq = "{http://disqus.com/disqus-internals}id"
    titles = {
        thread.get(dsq): thread.findtext("d:title", namespaces=spaces) for thread in tree.findall("d:thread", spaces)
    }
    found = []
    for post in tree.findall("d:post", spaces):
        parent = post.find("d:parent", spaces)
        found.append(
            (
                titles[post.find("d:thread", spaces).get(dsq)],
                post.get(dsq),
                parent.get(dsq) if parent is not None else 0,
                post.findtext("d:author/d:name", namespaces=spaces) or "",
                words(post.findtext("d:message", namespaces=spaces) or ""),
            )
        )
    return renumbered(found)


def read_wordpress(path: Path) -> Talks:
    spaces = {"wp": "http://wordpress.org/export/1.2/"}
    found = []
    for item in etree.parse(path).findall("channel/item"):
        for comment in item.findall("wp:comment", spaces):
            told = {child.tag.rpartition("}")[2]: child.text or "" for child in comment}
            assert told["comment_approved"] == ("1" if told["comment_content"].strip() else "trash")
            assert told["comment_author_IP"] == told["comment_author_email"] == ""
            found.append(
                (
                    item.findtext("title"),
                    told["comment_id"],
                    told["comment_parent"],
                    told["comment_author"],
                    words(told["comment_content"]),
                )
            )
    return renumbered(found)


def read_remark42(path: Path) -> Talks:
    first, *lines = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    assert first["version"] == 1
    return renumbered(
        [
            (
                line["title"],
                line["id"],
                line["pid"],
                "" if line["user"]["name"] in ("deleted", "anonymous") else line["user"]["name"],
                words(line["text"]),
            )
            for line in lines
        ]
    )


def read_commento(path: Path) -> Talks:
    told = json.loads(gzip.decompress(path.read_bytes()))
    people = {person["commenterHex"]: person["name"] for person in told["commenters"]}
    return renumbered(
        [
            (
                line["domain"] + line["url"],
                line["commentHex"],
                line["parentHex"],
                people.get(line["commenterHex"], ""),
                words(line["html"]),
            )
            for line in told["comments"]
        ]
    )


def read_comentario(path: Path) -> Talks:
    told = json.loads(gzip.decompress(path.read_bytes()))
    titles = {page["id"]: page["title"] for page in told["pages"]}
    return renumbered(
        [
            (titles[line["pageId"]], line["id"], line.get("parentId", 0), line["authorName"], words(line["html"]))
            for line in told["comments"]
        ]
    )


def read_atom(path: Path) -> Talks:
    spaces = {"a": "http://www.w3.org/2005/Atom", "thr": "http://purl.org/syndication/thread/1.0"}
    found = []
    for entry in etree.parse(path).findall("a:entry", spaces):
        replied = entry.find("thr:in-reply-to", spaces)
        if replied is not None:
            name = entry.findtext("a:author/a:name", namespaces=spaces)
            found.append(
                (
                    entry.findtext("a:title", namespaces=spaces),
                    entry.findtext("a:id", namespaces=spaces),
                    replied.get("ref"),
                    "" if name == "–" else name,
                    words(entry.findtext("a:content", namespaces=spaces) or ""),
                )
            )
    return renumbered(found)


def read_csv(path: Path) -> Talks:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return renumbered(
        [(row["headline"], row["number"], row["parent"] or 0, row["author"], words(row["html"])) for row in rows]
    )


NAMELESS = ("Not shown", "Deleted by its author", "Removed by the moderators", "Anonymous")


def read_markdown(path: Path) -> Talks:
    found = []
    for file in sorted(path.iterdir()):
        text = file.read_text("utf-8")
        _, front, body = text.split("---\n", 2)
        title = json.loads(re.search("^title: (.*)$", front, re.MULTILINE)[1])
        for block in re.split(r"\n\n", body.strip()):
            assert "\n" not in block
            (section,) = lxml_html.fragments_fromstring(block)
            name = section.findtext("p/strong")
            parent = section.xpath("p[1]/a/@href")
            found.append(
                (
                    title,
                    section.get("id")[1:],
                    parent[0][2:] if parent else 0,
                    "" if name in NAMELESS else name,
                    " ".join(" ".join(child.text_content() for child in section[1:]).split()),
                )
            )
    return renumbered(found)


READERS: dict[str, Callable[[Path], Talks]] = {
    "disqus": read_disqus,
    "wordpress": read_wordpress,
    "remark42": read_remark42,
    "comentario": read_comentario,
    "csv": read_csv,
}


@pytest.mark.parametrize("format", READERS)
def test_trees_names_and_texts_are_the_same_elsewhere(community, tmp_path, format):
    report = left(community, format, tmp_path / "there")

    assert READERS[format](tmp_path / "there") == expected(community)
    assert report["threads"] == 3
    assert report["comments"] + report["tombstones"] == sum(map(len, here(community).values()))
    assert set(report["lost"]) <= {loss.value for loss in exporter_named(format).loses}
    assert list(tmp_path.iterdir()) == [tmp_path / "there"]


def test_commento_knows_pages_and_people(community, tmp_path):
    left(community, "commento", tmp_path / "there")
    assert sorted(read_commento(tmp_path / "there").values()) == sorted(expected(community).values())


def test_who_reads_markdown_alone_or_tells_people_by_their_addresses_finds_both_in_commento(community, tmp_path):
    left(community, "commento", tmp_path / "there")
    told = json.loads(gzip.decompress((tmp_path / "there").read_bytes()))
    assert all(line["markdown"].strip() for line in told["comments"])
    assert {line["markdown"] for line in told["comments"] if line["deleted"]} == {"[deleted]"}
    addresses = {person["email"] for person in told["commenters"]}
    assert len(addresses) == len(told["commenters"]) > 1
    assert all(address.endswith("@guest.invalid") for address in addresses)


def test_what_came_as_html_leaves_for_commento_as_markdown(sqlite, entropy, tmp_path):
    open_ferry(sqlite)
    for markup, source in (
        (Markup.HTML, '<p>The <b>ferry</b>: <a href="https://x.example/">times</a></p><blockquote>late</blockquote>'),
        (Markup.MIXED, "The <i>ferry</i> *again*"),
        (Markup.MARKDOWN, "3 < 4, *truly*"),
        (Markup.MARKDOWN, "*late*"),
        (Markup.HTML, "<p></p>"),
    ):
        say(sqlite, entropy, a_submission(body=a_body(source, markup)))
    left(sqlite, "commento", tmp_path / "there")
    told = json.loads(gzip.decompress((tmp_path / "there").read_bytes()))
    assert [line["markdown"] for line in told["comments"]] == [
        "The **ferry**: [times](https://x.example/) (x.example)\n\n> late",
        "The *ferry* *again*",
        "3 &lt; 4, *truly*",
        "*late*",
        "–",
    ]


def brought_back(importer: Importer, file: Path, database: Database) -> Report:
    """Bring what has left into an empty database."""
    return run_import(
        importer,
        file,
        database=database,
        site="harbour",
        scratch_folder=file.parent,
        entropy=random.Random(1).randbytes,
        now=lambda: MOMENT,
    )


def test_our_own_importer_brings_back_what_left_for_commento(community, sqlite, tmp_path):
    left(community, "commento", tmp_path / "there")
    brought_back(COMMENTO, tmp_path / "there", sqlite)

    def said_by(talks: Talks) -> list:
        return sorted((name, text) for talk in talks.values() for _, _, name, text in talk if text)

    assert said_by(here(sqlite)) == said_by(here(community))


def test_atom_replies_to_what_is_left(community, tmp_path):
    report = left(community, "atom", tmp_path / "there")
    assert read_atom(tmp_path / "there") == expected(community, has_tombstones=False)
    assert report["tombstones"] == 0
    assert report["lost"]["tombstones"] > 0


def test_artrans_replies_to_what_is_left(community, tmp_path):
    left(community, "artrans", tmp_path / "there")
    told = json.loads((tmp_path / "there").read_bytes())
    assert all(isinstance(value, str) for line in told for value in line.values())
    assert not any(line["ip"] or line["ua"] for line in told)
    # Artalk refuses who has no name or no address, and takes two with both the same for one.
    assert all(line["nick"] and line["email"].endswith("@guest.invalid") for line in told)
    people = {line["email"]: (line["page_title"], line["nick"]) for line in told if line["nick"] != "anonymous"}
    assert len(people) == len(set(people.values()))
    assert {line["email"] for line in told if line["nick"] == "anonymous"} == {"anonymous@guest.invalid"}
    names = [line["nick"].removeprefix("anonymous") for line in told]
    read = renumbered(
        [(line["page_title"], line["id"], line["rid"], name, "") for line, name in zip(told, names, strict=True)]
    )
    assert read == {
        headline: [(*said[:3], "") for said in talk]
        for headline, talk in expected(community, has_tombstones=False).items()
    }


def test_isso_gets_two_levels_and_says_so(community, tmp_path):
    report = left(community, "isso", tmp_path / "there")
    database = sqlite3.connect(tmp_path / "there")
    rows = database.execute(
        "SELECT title, comments.id, parent, author, mode FROM comments JOIN threads ON tid = threads.id ORDER BY 2"
    ).fetchall()
    database.close()
    read = renumbered([(title, id, parent or 0, author or "", "") for title, id, parent, author, _ in rows])
    assert read == {
        headline: [(*said[:3], "") for said in talk] for headline, talk in expected(community, levels=2).items()
    }
    assert {mode for *_, mode in rows} == {1, 4}
    assert report["lost"]["depth"] > 0


def test_markdown_files_hold_every_comment_in_a_line_of_html(community, tmp_path):
    left(community, "markdown", tmp_path / "there")
    assert read_markdown(tmp_path / "there") == expected(community)


def test_our_own_importer_brings_back_what_left_for_disqus(community, sqlite, tmp_path):
    left(community, "disqus", tmp_path / "there.xml")
    report = brought_back(DISQUS, tmp_path / "there.xml", sqlite)

    def shape(talks: Talks) -> dict:
        # Tombstones take their place by arrival there, so only who answers whom with which words is compared.
        return {
            headline: sorted(
                (name, text, next(((n, t) for number, _, n, t in talk if number == parent), ("", "")))
                for _, parent, name, text in talk
            )
            for headline, talk in talks.items()
        }

    assert shape(here(sqlite)) == shape(here(community))
    assert report.problems == []


@pytest.mark.parametrize("format", [exporter.name for exporter in EXPORTERS])
def test_nothing_leaves_that_readers_do_not_see(community, tmp_path, format):
    left(community, format, tmp_path / "there")
    there = tmp_path / "there"
    content = b"".join(file.read_bytes() for file in there.iterdir()) if there.is_dir() else there.read_bytes()
    content = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    with community.reading() as connection:
        keys = [bytes(key) for (key,) in connection.exec_driver_sql("SELECT key_hash FROM authors") if key]
        hidden = hidden_numbers(connection)
    assert keys
    assert hidden
    assert not any(key in content or key.hex().encode() in content for key in keys)
    assert not any(word.encode() in content for word in hidden)


def hidden_numbers(connection) -> list[str]:
    """Return the number that each text that isn't shown ends with."""
    from outspoken.store.exports import comments_by_number

    return [
        comment.body.source.split()[-1]
        for (id,) in connection.exec_driver_sql("SELECT id FROM threads").all()
        for comment in comments_by_number(connection, id, only_shown=False)
        if comment.body and comment.state is not State.PUBLISHED
    ]


@pytest.mark.parametrize("format", [exporter.name for exporter in EXPORTERS])
def test_the_same_discussion_is_written_the_same(community, tmp_path, format):
    for name in ("a", "b"):
        left(community, format, tmp_path / name)
    a, b = (tmp_path / "a", tmp_path / "b")
    pairs = [(a, b)] if a.is_file() else zip(sorted(a.iterdir()), sorted(b.iterdir()), strict=True)
    assert all(one.read_bytes() == other.read_bytes() for one, other in pairs)


def test_texts_that_would_do_something_elsewhere_do_nothing(sqlite, entropy, tmp_path):
    open_ferry(sqlite)
    for name, text in (
        ("=HYPERLINK(1)", "=1+2"),
        ("@user", "{{ site.secret }} {% include x %} {{< shortcode >}}"),
        ("-1", "\n\n# heading\n\n```\n<script>\n\n    code\n```\n"),
    ):
        say(sqlite, entropy, a_submission(name=name, body=a_body(text)))
    with sqlite.writing() as connection:
        add_site(connection, a_site(title="]]><x>\x01"))

    for exporter in EXPORTERS:
        left(sqlite, exporter.name, tmp_path / exporter.name)

    with (tmp_path / "csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in list(csv.reader(file))[1:] for cell in row]
    assert not [cell for cell in cells if cell[:1] in tuple("=+-@\t\r\n")]
    markdown = (tmp_path / "markdown" / "ferry.md").read_text("utf-8")
    assert "{{" not in markdown
    assert "{%" not in markdown
    assert "<script" not in markdown
    for name in ("disqus", "wordpress", "atom"):
        etree.parse(tmp_path / name)


def test_what_was_html_leaves_for_markdown_as_a_block_in_which_nothing_else_counts():
    assert as_markdown("2 * 3 * 4 and <b>b</b>\n\n    x") == "<p>2 * 3 * 4 and <b>b</b>     x</p>"
    assert as_markdown("<pre>a\n\nb</pre>\n<p>c</p>") == "<pre>a&#10;&#10;b</pre> <p>c</p>"
    assert as_markdown("") == ""


def test_a_page_of_which_only_a_path_is_known_leaves_as_that_path(sqlite, entropy, tmp_path):
    with sqlite.writing() as connection:
        add_site(connection, a_site())
        story = a_story(url=None)
        open_thread(connection, id="ferry", site="harbour", story=story, addresses_of_page=["id:/2012/1.html"], now=NOW)
    say(sqlite, entropy, a_submission())
    for format in ("artrans", "remark42"):
        left(sqlite, format, tmp_path / format)
    (comment,) = json.loads((tmp_path / "artrans").read_bytes())
    _, line = gzip.decompress((tmp_path / "remark42").read_bytes()).splitlines()
    assert comment["page_key"] == json.loads(line)["locator"]["url"] == "/2012/1.html"


def test_one_thread_can_leave_alone_and_an_empty_site_leaves_nothing(community, sqlite, tmp_path):
    with community.reading() as connection:
        (id, headline), *_ = connection.exec_driver_sql("SELECT id, headline FROM threads").all()
    left(community, "csv", tmp_path / "one", thread=id)
    assert list(read_csv(tmp_path / "one")) == [headline]
    open_ferry(sqlite)
    for exporter in EXPORTERS:
        report = left(sqlite, exporter.name, tmp_path / exporter.name)
        assert (report["threads"], report["comments"]) == (0, 0)


def test_half_a_file_does_not_remain(community, tmp_path):
    def stop(done, _of):
        if done > 20:
            raise KeyboardInterrupt

    for exporter in EXPORTERS:
        with pytest.raises(KeyboardInterrupt):
            left(community, exporter.name, tmp_path / exporter.name, told=stop)
    assert list(tmp_path.iterdir()) == []


def test_markdown_files_say_of_what_is_gone_what_readers_are_told(community, tmp_path):
    left(community, "markdown", tmp_path / "there")
    written = "".join(file.read_text("utf-8") for file in (tmp_path / "there").iterdir())
    for told in ("Deleted by its author", "Removed by the moderators", "Not shown"):
        assert f"<strong>{told}</strong>" in written


WORDS = {
    Loss.VOTES: "votes",
    Loss.TOMBSTONES: "places of comments",
    Loss.DEPTH: "deeper levels",
    Loss.EDITS: "edits",
    Loss.SOURCE: "how texts were written",
    Loss.CLOSED: "closing",
}
"""How the manual calls each loss that not nearly all formats have."""


@pytest.mark.parametrize("exporter", EXPORTERS, ids=lambda exporter: exporter.name)
def test_the_manual_names_what_a_format_loses(exporter):
    manual = (Path(__file__).parents[2] / "docs" / "manual" / "moving-out.md").read_text("utf-8")
    (row,) = re.findall(rf"^\| `{exporter.name}` \|.*$", manual, re.MULTILINE)
    told = row.split("|")[3]
    assert {loss for loss, words in WORDS.items() if words in told} >= set(exporter.loses) & set(WORDS)


def test_every_format_says_what_it_can_not_carry():
    for exporter in EXPORTERS:
        assert all(SENTENCES[loss].endswith(".") for loss in exporter.loses)
    with pytest.raises(LookupError, match=r"Known are: .*Isso database \(isso\)"):
        exporter_named("usenet")


def test_a_story_without_a_date_leaves_with_that_of_its_earliest_comment(sqlite, entropy, tmp_path):
    with sqlite.writing() as connection:
        add_site(connection, a_site("harbour"))
        open_thread(
            connection, id="ferry", site="harbour", story=a_story(published=None), addresses_of_page=[], now=MOMENT
        )
    for days in (3, 5):
        say(sqlite, entropy, a_submission("ferry"), now=MOMENT - timedelta(days=days))

    left(sqlite, "markdown", tmp_path / "there")

    front = (tmp_path / "there" / "ferry.md").read_text().split("---")[1]
    assert f'date: "{MOMENT - timedelta(days=5):%Y-%m-%dT%H:%M}' in front
