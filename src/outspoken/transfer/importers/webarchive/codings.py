"""How pages were compressed on their way, undone within bounds. warcio would unfold without any."""

import zlib
from collections.abc import Callable
from typing import Protocol

import brotli
from backports import zstd

_PIECE = 64 * 1024
_MOST_CODINGS = 3


class Undecodable(Exception):
    """The content isn't in the coding it claims."""


class _Decoder(Protocol):
    def __call__(self, content: bytes, limit: int) -> bytes: ...


def decoded(content: bytes, codings: str, limit: int) -> bytes:
    """Undo content codings ("gzip", "br, gzip"), giving at most `limit` bytes.

    Archives often keep a page unfolded and its header as it was; what isn't compressed is returned as it is.

    Raises:
        Undecodable: if the content is in another coding than it claims, or in one that isn't known.
    """
    named = [coding.strip().lower() for coding in codings.split(",") if coding.strip().lower() not in ("", "identity")]
    if len(named) > _MOST_CODINGS:
        raise Undecodable
    for coding in reversed(named):
        decode = _DECODERS.get(coding)
        if decode is None:
            raise Undecodable
        try:
            content = decode(content, limit)
        except (zlib.error, brotli.error, zstd.ZstdError, EOFError, ValueError) as fault:
            if not content.lstrip()[:1] == b"<":
                raise Undecodable from fault
    return content


def _gzip(content: bytes, limit: int) -> bytes:
    return _inflate(content, limit, 16 + zlib.MAX_WBITS)


def _deflate(content: bytes, limit: int) -> bytes:
    try:
        return _inflate(content, limit, zlib.MAX_WBITS)
    except zlib.error:
        # Some servers left the wrapping away.
        return _inflate(content, limit, -zlib.MAX_WBITS)


def _inflate(content: bytes, limit: int, bits: int) -> bytes:
    # What was cut off on its way still has its beginning.
    return zlib.decompressobj(bits).decompress(content, limit)


def _brotli(content: bytes, limit: int) -> bytes:
    decoder = brotli.Decompressor()
    pieces = [decoder.process(content, output_buffer_limit=_PIECE)]
    size = len(pieces[0])
    while size < limit and not decoder.is_finished() and not decoder.can_accept_more_data():
        pieces.append(decoder.process(b"", output_buffer_limit=_PIECE))
        size += len(pieces[-1])
    return b"".join(pieces)[:limit]


def _zstandard(content: bytes, limit: int) -> bytes:
    return zstd.ZstdDecompressor().decompress(content, max_length=limit)


_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstandard,
}
