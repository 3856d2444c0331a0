"""What a question costs: the statements it sends, the rows and pages it touches, and how the database goes about it.

SQLite counts the instructions of its virtual machine. PostgreSQL's own `auto_explain` tells the plan of each statement
as it really ran, prepared statements included. Nothing that is asked here is kept.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from outspoken.store.database import Database
from outspoken.store.tables import metadata

Ask = Callable[[sa.Connection], object]

SMALL = 64
"""Rows that may be walked or sorted: a window and a little more."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What it took."""

    statements: tuple[str, ...]
    rows: int
    """Instructions of the virtual machine on SQLite, rows looked at on PostgreSQL."""
    pages: int
    """Pages looked at on PostgreSQL, 0 on SQLite."""
    faults: tuple[str, ...]
    """Plans that walk or sort what can be large."""


def cost_of(database: Database, ask: Ask, *, warmed: int = 0, after: str | None = None) -> Cost:
    """Ask, `warmed` times before it counts, and undo it all.

    After a dozen times PostgreSQL may go by a plan that was made for any values. `after` is a statement that is run
    before, and undone with the rest.
    """
    with undone(database) as connection:
        if after is not None:
            connection.exec_driver_sql(after)
        for _ in range(warmed):
            with suppress(_Undone), connection.begin_nested():
                ask(connection)
                raise _Undone
        return _cost_on_sqlite(connection, ask) if database.is_sqlite else _cost_on_postgresql(connection, ask)


class _Undone(Exception):
    pass


@contextmanager
def undone(database: Database) -> Iterator[sa.Connection]:
    """Give a connection that may write what won't be kept."""
    with suppress(_Undone), database.writing() as connection:
        yield connection
        raise _Undone


@contextmanager
def statements(connection: sa.Connection) -> Iterator[list[tuple[str, Any]]]:
    """Gather what the driver is given, each with its values (of many rows: with those of the first)."""
    sent: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, values: Any, _context: object, is_many: bool) -> None:
        sent.append((statement, values[0] if is_many else values))

    sa.event.listen(connection, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(connection, "before_cursor_execute", note)


def _cost_on_sqlite(connection: sa.Connection, ask: Ask) -> Cost:
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    raw: Any = connection.connection.driver_connection
    with statements(connection) as sent:
        raw.set_progress_handler(step, 1)
        try:
            ask(connection)
        finally:
            raw.set_progress_handler(None, 0)
    faults = [fault for statement, values in sent for fault in _faults_on_sqlite(connection, statement, values)]
    return Cost(tuple(statement for statement, _ in sent), steps, 0, tuple(dict.fromkeys(faults)))


def _faults_on_sqlite(connection: sa.Connection, statement: str, values: Any) -> Iterator[str]:
    for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values):
        words = row.detail.split()
        is_walk = words[0] == "SCAN" and words[1] in metadata.tables and words[1] != "sites"
        if is_walk or "TEMP B-TREE" in row.detail:
            yield f"{row.detail}: {statement}"


def _cost_on_postgresql(connection: sa.Connection, ask: Ask) -> Cost:
    plans: list[Any] = []

    def note(notice: Any) -> None:
        _, found, plan = notice.message_primary.partition("plan:\n")
        if found:
            plans.append(json.loads(plan))

    connection.exec_driver_sql("LOAD 'auto_explain'")
    for setting, value in (
        *(("log_min_duration", "0"), ("log_analyze", "on"), ("log_buffers", "on")),
        *(("log_timing", "off"), ("log_format", "json")),
    ):
        connection.exec_driver_sql(f"SET LOCAL auto_explain.{setting} = '{value}'")
    connection.exec_driver_sql("SET LOCAL client_min_messages = log")
    raw: Any = connection.connection.driver_connection
    raw.add_notice_handler(note)
    try:
        with statements(connection) as sent:
            ask(connection)
        # A plan is told when its portal is closed, the last one's not before something else is asked.
        connection.exec_driver_sql("SHOW server_version")
    finally:
        raw.remove_notice_handler(note)
    nodes = [(plan["Query Text"], node) for plan in plans for node in _nodes(plan["Plan"])]
    return Cost(
        tuple(statement for statement, _ in sent),
        sum(_rows(node) for _, node in nodes if "Relation Name" in node and "Scan" in node["Node Type"]),
        sum(plan["Plan"].get("Shared Hit Blocks", 0) + plan["Plan"].get("Shared Read Blocks", 0) for plan in plans),
        tuple(f"{node['Node Type']} of {_rows(node)} rows: {text}" for text, node in nodes if _is_fault(node)),
    )


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", []):
        yield from _nodes(below)


def _rows(node: dict[str, Any]) -> int:
    left_out = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return int((node["Actual Rows"] + left_out) * node["Actual Loops"])


def _is_fault(node: dict[str, Any]) -> bool:
    return node["Node Type"] in ("Seq Scan", "Sort", "Incremental Sort", "Hash") and _rows(node) > SMALL
