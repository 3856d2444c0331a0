"""Settings: `outspoken.toml` in the data folder, all of it optional, all of it typed."""

from pathlib import Path

import msgspec

FILE = "outspoken.toml"


class Unusable(Exception):
    """The settings can't be used. The message says where and why."""


class Server(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the server is reached."""

    base: str = ""
    """The address readers know, such as `https://talk.example`; empty: as it is started."""
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    """Peers whose word about a reader's address is believed (X-Forwarded-For)."""
    site: str = ""
    """The site shown at `/`; empty: the first by name."""


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is more than these waits for a moderator (comments) or is refused (votes)."""

    comments_per_ten_minutes: int = 3
    comments_per_day: int = 20
    comments_per_minute_in_thread: int = 30
    votes_per_ten_minutes: int = 60
    links_in_comment: int = 1
    fastest_form_seconds: int = 3


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that can be set."""

    server: Server = Server()
    limits: Limits = Limits()


def load_settings(folder: Path) -> Settings:
    """Read the settings of a data folder; without a file, all are as they come.

    Raises:
        Unusable: if the file isn't TOML, or says something that has no meaning.
    """
    file = folder / FILE
    if not file.exists():
        return Settings()
    try:
        return msgspec.toml.decode(file.read_bytes(), type=Settings)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise Unusable(f"{file}: {wrong}") from wrong
