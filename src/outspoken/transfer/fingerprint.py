"""By what an interrupted import is recognised when it is run again: the content of its file and what was asked for."""

import hashlib
from collections.abc import Iterator
from pathlib import Path


def fingerprint_of(path: Path, *choices: str) -> str:
    """Return a digest of a file, or of all files in a folder, and of the choices that go with it."""
    digest = hashlib.blake2b(digest_size=20)
    for choice in choices:
        digest.update(f"{len(choice)}|{choice}".encode("utf-8", "surrogatepass"))
    for file in _files(path):
        name = str(file.relative_to(path)).encode("utf-8", "surrogateescape")
        digest.update(b"%d|%s" % (len(name), name))
        with file.open("rb") as content:
            while piece := content.read(1024**2):
                digest.update(piece)
    return digest.hexdigest()


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(file for file in path.rglob("*") if file.is_file() and not file.is_symlink())
    else:
        yield path
