"""The files of an export, held by name: as a system's writer writes them, and put back where they are read."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.transfer.made_up import MadeUp

Files = dict[str, bytes]
"""The files of an export by name; most have one."""


def written(write: Callable[[Path, Sequence[MadeUp]], None], made: Sequence[MadeUp], name: str = "export") -> Files:
    """Return what a writer writes to a path of that name: a file, or a folder of files."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        write(path, made)
        if path.is_file():
            return {name: path.read_bytes()}
        return {str(file.relative_to(path)): file.read_bytes() for file in path.rglob("*") if file.is_file()}


def place(folder: Path, files: Files) -> Path:
    """Write files into an empty folder and return what is to be read: the only one, or the folder."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder / next(iter(files)) if len(files) == 1 and "/" not in next(iter(files)) else folder
