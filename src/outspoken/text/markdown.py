"""Markdown to HTML by GitHub's parser, with everything given back that it takes.

The wrapper that comes with the library frees neither the tree nor the HTML: some three kilobytes stay behind with every
comment. Its own calls are used up to there, and those two are freed by the parser's library itself.
"""

import ctypes
from collections.abc import Sequence

from cmarkgfm import cmark

_raw, _ffi = cmark._cmark.lib, cmark._cmark.ffi
_free_node = ctypes.CDLL(cmark._cmark.__file__).cmark_node_free
_free = ctypes.CDLL(None).free
for _release in (_free_node, _free):
    _release.argtypes, _release.restype = [ctypes.c_void_p], None
cmark.core_extensions_ensure_registered()


def to_html(source: str, options: int, extensions: Sequence[str]) -> str:
    """Return the HTML of a text, not sanitised."""
    parser = cmark.parser_new(options=options)
    try:
        for name in extensions:
            cmark.parser_attach_syntax_extension(parser, cmark.find_syntax_extension(name))
        cmark.parser_feed(parser, source)
        root = cmark.parser_finish(parser)
        try:
            html = _raw.cmark_render_html(root, options, cmark.parser_get_syntax_extensions(parser))
            try:
                return str(_ffi.string(html).decode())
            finally:
                _free(_address(html))
        finally:
            _free_node(_address(root))
    finally:
        cmark.parser_free(parser)


def _address(pointer: object) -> int:
    return int(_ffi.cast("uintptr_t", pointer))
