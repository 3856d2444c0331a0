"""Fuzz the importers of XML: they read or say Unreadable, and cut alike in whatever pieces a file comes.

Ends after -runs=N or -max_total_time=SECONDS.
"""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["outspoken"]):
    from outspoken.transfer.importers import blogger, disqus, feeds, wordpress
    from outspoken.transfer.reading.cutting import cut
    from outspoken.transfer.records import SourceComment, Unreadable

FILE = Path(tempfile.mkdtemp()) / "export.xml"
AROUND = (
    (
        wordpress.IMPORTER,
        b'<rss xmlns:wp="http://wordpress.org/export/1.2/"><channel><item>',
        b"</item></channel></rss>",
    ),
    (
        wordpress.IMPORTER,
        b"<rss><channel><wp:wxr_version>1</wp:wxr_version><item><wp:comment><wp:comment_id>1</wp:comment_id>",
        b"</wp:comment></item></channel></rss>",
    ),
    (disqus.IMPORTER, b'<disqus><thread dsq:id="1"/><post dsq:id="2"><thread dsq:id="1"/>', b"</post></disqus>"),
    (
        blogger.IMPORTER,
        b"<feed><id>tag:blogger.com,1999:blog-1</id><entry><id>post-1</id><thr:in-reply-to ref='post-2'/>",
        b"</entry></feed>",
    ),
    (
        feeds.IMPORTER,
        b"<rss><channel><item><guid>1</guid><in-reply-to ref='2'/><pubDate>",
        b"</pubDate></item></channel></rss>",
    ),
    (feeds.IMPORTER, b"<feed><entry><id>1</id>", b"</entry></feed>"),
)
RECORDS = {"item": None, "comment": "item"}


def read(content: bytes) -> None:
    """Read `content` as an export of the kind that its first byte chooses, alone or within a sound one; and cut it."""
    kind, content = content[:1], content[1:]
    importer, before, after = AROUND[(ord(kind) if kind else 0) % len(AROUND)]
    whole = before + content + after if ord(kind or b"\0") & 128 else content
    importer.recognises(whole)
    FILE.write_bytes(whole)
    try:
        for record in importer.read(FILE, lambda _: None):
            if isinstance(record, SourceComment):
                record.body.encode()
                assert record.source
                assert record.created is None or record.created.year < 2100
    except Unreadable:
        pass
    text = f"<rss>{content.decode('utf-8', 'replace')}</rss>"
    assert _cut([text]) == _cut([text[place : place + 7] for place in range(0, len(text), 7)])


def _cut(pieces: list[str]) -> list[object]:
    try:
        return list(cut(pieces, "rss", RECORDS))
    except Unreadable as refusal:
        return [str(refusal)]


if __name__ == "__main__":
    atheris.Setup(sys.argv, read)
    atheris.Fuzz()
