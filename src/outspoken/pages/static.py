"""The files that never change under their name: each is published with a hash of its content in it."""

from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from hashlib import sha256, sha384

from outspoken.pages import binding, links

_CSS = "text/css; charset=utf-8"
_JS = "text/javascript; charset=utf-8"
_SVG = "image/svg+xml"
_ICON = "outspoken.svg"


@dataclass(frozen=True, slots=True)
class Asset:
    """A static file as it is served."""

    content: bytes
    content_type: str
    hash: str
    """The part of its published name that changes with its content."""

    @property
    def integrity(self) -> str:
        """What a page writes beside the file's address, so that a browser takes no other content."""
        return f"sha384-{b64encode(sha384(self.content).digest()).decode()}"


@cache
def named(name: str) -> Asset:
    """Return the static file called `name` in the source, such as `outspoken.css`.

    Raises:
        KeyError: if there is no such file.
    """
    if name in binding.SHEETS:
        return _asset(binding.sheet(name), _CSS)
    if name in binding.SCRIPTS:
        return _asset(binding.script(name), _JS)
    if name == _ICON:
        return _asset(binding.source(name), _SVG)
    raise KeyError(name)


@cache
def assets() -> dict[str, Asset]:
    """Return every static file by its published name, such as `outspoken.1f3c….css`."""
    return {_published(name): named(name) for name in (*binding.SHEETS, *binding.SCRIPTS, _ICON)}


@cache
def address(name: str) -> str:
    """Return the address of the static file called `name` in the source, such as `outspoken.css`.

    Raises:
        KeyError: if there is no such file.
    """
    return links.static(_published(name))


def _published(name: str) -> str:
    stem, _, extension = name.rpartition(".")
    return f"{stem}.{named(name).hash}.{extension}"


def _asset(content: str, content_type: str) -> Asset:
    encoded = content.encode()
    return Asset(encoded, content_type, sha256(encoded).hexdigest()[:16])
