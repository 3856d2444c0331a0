"""Is an archive as it was written? Every file is compared with the manifest, and what was changed is named."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import msgspec

from outspoken.transfer.archive.beside import erased_in, provenance_in, redirects_in
from outspoken.transfer.archive.lines import BLOCK, DATA, DIGITS, KINDS, SCHEMA, Manifest, Member
from outspoken.transfer.archive.reading import Archive, split
from outspoken.transfer.archive.signing import signer_of
from outspoken.transfer.records import Unreadable

Told = Callable[[int, int], None]
"""Told how many bytes of how many are compared."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found out about an archive."""

    manifest: Manifest
    digest: str
    """Of the manifest: by it an increment names what it goes on from."""
    signer: str | None
    """The public key that signed it; None if nobody did, or not this."""
    findings: tuple[str, ...]
    """What was changed, a line each; none if it is whole."""


def verify(path: Path, *, expected: str | None = None, told: Told = lambda _done, _of: None) -> Verdict:
    """Compare the archive at `path` with its manifest; `expected` is the public key that must have signed it.

    Raises:
        Unreadable: if it isn't an archive at all.
    """
    with Archive(path) as archive:
        findings = list(_signature(archive, expected))
        signer = None if archive.signature is None else signer_of(archive.manifest_bytes, archive.signature)
        of = sum(member.size for member in archive.manifest.members)
        done = 0
        for member in archive.manifest.members:
            findings += _member(archive, member)
            done += member.size
            told(done, of)
        if not findings:
            findings += _content(archive)
        return Verdict(archive.manifest, sha256(archive.manifest_bytes).hexdigest(), signer, tuple(findings))


def make_sure(path: Path, told: Told = lambda _done, _of: None) -> None:
    """Refuse an archive that isn't whole.

    Raises:
        Unreadable: with the first thing that was changed in it.
    """
    findings = verify(path, told=told).findings
    if findings:
        raise Unreadable(findings[0] if len(findings) == 1 else f"{findings[0]} (and {len(findings) - 1} more)")


def _signature(archive: Archive, expected: str | None) -> Iterator[str]:
    if archive.signature is None:
        if expected is not None:
            yield "it isn't signed."
        return
    signer = signer_of(archive.manifest_bytes, archive.signature)
    if signer is None:
        yield "the signature isn't one of this manifest: one of the two was changed."
    elif expected is not None and signer != expected:
        yield f"it was signed with another key: {signer}."


def _member(archive: Archive, member: Member) -> Iterator[str]:
    digest, size = sha256(), 0
    try:
        for piece in archive.container.pieces(member.name, member.size):
            digest.update(piece)
            size += len(piece)
    except Unreadable as wrong:
        yield f"{wrong}{_where(archive, member)}"
        return
    if size != member.size:
        yield f"{member.name} has {size} bytes, not {member.size}.{_where(archive, member)}"
    elif digest.hexdigest() != member.sha256:
        yield f"{member.name} was changed.{_where(archive, member)}"


def _where(archive: Archive, member: Member) -> str:
    """Tell where the first change in a file of lines is, as closely as its digests and its grammar allow."""
    block: list[bytes] = []
    number = 0
    try:
        for number, line in enumerate(split(archive.container.pieces(member.name)), start=1):
            block.append(line)
            if number % BLOCK == 0:
                if _differs(member, number // BLOCK - 1, block):
                    return _among(member, number - BLOCK + 1, block)
                block = []
    except Unreadable:
        number += 1
    if member.blocks and (block or number):
        first = number - number % BLOCK + 1 if number % BLOCK else number - BLOCK + 1
        return _among(member, first, block)
    return ""


def _differs(member: Member, at: int, block: Sequence[bytes]) -> bool:
    digest = sha256(b"".join(line + b"\n" for line in block)).hexdigest()[:DIGITS]
    return at >= len(member.blocks) or member.blocks[at] != digest


def _among(member: Member, first: int, block: Sequence[bytes]) -> str:
    shape = KINDS[member.name.removeprefix(DATA).removesuffix(".ndjson")] if member.name.startswith(DATA) else dict
    for number, line in enumerate(block, start=first):
        try:
            msgspec.json.decode(line, type=shape)
        except ValueError:
            return f" Line {number} isn't what it was."
    last = min(first + BLOCK - 1, member.lines or first)
    return f" The first change is in lines {first} to {last}." if last > first else f" It is line {first}."


def _content(archive: Archive) -> Iterator[str]:
    """Read all of an archive whose digests are right: whoever forged one can count digests too."""
    try:
        archive.site()
        for _ in archive.threads():
            pass
        for kind in (provenance_in, redirects_in, erased_in):
            for _ in kind(archive):
                pass
        msgspec.json.decode(b"".join(archive.container.pieces(SCHEMA)))
    except (Unreadable, ValueError) as wrong:
        yield str(wrong)
