"""Settings: `outspoken.toml` in the data folder, all of it optional, all of it typed."""

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Literal

import msgspec

FILE = "outspoken.toml"

_BASE = re.compile(r"https?://[^/?#\s@]+")
_CACHE = re.compile(r"http://[^/?#\s@]+")
_Count = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]


class Unusable(Exception):
    """The settings can't be used. The message says where and why."""


class Server(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the server is reached."""

    base: str = ""
    """The address readers know, such as `https://talk.example`; empty: as it is started."""
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    """Addresses or networks of the peers whose word about a reader's address is believed (X-Forwarded-For)."""
    site: str = ""
    """The site shown at `/`; empty: the first by name."""
    metrics_for: tuple[str, ...] = ("127.0.0.1", "::1")
    """Addresses or networks of those who may read `/metrics`; to all others it isn't there."""

    def __post_init__(self) -> None:
        """Refuse what would fail later, or hold every reader for a stranger.

        Raises:
            ValueError: if an address can't be one.
        """
        if self.base and not _BASE.fullmatch(self.base.rstrip("/")):
            raise ValueError("`base` is an address without a path, such as https://talk.example")
        for network in (*self.trusted_proxies, *self.metrics_for):
            ipaddress.ip_network(network, strict=False)


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is more than these waits for a moderator (comments) or is refused (votes)."""

    comments_per_ten_minutes: _Count = 3
    comments_per_day: _Count = 20
    comments_per_minute_in_thread: _Count = 30
    votes_per_ten_minutes: _Count = 60
    links_in_comment: _Count = 1
    fastest_form_seconds: _Count = 3


class Log(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is written down of what happens, and where."""

    level: Literal["debug", "info", "warning", "error"] = "warning"
    """`warning`: only what somebody should look at. `info`: also each request, without what it was about."""
    file: str = ""
    """A file to append to; empty: standard error."""


class Storage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the folder's disk is used."""

    ballast_mb: _Count = 16
    """Room that is kept beside a SQLite file, to hide and erase when the disk is full; 0: none."""

    @property
    def ballast(self) -> int:
        """The same in bytes."""
        return self.ballast_mb * 1024 * 1024


class Cache(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What caches between readers and this server may do."""

    seconds: Annotated[int, msgspec.Meta(ge=0, le=3600)] = 0
    """For which they may show a page without asking; 0: they ask each time."""
    purge: tuple[str, ...] = ()
    """Caches that drop pages by key when they are told to, such as `http://127.0.0.1:6081`."""

    def __post_init__(self) -> None:
        """Refuse what isn't the address of a cache.

        Raises:
            ValueError: if it has a path, another scheme than http, or no host.
        """
        for cache in self.purge:
            if not _CACHE.fullmatch(cache):
                raise ValueError("`purge` lists addresses without a path, such as http://127.0.0.1:6081")


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that can be set."""

    server: Server = Server()
    limits: Limits = Limits()
    cache: Cache = Cache()
    log: Log = Log()
    storage: Storage = Storage()


def load_settings(folder: Path) -> Settings:
    """Read the settings of a data folder; without a file, all are as they come.

    Raises:
        Unusable: if the file can't be read, isn't TOML, or says something that has no meaning.
    """
    file = folder / FILE
    try:
        if not file.exists():
            return Settings()
        return msgspec.toml.decode(file.read_bytes(), type=Settings)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise Unusable(f"{file}: {' '.join(str(wrong).split())}") from wrong
    except OSError as wrong:
        raise Unusable(f"{file}: {wrong.strerror}") from wrong
