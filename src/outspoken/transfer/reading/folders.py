"""Exports that are several files: those of a folder, or of a zip, read one after the other."""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from outspoken.transfer.reading.opening import Limits, Source, is_zip, members, opened
from outspoken.transfer.records import Progress, Unreadable


class File:
    """One of the files. It can be read until the next one is asked for."""

    def __init__(self, name: str, source: Source) -> None:
        self.name = PurePosixPath(name)
        """Where it lies within the folder or the zip."""
        self.read = source.read


def files(path: Path, progress: Progress, limits: Limits | None = None) -> Iterator[File]:
    """Yield the files below a folder in the order of their names, or those of a zip in its order.

    In a folder, links aren't followed and hidden files are passed over. Progress counts bytes that were read.

    Raises:
        Unreadable: if there are too many, one can't be read, or as `opening.members` does.
    """
    limits = limits or Limits()
    if not path.is_dir():
        for member in members(path, progress, limits):
            yield File(member.name, member)
        return
    before = 0
    for number, name in enumerate(_names(path), start=1):
        if number > limits.members:
            raise Unreadable(f"{path.name} holds more than {limits.members:,} files.")
        size = (path / name).stat().st_size
        with opened(path / name, _shifted(progress, before), limits) as source:
            yield File(str(name), source)
        before += size


def names_in(path: Path) -> tuple[PurePosixPath, ...]:
    """Return where the files of a folder or a zip lie in it; nothing for anything else.

    Raises:
        Unreadable: as `files` does.
    """
    if path.is_dir():
        return tuple(_names(path))
    return tuple(PurePosixPath(member.name) for member in members(path, lambda _: None)) if is_zip(path) else ()


def _names(folder: Path) -> list[PurePosixPath]:
    found = []
    for inside, below, names in os.walk(folder):
        below[:] = [name for name in below if not name.startswith(".")]
        for name in names:
            file = Path(inside, name)
            if file.is_file() and not file.is_symlink() and not name.startswith("."):
                found.append(PurePosixPath(*file.relative_to(folder).parts))
    return sorted(found)


def _shifted(progress: Progress, before: int) -> Progress:
    return lambda done: progress(before + done)
