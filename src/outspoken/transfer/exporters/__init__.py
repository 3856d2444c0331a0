"""Other systems' formats: one a module, or a family; each holds its `Exporter`s. Here they are listed and found."""

from outspoken.transfer.exporters import artrans, atom, commento, csv_table, disqus, isso, markdown, remark42, wordpress
from outspoken.transfer.leaving import Exporter

EXPORTERS: tuple[Exporter, ...] = (
    artrans.EXPORTER,
    atom.EXPORTER,
    commento.COMENTARIO,
    commento.COMMENTO,
    csv_table.EXPORTER,
    disqus.EXPORTER,
    isso.EXPORTER,
    markdown.EXPORTER,
    remark42.EXPORTER,
    wordpress.EXPORTER,
)


def exporter_named(name: str) -> Exporter:
    """Return the exporter called `name`, as after `--format`.

    Raises:
        LookupError: if there is none; the message names those there are.
    """
    for exporter in EXPORTERS:
        if exporter.name == name:
            return exporter
    known = ", ".join(f"{exporter.title} ({exporter.name})" for exporter in EXPORTERS)
    raise LookupError(
        f"There is no format “{name}” to leave in. Known are: {known}; the open archive without --format."
    )
