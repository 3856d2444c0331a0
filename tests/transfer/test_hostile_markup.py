"""Files made to take for ever: each is read or refused in time that grows with its size alone.

There are no clocks here. What took time by the square of its size would not end.
"""

from pathlib import Path

import pytest

from outspoken.transfer.importers import IMPORTERS, blogger, disqus, feeds, movable_type, wordpress
from outspoken.transfer.reading.bare_links import with_links
from outspoken.transfer.reading.opening import HEAD
from outspoken.transfer.reading.paragraphs import paragraphed
from outspoken.transfer.records import Importer, Unreadable

WXR = '<rss xmlns:wp="http://wordpress.org/export/1.2/"><channel><item><wp:status>publish</wp:status>'
FILES: dict[str, tuple[Importer, str, str, str]] = {
    "records that never end": (wordpress.IMPORTER, WXR, "<wp:comment>", "</item></channel></rss>"),
    "ends without beginnings": (wordpress.IMPORTER, WXR, "</wp:comment>", "</item></channel></rss>"),
    "beginnings and ends that differ": (wordpress.IMPORTER, WXR, "<a:comment></b:comment>", "</item></channel></rss>"),
    "quotes that never end": (wordpress.IMPORTER, WXR, '<wp:comment a="', "</item></channel></rss>"),
    "beginnings of CDATA": (wordpress.IMPORTER, WXR, "<![CDATA[", "]]></item></channel></rss>"),
    "ends of CDATA": (wordpress.IMPORTER, WXR, "]]>", "</item></channel></rss>"),
    "comments within comments": (wordpress.IMPORTER, WXR, "<!--", "--></item></channel></rss>"),
    "signs": (wordpress.IMPORTER, WXR, "<", "</item></channel></rss>"),
    "entities": (wordpress.IMPORTER, WXR, "&a", "</item></channel></rss>"),
    "prefixes": (wordpress.IMPORTER, WXR, "<a:b/><c:d/>", "</item></channel></rss>"),
    "elements within elements": (wordpress.IMPORTER, WXR, "<a>", "</item></channel></rss>"),
    "a name of digits": (blogger.IMPORTER, "<feed><entry><id>tag:blogger.com,1999:blog-", "1", "x</id></entry></feed>"),
    "links without end": (feeds.IMPORTER, "<feed>", "<link href=\"", "</feed>"),
    "titles": (feeds.IMPORTER, "<rss><channel>", "<title ", "</channel></rss>"),
    "a name of signs": (disqus.IMPORTER, "<disqus><thread dsq:id='1'/><post><thread>1</thread><author><name>", "a.",
                        "</name></author></post></disqus>"),
    "dashes": (movable_type.IMPORTER, "AUTHOR: a\nTITLE: b\n", "-----\n", "--------\n"),
    "dashes and blank lines": (movable_type.IMPORTER, "AUTHOR: a\nTITLE: b\n", "--------\n\n", "--------\n"),
    "blank lines": (movable_type.IMPORTER, "AUTHOR: a\nTITLE: b\n-----\n--------\n", "\n", ""),
}  # fmt: skip


@pytest.mark.parametrize("what", FILES)
def test_no_file_takes_longer_than_it_is_long(what: str, tmp_path: Path) -> None:
    importer, before, again, after = FILES[what]
    path = tmp_path / "file"
    path.write_text(before + again * (200_000 // len(again)) + after)
    head = path.read_bytes()[:HEAD]
    for each in IMPORTERS:
        each.recognises(head)
    try:
        for _ in importer.read(path, lambda _: None):
            pass
    except Unreadable as refusal:
        told = str(refusal)
        assert "\n" not in told


@pytest.mark.parametrize("again", ["<pre>", "<p ", "</pre", "<br ", "\n \n", "<li>\n", "<", "[caption]"])
def test_no_text_takes_longer_to_paragraph_than_it_is_long(again: str) -> None:
    assert paragraphed("x" + again * 200_000)


@pytest.mark.parametrize("again", ["http://a(", "http://a.,;", "<b>http://a", "</a", "http://a.example "])
def test_no_text_takes_longer_to_find_addresses_in_than_it_is_long(again: str) -> None:
    assert with_links("x" + again * 20_000)
