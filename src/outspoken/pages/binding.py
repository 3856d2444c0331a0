"""How the files in static/ become what browsers load: one sheet or one script each, without what only people read.

Scripts are modules that name what they import; each published script holds all it needs, so that a page asks once. A
script that imports a style sheet gets it as an object, which needs no permission of the page it runs in.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from rjsmin import jsmin

SHEETS: dict[str, tuple[str, ...]] = {
    "outspoken.css": (
        *("colours.css", "elements.css", "page.css", "comment.css"),
        *("discussion.css", "reading.css", "writing.css", "front.css"),
    ),
    "owner.css": ("owner.css",),
    "frame.css": ("elements.css", "writing.css", "framed.css"),
    "embed.css": ("embedded.css", "within.css", "elements.css", "comment.css", "discussion.css", "reading.css"),
}
"""Each style sheet that is published, and what it is made of, in order."""
SCRIPTS = ("embed.js", "thread.js", "frame.js", "compat.js", "owner.js")
"""The scripts that are published, each with all it imports."""

_EMBEDDED = "embed.css"
_ROOT = ":is(outspoken-thread, .outspoken.outspoken)"
"""Where the embedded discussion's rules hold. As strong as two classes: most themes of other people's pages are weaker,
and their owners can still be stronger."""

_IMPORT = re.compile(r'^import (?:\{[^}]*\}|(?P<sheet>\w+)) from "\./(?P<file>[\w.]+)"(?: with \{[^}]*\})?;\n', re.M)
_EXPORT = re.compile(r"^export (?=const|let|function|async|class)", re.M)
_CAST = re.compile(r"/\*\* @type \{[^*]*\} \*/ \(([\w.]+(?:\([^()]*\))?)\)")
"""A name or a call whose type is told: the brackets are for whoever checks types."""
_CONSTANT = re.compile(r"\bconst(?=[ {\[])")
_COMMENT = re.compile(r"/\*.*?\*/", re.S)
_SPACE = re.compile(r"\s+")
_AROUND = re.compile(r" ?([{};,>/]) ?|(?<=:) ")
_ZERO = re.compile(r"(?<![\d.])0(?=\.\d)")
_LENGTH = re.compile(r"(?<![\w.])(-?\d*\.?\d+)rem\b")


@cache
def sheet(name: str) -> str:
    """Return the published style sheet called `name`.

    Raises:
        KeyError: if there is none.
    """
    first, *others = SHEETS[name]
    if name == _EMBEDDED:
        # In other people's pages a rem can be anything.
        rules = _LENGTH.sub(r"calc(\1*var(--rem))", _shortened("\n".join(map(source, others))))
        own = _LENGTH.sub(r"calc(\1*var(--rem))", _shortened(source(first)))
        return f"{own}{_shortened(_ROOT)}{{{rules}}}"
    return _shortened("\n".join(map(source, SHEETS[name])))


@cache
def script(name: str) -> str:
    """Return the published script called `name`, with all it imports, as one that keeps everything to itself."""
    *imported, entry = _in_order(name, set())
    # Nothing is done before the entry does it, so the order is free; by name it is 18 bytes less, compressed.
    texts = [*map(source, sorted(imported)), source(entry)]
    sheets = {found["sheet"]: found["file"] for text in texts for found in _IMPORT.finditer(text) if found["sheet"]}
    styles = "".join(
        # Python puts a text with double quotation marks, as ours are, between single ones: nothing is escaped.
        f"const {variable} = new CSSStyleSheet();\n{variable}.replaceSync({sheet(file)!r});\n"
        for variable, file in sheets.items()
    )
    *parts, end = map(_unbound, texts)
    # The sources are modules, and so strict by themselves. Bound they don't say so, which is 26 bytes less: nothing in
    # them asks to be refused.
    whole = "\n".join([*parts, styles, end])
    shortened: str = jsmin(f"(() => {{\n{whole}\n}})();")
    # Every statement of ours has its semicolon, and none is empty; nothing in our texts looks like their ends. Whoever
    # checks types has seen that nothing constant is changed: `let` is 38 bytes less, compressed.
    return _CONSTANT.sub("let", shortened.replace("}\n", "}").replace(";}", "}").replace(",}", "}"))


def source(name: str) -> str:
    """Return a file in static/ as it was written."""
    return files("outspoken.pages").joinpath("static", name).read_text("utf-8")


def _in_order(name: str, known: set[str]) -> Iterator[str]:
    """Yield a script after all that it imports, each once."""
    if name not in known:
        known.add(name)
        for found in _IMPORT.finditer(source(name)):
            if not found["sheet"]:
                yield from _in_order(found["file"], known)
        yield name


def _unbound(text: str) -> str:
    return _CAST.sub(r"\1", _EXPORT.sub("", _IMPORT.sub("", text)))


def _shortened(rules: str) -> str:
    """Return rules without comments, and without spaces and zeros that mean nothing.

    Ours have nothing of what is taken away in their texts, and no space behind a colon where it would mean something.
    """
    rules = _SPACE.sub(" ", _COMMENT.sub("", rules))
    return _ZERO.sub("", _AROUND.sub(r"\1", rules)).replace(";}", "}").strip()
