"""Archives whose manifest fits whatever stands in them: what somebody can make who counts digests right."""

import hashlib
import json
from pathlib import Path

from outspoken.transfer.archive.container import Writing


def forge(path: Path, files: dict[str, bytes], **manifest: object) -> Path:
    """Write an archive whose manifest fits whatever its files are, but for what is said otherwise."""
    told = json.loads(files["manifest.json"])
    told["members"] = [member_of(name, content) for name, content in files.items() if name != "manifest.json"]
    told |= manifest
    with path.open("wb") as file:
        writing = Writing(file)
        for name, content in {**files, "manifest.json": json.dumps(told).encode() + b"\n"}.items():
            with writing.member(name) as write:
                write(content)
        writing.close()
    return path


def member_of(name: str, content: bytes) -> dict[str, object]:
    """Return what a manifest tells of a file."""
    member: dict[str, object] = {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    if name.startswith("data/"):
        lines = content.splitlines(keepends=True)
        blocks = [hashlib.sha256(b"".join(lines[at : at + 100])).hexdigest()[:16] for at in range(0, len(lines), 100)]
        member |= {"lines": len(lines), "blocks": blocks}
    return member
