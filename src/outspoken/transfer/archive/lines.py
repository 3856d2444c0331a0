"""What one line of each kind holds, and the manifest. The JSON Schema that is shipped is made from these types.

Fields that are empty are left out. Times are UTC, to the minute; bytes are Base64.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Any, Literal, overload

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from outspoken.discussion.comment import Origin, Quotation
from outspoken.discussion.place import LARGEST_NUMBER
from outspoken.discussion.state import State
from outspoken.discussion.thread import Opening

NAME = "outspoken-archive"
VERSION = 1
DATA = "data/"
PAGES = "pages/"
README = "README.txt"
SCHEMA = "schema.json"
MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
DIGITS = 16
"""Hex digits of the short digests, which find a change; none proves one."""
BLOCK = 100
"""Lines of which the manifest keeps a short digest together, so that a change can be found."""

_LATEST = "2100-01-01T00:00Z"
_Minute = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\dZ$")]
_Number = Annotated[int, Meta(ge=1, le=LARGEST_NUMBER)]
_Count = Annotated[int, Meta(ge=0, le=LARGEST_NUMBER)]
_ThreadId = Annotated[str, Meta(pattern=r"^[0-9a-z-]{1,64}$")]
_Digest = Annotated[str, Meta(pattern=r"^([0-9a-f]{16})?$")]
_Hex = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]


Profile = Literal["public", "complete"]
"""What readers could see; or all that is kept, for the owner."""


class _Line(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One line of a file, one object."""


class SiteLine(_Line, frozen=True):
    """The publication. There is one such line."""

    name: str
    title: str
    language: str
    origins: tuple[str, ...] = ()
    indexed: bool = True
    live_tick: _Count = 0
    staff_names: tuple[str, ...] = ()
    """Names nobody else may come close to; only in a complete archive."""
    ledger_salt: Annotated[bytes, Meta(max_length=64)] | None = None
    """With which the digests of what was erased are made; only in a complete archive."""


class ThreadLine(_Line, frozen=True):
    """A story and the state of its discussion. In the order of ids."""

    id: _ThreadId
    headline: str
    opening: Opening
    listed: _Minute
    opened: _Minute
    comments: _Count
    """Published comments."""
    last_number: _Count
    """The highest number that was given to a comment; numbers are never used twice."""
    last_author: _Count
    url: str | None = None
    attribution: str = ""
    attribution_url: str | None = None
    excerpt: str = ""
    published: _Minute | None = None
    active: _Minute | None = None
    was: _Digest = ""
    """Of an increment: digest of the story as it was, if it was changed."""


class AddressLine(_Line, frozen=True):
    """A page, or an older system's name for it, that leads to a thread. By thread, then by address."""

    thread: _ThreadId
    address: str


class AuthorLine(_Line, frozen=True):
    """Whom comments of a thread are shown as. By thread, then in the order in which comments first name them."""

    thread: _ThreadId
    number: _Number
    name: str
    mark: Annotated[bytes, Meta(max_length=64)]
    """From which the drawn mark beside the name is made."""
    key_hash: Annotated[bytes, Meta(max_length=64)] | None = None
    """Proves a guest's key, so that they can still edit; only in a complete archive."""
    source: str | None = None
    """The id an older system gave them; only in a complete archive."""


class CommentLine(_Line, frozen=True):
    """A comment, or the tombstone that keeps its place. By thread, then by number: parents come before replies."""

    thread: _ThreadId
    number: _Number
    state: State
    parent: _Count = 0
    author: _Number | None = None
    created: _Minute | None = None
    edited: _Minute | None = None
    up: _Count = 0
    down: _Count = 0
    markup: str = ""
    source: str | None = None
    """The text as it was written. Without it there is none."""
    html: str = ""
    """The text as it is shown, sanitised by the renderer of that version."""
    renderer: _Count = 0
    quotes: tuple[Quotation, ...] = ()
    origin: Origin | None = None
    was: _Digest = ""
    """Of an increment: digest of the line as it was, if it was changed."""


class DecisionLine(_Line, frozen=True):
    """A change of a comment's state, and why; only in a complete archive. By thread, number, sequence."""

    thread: _ThreadId
    number: _Number
    sequence: _Number
    after: State
    actor: str
    rule: str
    made: _Minute
    before: State | None = None
    reason: str = ""


class ProvenanceLine(_Line, frozen=True):
    """Where an imported comment came from; only in a complete archive. By format, then by source."""

    format: str
    source: str
    thread: _ThreadId
    number: _Number
    job: str
    line: int | None = None


class RedirectLine(_Line, frozen=True):
    """Where a comment is now that had another address; only in a complete archive. By thread, then by old address."""

    thread: _ThreadId
    old_thread: _ThreadId
    number: _Count = 0
    """0 where it is a whole thread that has become part of another."""
    old_number: _Count = 0


class ErasedLine(_Line, frozen=True):
    """What was imported and then erased by who wrote it, as a digest; only in a complete archive. By digest."""

    digest: Annotated[bytes, Meta(min_length=16, max_length=16)]
    thread: _ThreadId
    number: _Number


KINDS: Mapping[str, type[_Line]] = {
    "site": SiteLine,
    "threads": ThreadLine,
    "addresses": AddressLine,
    "authors": AuthorLine,
    "comments": CommentLine,
    "decisions": DecisionLine,
    "provenance": ProvenanceLine,
    "redirects": RedirectLine,
    "erased": ErasedLine,
}
"""Every kind, in the order in which their files stand in the archive."""


class Member(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What the manifest says of one file."""

    name: str
    size: Annotated[int, Meta(ge=0)]
    """Bytes, unfolded."""
    sha256: _Hex
    lines: Annotated[int, Meta(ge=0)] | None = None
    """How many lines it has, if it is one of `data/`."""
    blocks: tuple[Annotated[str, Meta(pattern=r"^[0-9a-f]{16}$")], ...] = ()
    """The first 16 digits of the SHA-256 of every 100 lines, to find what was changed; `sha256` proves that it was."""


class Manifest(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What the archive is and what belongs to it; what a signature signs."""

    format: Literal["outspoken-archive"]
    version: Literal[1]
    profile: Profile
    site: str
    members: tuple[Member, ...]
    thread: _ThreadId | None = None
    """The one thread that it holds; all of the site's without it."""
    since: _Hex | None = None
    """Of an increment: the SHA-256 of the manifest that it goes on from."""


@overload
def as_minute(at: datetime) -> str: ...
@overload
def as_minute(at: datetime | None) -> str | None: ...
def as_minute(at: datetime | None) -> str | None:
    """Return how a time is written in an archive."""
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ").rjust(17, "0")


@overload
def from_minute(text: str) -> datetime: ...
@overload
def from_minute(text: str | None) -> datetime | None: ...
def from_minute(text: str | None) -> datetime | None:
    """Return the time that an archive tells.

    Raises:
        ValueError: if there is no such time, or it is one at which nobody could write yet.
    """
    if text is None:
        return None
    if text >= _LATEST:
        raise ValueError(f"“{text}” isn't a date on which somebody could write")
    return datetime.strptime(text, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)


def digest_of(comment: CommentLine) -> str:
    """Return the digest by which an increment names a comment as it was."""
    return _short(replace(comment, was=""))


def digest_of_story(thread: ThreadLine) -> str:
    """Return the digest by which an increment names a story as it was: without what every comment changes."""
    return _short(replace(thread, was="", comments=0, last_number=0, last_author=0, active=None))


def _short(line: _Line) -> str:
    return sha256(encode(line)).hexdigest()[:DIGITS]


encode = msgspec.json.Encoder().encode


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the manifest and of a line of each kind, each as one of `$defs`."""
    _, parts = msgspec.json.schema_components((Manifest, *KINDS.values()), ref_template="#/$defs/{name}")
    files = {f"{DATA}{kind}.ndjson": {"$ref": f"#/$defs/{line.__name__}"} for kind, line in KINDS.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{NAME} {VERSION}",
        "description": "`properties` says what one line of each file is; the manifest is one object.",
        "properties": {MANIFEST: {"$ref": "#/$defs/Manifest"}, **files},
        "$defs": parts,
    }
