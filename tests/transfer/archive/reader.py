"""A reader of the open archive, written from docs/archive-format.md with nothing of the program's own.

It knows zip, JSON, SHA-256 and Ed25519, and what the specification says.
"""

import base64
import hashlib
import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

KINDS = ("site", "threads", "addresses", "authors", "comments", "decisions", "provenance", "redirects", "erased")


@dataclass
class Community:
    """What an archive tells."""

    manifest: dict[str, Any]
    signer: str | None
    lines: dict[str, list[dict[str, Any]]]
    pages: dict[str, str]
    comments: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)

    def children(self, thread: str, number: int = 0) -> list[int]:
        """Return the numbers of the replies to a comment, or of the roots, oldest first."""
        return [
            line["number"]
            for line in self.lines["comments"]
            if line["thread"] == thread and line.get("parent", 0) == number
        ]

    def depth(self, thread: str, number: int) -> int:
        """Return how deep a comment stands, 0 for a root."""
        parent = self.comments[thread, number].get("parent", 0)
        return self.depth(thread, parent) + 1 if parent else 0

    def now_at(self, thread: str, number: int = 0) -> tuple[str, int]:
        """Return where something is that had this address once, or has it."""
        for line in self.lines["redirects"]:
            if (line["old_thread"], line.get("old_number", 0)) == (thread, number):
                return line["thread"], line.get("number", 0)
        return thread, number

    def author(self, comment: dict[str, Any]) -> str | None:
        """Return the name that a comment is shown under."""
        for line in self.lines["authors"]:
            if (line["thread"], line["number"]) == (comment["thread"], comment.get("author")):
                return str(line["name"])
        return None


def read(path: Path) -> Community:
    """Read an archive and compare every file in it with the manifest."""
    with zipfile.ZipFile(path) as archive:
        told = archive.read("manifest.json")
        manifest = json.loads(told)
        assert (manifest["format"], manifest["version"]) == ("outspoken-archive", 1)
        files = {name: archive.read(name) for name in archive.namelist()}
    signer = None
    if beside := files.pop("manifest.sig", None):
        signature = json.loads(beside)
        assert signature["algorithm"] == "Ed25519"
        signer = signature["key"]
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(signer))
        key.verify(base64.b64decode(signature["signature"]), told)
    files.pop("manifest.json")
    assert [member["name"] for member in manifest["members"]] == list(files)
    for member in manifest["members"]:
        content = files[member["name"]]
        assert member["size"] == len(content)
        assert member["sha256"] == hashlib.sha256(content).hexdigest()
        if "lines" in member:
            lines = content.split(b"\n")
            assert lines.pop() == b""
            assert member["lines"] == len(lines)
            blocks = [b"".join(line + b"\n" for line in lines[at : at + 100]) for at in range(0, len(lines), 100)]
            assert member.get("blocks", []) == [hashlib.sha256(block).hexdigest()[:16] for block in blocks]
    lines = {
        kind: [json.loads(line) for line in files[f"data/{kind}.ndjson"].decode().split("\n")[:-1]] for kind in KINDS
    }
    pages = {name: files[name].decode() for name in files if name.startswith("pages/")}
    found = Community(manifest, signer, lines, pages)
    found.comments = {(line["thread"], line["number"]): line for line in lines["comments"]}
    return found
