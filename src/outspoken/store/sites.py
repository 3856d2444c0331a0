"""Publications."""

from typing import Any

import sqlalchemy as sa

from outspoken.discussion.errors import NotFound
from outspoken.discussion.thread import Site
from outspoken.store.tables import sites

_BY_NAME = sites.select().where(sites.c.name == sa.bindparam("name"))


def add_site(connection: sa.Connection, site: Site) -> None:
    """Add a site, or change the one of that name."""
    row = {
        "title": site.title,
        "origins": list(site.origins),
        "language": site.language,
        "staff_names": list(site.staff_names),
        "indexed": site.indexed,
        "live_tick": site.live_tick,
    }
    changed = connection.execute(sites.update().where(sites.c.name == site.name).values(row))
    if not changed.rowcount:
        connection.execute(sites.insert().values(name=site.name, **row))


def site_named(connection: sa.Connection, name: str) -> Site:
    """Return a site.

    Raises:
        NotFound: if there is none of that name.
    """
    row = connection.execute(_BY_NAME, {"name": name}).one_or_none()
    if row is None:
        raise NotFound("There is no such site.")
    return _site(row)


def all_sites(connection: sa.Connection) -> list[Site]:
    """Return every site, by name."""
    return [_site(row) for row in connection.execute(sites.select().order_by(sites.c.name))]


def _site(row: sa.Row[Any]) -> Site:
    return Site(
        name=row.name,
        title=row.title,
        origins=tuple(row.origins),
        language=row.language,
        staff_names=tuple(row.staff_names),
        indexed=row.indexed,
        live_tick=row.live_tick,
    )
