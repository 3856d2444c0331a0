"""Whether a statement names the one site or thread it is about, so that a distributed database asks one machine.

Read from the statement as it was put together, not from its text: each table must be held by an equality with a given
value on the column it would be distributed by, itself or through the tables it is joined with.
"""

import sys
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import BindParameter, BooleanClauseList
from sqlalchemy.sql.selectable import Join, ScalarSelect

KEYS: dict[str, frozenset[str]] = {
    **{table: frozenset({"thread"}) for table in ("authors", "comments", "bodies", "keys", "votes", "decisions")},
    "threads": frozenset({"id", "site"}),
    "reports": frozenset({"thread", "site"}),
    "sites": frozenset({"name"}),
    "addresses": frozenset({"site"}),
    "provenance": frozenset({"site"}),
    "jobs": frozenset({"id", "site"}),
    "job_threads": frozenset({"site"}),
    "ledger": frozenset({"site"}),
    "redirects": frozenset({"was", "thread"}),
    "joinings": frozenset({"site"}),
    **{table: frozenset({"site"}) for table in ("contacts", "claims", "claimed")},
}
"""By table, what its rows would be distributed by. A thread is found by its id and listed by its site, a redirect is
found by where something was and listed by where it is."""

EXCEPTIONS = {
    "sites.all_sites": "the server's own list of its sites, a handful of rows that every machine may hold",
    "checking": "`outspoken check` walks through everything, and looks for rows that belong to no thread",
    "erasures.erased_in": "what a backup notes beside itself: everything that was erased",
    "backups": "one row in a copy, which tells of it",
    "moving": "`outspoken move` carries everything, table by table",
    "source": "what `outspoken move` reads, table by table",
    "batches": "how `outspoken move` reads and writes, by primary key",
    "journal": "how far `outspoken move` is, in a table of its own",
    "scratch": "a file of an import's own",
    "groups": "names in that file",
    "foreign": "files that other programs wrote",
    "versions": "one row of a SQLite file, asked past the engine by the statement of `threads.version_of`",
    "database": "settings of a connection, no rows",
    "imports.one_at_a_time": "a lock of PostgreSQL's, no rows",
    "channel": "what processes tell each other, no rows",
    "upgrading": "migrations change tables, not rows",
    "migrations": "migrations change tables, not rows",
}
"""Modules or functions of the store that may ask about everything, and why."""

RAW = (
    *("BEGIN", "SAVEPOINT piece", "RELEASE SAVEPOINT piece", "ROLLBACK TO SAVEPOINT piece"),
    *("SELECT set_config(", "PRAGMA ", "VACUUM (FULL", "ANALYZE"),
)
"""How the statements begin that are sent as plain text: none of them is about rows."""

Node = tuple[str, str]


def loose_tables(statement: Any) -> set[str]:
    """Return the tables of a statement of which it doesn't say which site or thread it is about."""
    loose: set[str] = set()
    match statement:
        case sa.Insert():
            # A row that goes in holds its key, because that is part of the primary key.
            table = statement.table
            keys = KEYS.get(table.name)
            if keys is not None and (statement.select is not None or not keys & set(table.primary_key.columns.keys())):
                loose.add(table.name)
        case sa.Update() | sa.Delete():
            loose |= _loose({statement.table.name}, _conjuncts(statement.whereclause), set())
        case sa.Select():
            loose |= _loose_in_select(statement)
        case sa.CompoundSelect():
            for part in statement.selects:
                loose |= loose_tables(part)
    for element in visitors.iterate(statement):
        if isinstance(element, ScalarSelect):
            loose |= loose_tables(element.element)
    return loose


def _loose_in_select(statement: "sa.Select[Any]") -> set[str]:
    tables: set[str] = set()
    held: set[Node] = set()
    loose: set[str] = set()
    conjuncts = list(_conjuncts(statement.whereclause))
    waiting = list(statement.get_final_froms())
    while waiting:
        match waiting.pop():
            case Join() as join:
                waiting += [join.left, join.right]
                conjuncts += _conjuncts(join.onclause)
            case sa.Table() as table:
                tables.add(table.name)
            case sa.Subquery() as below:
                within = loose_tables(below.element)
                loose |= within
                held |= {node for column in below.columns if (node := _node(column)) and node[0] not in within}
    return loose | _loose(tables, conjuncts, held)


def _loose(tables: set[str], conjuncts: Any, held: set[Node]) -> set[str]:
    pairs = []
    for condition in conjuncts:
        left, right = _node(condition.left), _node(condition.right)
        if left and isinstance(condition.right, BindParameter):
            held.add(left)
        elif left and right:
            pairs.append((left, right))
    while spread := {b for a, b in [*pairs, *((b, a) for a, b in pairs)] if a in held and b not in held}:
        held |= spread
    return {table for table in tables & KEYS.keys() if not any((table, key) in held for key in KEYS[table])}


def _conjuncts(clause: Any) -> Iterator[Any]:
    """Yield the equalities that all have to hold."""
    if isinstance(clause, BooleanClauseList) and clause.operator is operators.and_:
        for part in clause.clauses:
            yield from _conjuncts(part)
    elif getattr(clause, "operator", None) is operators.eq:
        yield clause


def _node(side: Any) -> Node | None:
    """Return the column of a table that an expression is, through whatever subqueries."""
    if not isinstance(side, sa.ColumnElement):
        return None
    for column in side.base_columns:
        if isinstance(column, sa.Column) and column.table is not None:
            return str(column.table.name), column.name
    return None


class Watch:
    """Looks at every statement of the program, in whatever test, while it is on."""

    def __init__(self, exceptions: Mapping[str, str] = EXCEPTIONS) -> None:
        self._exceptions = exceptions
        self.seen: set[str] = set()
        """The functions of the store that asked something."""
        self.faults: list[str] = []
        self._known: dict[Any, set[str]] = {}

    def __enter__(self) -> "Watch":
        sa.event.listen(sa.Engine, "before_cursor_execute", self._look)
        return self

    def __exit__(self, *failure: object) -> None:
        sa.event.remove(sa.Engine, "before_cursor_execute", self._look)

    def _look(self, _c: object, _cursor: object, text: str, _values: Any, context: Any, _many: bool) -> None:
        where = _asker()
        if where is None:
            return
        self.seen.add(where)
        if where in self._exceptions or where.partition(".")[0] in self._exceptions:
            return
        compiled = context.compiled if context is not None else None
        if compiled is None:
            if not text.startswith(RAW):
                self.faults.append(f"{where} sends text: {text}")
            return
        if compiled not in self._known:
            self._known[compiled] = loose_tables(compiled.statement)
        if loose := self._known[compiled]:
            self.faults.append(f"{where} doesn't say which site or thread of {', '.join(sorted(loose))}: {text}")


def _asker() -> str | None:
    """Return the function of the program that asks, None if it is a test or a library."""
    frame = sys._getframe(1)
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name.startswith("outspoken."):
            function = frame.f_code.co_qualname.partition(".<locals>")[0].rpartition(".")[2]
            return f"{name.removeprefix('outspoken.store.').partition('.versions')[0]}.{function}"
        if not name.startswith(("sqlalchemy", "tests.scale.shards", "contextlib")):
            return None
        frame = frame.f_back  # type: ignore[assignment]
    return None
