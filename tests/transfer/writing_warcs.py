"""Writing web archives: with warcio where they are as they should be, by hand where they aren't."""

import gzip
import io
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import brotli
from backports import zstd
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "gzip": gzip.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
}


@dataclass(frozen=True)
class Answer:
    """What a server answered on a day."""

    url: str
    html: str | bytes
    date: str = "2016-05-03T12:00:00Z"
    coding: str = ""
    is_chunked: bool = False
    status: str = "200 OK"
    content_type: str = "text/html; charset=utf-8"

    def body(self) -> bytes:
        """Return what was sent."""
        plain = self.html.encode("utf-8") if isinstance(self.html, str) else self.html
        sent = CODINGS[self.coding](plain)
        return b"%x\r\n%s\r\n0\r\n\r\n" % (len(sent), sent) if self.is_chunked and sent else sent

    def headers(self) -> list[tuple[str, str]]:
        """Return the header fields that were sent."""
        fields = [("Content-Type", self.content_type)]
        fields += [("Content-Encoding", self.coding)] if self.coding else []
        return fields + ([("Transfer-Encoding", "chunked")] if self.is_chunked else [])


def warc(answers: Iterable[Answer], *, is_gzipped: bool = True, revisits: Iterable[tuple[str, str, str]] = ()) -> bytes:
    """Return a WARC file; `revisits` are (url, date, date of the capture that was found unchanged)."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=is_gzipped)
    writer.write_record(writer.create_warcinfo_record("made.warc", {"software": "tests"}))
    digests = {}
    for answer in answers:
        record = writer.create_warc_record(
            answer.url,
            "response",
            payload=io.BytesIO(answer.body()),
            http_headers=StatusAndHeaders(answer.status, answer.headers(), protocol="HTTP/1.1"),
            warc_headers_dict={"WARC-Date": answer.date},
        )
        writer.write_record(record)
        digests[answer.url, answer.date] = record.rec_headers.get_header("WARC-Payload-Digest")
    for url, date, earlier in revisits:
        headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
        record = writer.create_revisit_record(
            url, digests.get((url, earlier), "sha1:NONE"), url, earlier, http_headers=headers,
            warc_headers_dict={"WARC-Date": date},
        )  # fmt: skip
        writer.write_record(record)
    return out.getvalue()


def plain_record(url: str, html: str, *, length: int | None = None, extra: str = "") -> bytes:
    """Return one record by hand; `length` is what it says of itself."""
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + html.encode("utf-8")
    return (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2016-05-03T12:00:00Z\r\n{extra}"
        f"Content-Length: {len(block) if length is None else length}\r\n\r\n"
    ).encode() + block + b"\r\n\r\n"  # fmt: skip


def wacz(path: Path, files: dict[str, bytes]) -> Path:
    """Write a WACZ with these files beside its usual ones."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("datapackage.json", '{"profile": "data-package", "wacz_version": "1.1.1"}')
        archive.writestr("pages/pages.jsonl", '{"format": "json-pages-1.0"}\n')
        for name, content in files.items():
            archive.writestr(name, content)
    return path
