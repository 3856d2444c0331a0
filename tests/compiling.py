"""Statements compiled once for all databases of a process: nearly every test opens one of its own, which would compile
them anew."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa


class Compiled(dict[Any, Any]):
    """What SQLAlchemy has compiled, by kind of database where it would go by each opened one."""

    def get(self, key: Any, default: Any = None) -> Any:
        """Return what was compiled of a statement for any database of that kind."""
        return super().get(_of_a_kind(key), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__(_of_a_kind(key), compiled)


def _of_a_kind(key: Any) -> Any:
    dialect, *statement = key
    return dialect.name, *statement


@contextmanager
def compiled_once() -> Iterator[None]:
    """Let all connections share what was compiled, until the block ends."""
    shared = Compiled()

    def share(connection: sa.Connection) -> None:
        connection.execution_options(compiled_cache=shared)

    sa.event.listen(sa.Engine, "engine_connect", share)
    yield
    sa.event.remove(sa.Engine, "engine_connect", share)
