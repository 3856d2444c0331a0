"""The files that never change under their name: each is published with a hash of its content in it."""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files

from outspoken.pages import links

_TYPES = {"css": "text/css; charset=utf-8", "svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """A static file as it is served."""

    content: bytes
    content_type: str
    hash: str
    """The part of its published name that changes with its content."""


@cache
def assets() -> dict[str, Asset]:
    """Return every static file by its published name, such as `outspoken.1f3c….css`."""
    found = {}
    for file in files("outspoken.pages").joinpath("static").iterdir():
        stem, _, extension = file.name.rpartition(".")
        if extension in _TYPES:
            content = file.read_bytes()
            digest = sha256(content).hexdigest()[:16]
            found[f"{stem}.{digest}.{extension}"] = Asset(content, _TYPES[extension], digest)
    return found


@cache
def address(name: str) -> str:
    """Return the address of the static file called `name` in the source, such as `outspoken.css`.

    Raises:
        KeyError: if there is no such file.
    """
    stem, _, extension = name.rpartition(".")
    for published in assets():
        if published.startswith(f"{stem}.") and published.endswith(f".{extension}"):
            return links.static(published)
    raise KeyError(name)
