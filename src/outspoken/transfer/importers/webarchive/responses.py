"""The page in a record: what a server answered, as it was before it was sent."""

import io
import re
from dataclasses import dataclass
from datetime import datetime

from warcio.bufferedreaders import ChunkedDataReader
from warcio.statusandheaders import StatusAndHeadersParser, StatusAndHeadersParserException

from outspoken.transfer.importers.saved.page import LONGEST_PAGE
from outspoken.transfer.importers.webarchive.codings import Undecodable, decoded
from outspoken.transfer.importers.webarchive.framing import ArchiveRecord
from outspoken.transfer.reading import fields

_LONGEST_HEADER = 256 * 1024
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_HTTP = StatusAndHeadersParser(["HTTP/1.0", "HTTP/1.1", "HTTP/2", "HTTP/2.0", "HTTP/3"], verify=False)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Response:
    """What a record says was answered, before anybody looked into it."""

    url: str
    saved: datetime | None
    content: bytes
    charset: str | None
    is_whole: bool


class NoPage(Exception):
    """The record holds no page. The message is why, if that is worth telling, else empty."""


def response_in(record: ArchiveRecord) -> Response:
    """Return the HTML page that a server answered.

    Raises:
        NoPage: if it is something else, an error or a forwarding, or can't be read.
    """
    url = address_of(record)
    if record.headers["warc-type"] == "resource":
        status, headers, body = "200", {"content-type": record.headers.get("content-type", "")}, record.block
    else:
        status, headers, body = _http(record.block)
    if not status.startswith("2") or not _is_html(headers.get("content-type", ""), body):
        raise NoPage
    saved, _ = fields.moment(record.headers.get("warc-date"), "")
    charset = _CHARSET.search(headers.get("content-type", ""))
    return Response(url, saved, _content(headers, body), charset[1] if charset else None, record.is_whole)


def address_of(record: ArchiveRecord) -> str:
    """Return the address of a record's page.

    Raises:
        NoPage: if it has none, or none of the web.
    """
    url = record.headers.get("warc-target-uri", "").strip().removeprefix("<").removesuffix(">")
    if not url.startswith(("http://", "https://")) or len(url) > 8192:
        raise NoPage
    return url


def is_html_revisit(record: ArchiveRecord) -> bool:
    """Tell whether a record says of a page that it was as before; without a header it may be a picture."""
    try:
        _, headers, _ = _http(record.block)
    except NoPage:
        return False
    return "html" in headers.get("content-type", "").lower()


def _http(block: bytes) -> tuple[str, dict[str, str], bytes]:
    end = _HEADER_END.search(block, 0, _LONGEST_HEADER)
    if end is None:
        raise NoPage
    try:
        header = _HTTP.parse(io.BytesIO(block[: end.end()]))
    except (StatusAndHeadersParserException, EOFError, ValueError, IndexError) as fault:
        raise NoPage from fault
    named: dict[str, str] = {}
    for name, value in header.headers:
        named.setdefault(name.lower(), value)
    return header.get_statuscode(), named, block[end.end() :]


def _is_html(content_type: str, body: bytes) -> bool:
    if content_type.strip():
        return "html" in content_type.lower()
    return body.lstrip()[:200].lower().startswith((b"<!doctype html", b"<html"))


def _content(headers: dict[str, str], body: bytes) -> bytes:
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body = ChunkedDataReader(io.BytesIO(body)).read()
    try:
        content = decoded(body, headers.get("content-encoding", ""), LONGEST_PAGE + 1)
    except Undecodable as fault:
        coding = headers.get("content-encoding", "")[:40]
        raise NoPage(f"isn't compressed as it says (“{coding}”), so it can't be read") from fault
    return content
