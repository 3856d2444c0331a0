"""Files of one format, alone or several in a zip among others: how WordPress and Google hand out what is large."""

from collections.abc import Iterator
from pathlib import Path

from outspoken.transfer.reading.opening import Peeked, files_in, is_zip
from outspoken.transfer.records import Importer, Progress, Skipped, Unreadable


def is_zip_with(importer: Importer, path: Path) -> bool:
    """Tell whether `path` is a zip that holds at least one file of the importer's format.

    Raises:
        Unreadable: if it is a zip that can't be read.
    """
    if not is_zip(path):
        return False
    return any(importer.recognises(Peeked(source).head) for _, source in files_in(path, lambda _: None))


def files_for(importer: Importer, path: Path, progress: Progress) -> Iterator[Peeked | Skipped]:
    """Yield `path` itself, whatever it is, or each file of the format if it is a zip; other files in it are skipped.

    Raises:
        Unreadable: if it can't be read, or is a zip without such a file.
    """
    if not is_zip(path):
        for _, source in files_in(path, progress):
            yield Peeked(source)
        return
    has_any = False
    for file, source in files_in(path, progress):
        peeked = Peeked(source)
        if importer.recognises(peeked.head):
            has_any = True
            yield peeked
        else:
            yield Skipped("file in the zip that is something else", file)
    if not has_any:
        raise Unreadable(f"There is no {importer.title} in {path.name}.")
