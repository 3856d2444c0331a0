"""One format a module; each holds one `Importer` as IMPORTER. Here they are listed and found."""

from pathlib import Path

from outspoken.transfer.importers import (
    artalk,
    artalk_yaml,
    blogger,
    captures,
    comentario,
    commento,
    coral,
    coral_legacy,
    discourse,
    disqus,
    disqus_json,
    feeds,
    flattened,
    hypothesis,
    isso,
    isso_json,
    movable_type,
    remark42,
    staticman,
    valine,
    wordpress,
)
from outspoken.transfer.reading.elements import root_of
from outspoken.transfer.reading.opening import head_of
from outspoken.transfer.records import Importer, RecognisesPaths, Unreadable

IMPORTERS: tuple[Importer, ...] = (
    artalk.IMPORTER,
    artalk_yaml.IMPORTER,
    blogger.IMPORTER,
    captures.IMPORTER,
    comentario.IMPORTER,
    commento.IMPORTER,
    coral.IMPORTER,
    coral_legacy.IMPORTER,
    discourse.IMPORTER,
    disqus.IMPORTER,
    disqus_json.IMPORTER,
    hypothesis.IMPORTER,
    isso.IMPORTER,
    isso_json.IMPORTER,
    movable_type.IMPORTER,
    remark42.IMPORTER,
    staticman.IMPORTER,
    valine.IMPORTER,
    wordpress.IMPORTER,
    # What WordPress and Blogger give are feeds too, with more in them.
    feeds.IMPORTER,
    # Text is the last resort: anything more particular must have had its chance.
    flattened.IMPORTER,
)


def importer_named(name: str) -> Importer:
    """Return the importer called `name`, as after `--format`.

    Raises:
        Unreadable: if there is none.
    """
    for importer in IMPORTERS:
        if importer.name == name:
            return importer
    raise Unreadable(f"There is no format “{name}”. {_known()}")


def recognise(path: Path) -> Importer:
    """Return the importer for the file at `path`, told by its content and not by its name.

    Raises:
        Unreadable: if it is in no known format.
    """
    for importer in IMPORTERS:
        if isinstance(importer, RecognisesPaths) and importer.recognises_path(path):
            return importer
    head = b"" if path.is_dir() else head_of(path)
    for importer in IMPORTERS:
        if importer.recognises(head):
            return importer
    if root_of(head) in feeds.ROOTS:
        raise Unreadable(
            f"{path.name} is a feed without a comment in it; give the export of all content, or the feed of comments."
        )
    raise Unreadable(f"{path.name} isn't in a format that can be read. {_known()}")


def _known() -> str:
    return "Known are: " + ", ".join(f"{importer.title} ({importer.name})" for importer in IMPORTERS) + "."
