"""What a site needs in its worst second: readers (assumed) times costs (measured), in one setting after the other."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bench.costs import Costs
from bench.readers import Moment, Site, Thread

_SORTS = (0.85, 0.1, 0.05)
"""Shares of the views by what is looked at: the page as it comes, and two other sorts; each is rendered by itself."""
_PATIENCE = 0.25
"""Seconds between two renderings of the same page, at least."""
_TELL_SECONDS = 1.0
"""Seconds between two times that an open page is told of changes, at least."""
_ASK_SECONDS = 15.0
"""How often an open page asks, where it asks."""
_PEAK = 1.5
"""How much busier the busiest second is than its ten minutes."""
_EDGES = 20
"""Places of a CDN that ask for a page by themselves."""
_EDGE_SECONDS = 2.0
"""How long each keeps it."""
BUSY = 0.6
"""Share of a core, a line or a disk beyond which a peak within the peak would be felt."""


@dataclass(frozen=True, slots=True)
class Machine:
    """The size that all numbers of machines are in."""

    cores: int = 4
    memory_gb: float = 16
    disk_gb: float = 1_000
    line_mb: float = 125
    """Megabytes a second: one gigabit."""


@dataclass(frozen=True, slots=True)
class Need:
    """What the worst second of a day takes."""

    views: float
    comments: float
    votes: float
    renders: float
    followers: float
    told: float
    """Pages told of a change, a second."""
    web_cores: float
    by_part: dict[str, float]
    """Cores by what they do."""
    database_cores: float
    line_mb: float
    disk_gb: float
    memory_gb: float


@dataclass(frozen=True, slots=True)
class Setting:
    """How a site is run."""

    name: str
    database: str
    processes: int
    has_edge: bool = False
    """Whether a CDN answers for us where it can."""
    asks_edge: bool = False
    """Whether open pages ask the CDN every now and then, instead of keeping a connection to us."""


def need(site: Site, moments: Sequence[Moment], setting: Setting, costs: Costs, machine: Machine) -> Need:
    """Return what the worst second of a day takes in a setting."""
    return max(
        (_at(moment, site, setting, costs) for moment in moments),
        key=lambda needed: (needed.web_cores + needed.database_cores, needed.line_mb / machine.line_mb),
    )


def _at(moment: Moment, site: Site, setting: Setting, costs: Costs) -> Need:
    spent = costs.sqlite if setting.database == "SQLite" else costs.postgresql
    threads = moment.threads
    views = sum(_reaching(thread.views, setting) for thread in threads) + moment.old_views
    # Whatever isn't asked for twice before it changes or is forgotten is rendered for one reader alone.
    renders = sum(_renders(thread, setting) for thread in threads) + moment.old_views
    followers = [thread.views * site.follow_share * site.follow_minutes * 60 for thread in threads]
    told = asked = 0.0
    for thread, count in zip(threads, followers, strict=True):
        if setting.asks_edge:
            asked += _reaching(count / _ASK_SECONDS, setting)
        else:
            told += count * min(thread.changes, 1 / _TELL_SECONDS)
    views, renders, told, asked = (rate * _PEAK for rate in (views, renders, told, asked))
    comments, votes = moment.comments * _PEAK, moment.votes * _PEAK
    parts = {
        "views": views * spent["read"].server,
        "renderings": renders * spent["miss"].server,
        "comments": comments * spent["comment"].server,
        "votes": votes * spent["vote"].server,
        "telling open pages": told * costs.told + asked * spent["unchanged"].server,
    }
    database = renders * spent["miss"].database + comments * spent["comment"].database + votes * spent["vote"].database
    connected = 0.0 if setting.asks_edge else sum(followers)
    kept = len(threads) * costs.kept_page_kb * len(_SORTS) * setting.processes
    kind = "sqlite" if setting.database == "SQLite" else "postgresql"
    return Need(
        views=moment.views * _PEAK,
        comments=comments,
        votes=votes,
        renders=renders,
        followers=sum(followers),
        told=told,
        web_cores=sum(parts.values()) / 1e6,
        by_part={name: microseconds / 1e6 for name, microseconds in parts.items()},
        database_cores=database / 1e6,
        line_mb=views * costs.page_bytes / 1e6,
        disk_gb=site.comments_a_day * 365 * site.years * costs.comment_bytes[kind] / 1e9,
        memory_gb=(min(kept, 262_144 * setting.processes) + connected * costs.follower_kb) / 2**20
        + costs.at_rest_mb * setting.processes / 1024,
    )


def _reaching(views: float, setting: Setting) -> float:
    """Return the views of a thread that reach our machines: each edge asks once for as long as it keeps an answer."""
    if not setting.has_edge:
        return views
    each = views / _EDGES
    return _EDGES * each / (1 + each * _EDGE_SECONDS)


def _renders(thread: Thread, setting: Setting) -> float:
    """Return how often a thread's pages are rendered: after a change when somebody asks, in each process asked.

    Of two streams of events, those of the first that come next after one of the second are `a * b / (a + b)`.
    """
    total = 0.0
    for share in _SORTS:
        asked = _reaching(thread.views, setting) * share / setting.processes
        if asked and thread.changes:
            total += setting.processes * min(asked * thread.changes / (asked + thread.changes), 1 / _PATIENCE)
    return total


ONE = Setting("one process, SQLite", "SQLite", 1)
FEW = Setting("PostgreSQL, a process a core", "PostgreSQL", 4)
EDGE = Setting("PostgreSQL behind a CDN", "PostgreSQL", 4, has_edge=True)
ASKING = Setting("PostgreSQL behind a CDN that open pages ask", "PostgreSQL", 4, has_edge=True, asks_edge=True)


def breaking(needed: Need, setting: Setting, machine: Machine) -> list[tuple[str, float]]:
    """Return how busy each thing is on one machine (two with a database of its own), the busiest first; 1.0 is all."""
    cores = setting.processes if setting.database == "SQLite" else machine.cores
    shares = {
        "processor of the web processes": needed.web_cores / cores,
        "processor of the database": needed.database_cores / machine.cores,
        "network line": needed.line_mb / machine.line_mb,
        "disk space": needed.disk_gb / machine.disk_gb,
        "memory": needed.memory_gb / machine.memory_gb,
    }
    return sorted(shares.items(), key=lambda item: -item[1])


def machines(needed: Need, setting: Setting, machine: Machine) -> tuple[int, int]:
    """Return how many machines answer readers and how many keep the database, each with one to spare if there are any.

    The database is divided (by Citus or its like) where one machine's processors or disk aren't enough; each part has
    a replica.
    """
    if setting.database == "SQLite":
        return 1, 0
    web = max(
        math.ceil(needed.web_cores / (machine.cores * BUSY)),
        math.ceil(needed.line_mb / (machine.line_mb * BUSY)),
        math.ceil(needed.memory_gb / (machine.memory_gb * BUSY)),
    )
    parts = max(
        math.ceil(needed.database_cores / (machine.cores * BUSY)),
        math.ceil(needed.disk_gb / (machine.disk_gb * BUSY)),
    )
    return max(web, 1) + 1, max(parts, 1) * 2


def chosen(
    site: Site, moments: Sequence[Moment], costs: Costs, machine: Machine
) -> tuple[Setting, Need, tuple[int, int]]:
    """Return the simplest setting that carries a site, what it takes, and the machines it takes."""
    found = []
    for setting in (ONE, FEW, EDGE, ASKING):
        needed = need(site, moments, setting, costs, machine)
        if setting is ONE and breaking(needed, setting, machine)[0][1] > BUSY:
            continue
        found.append(_enough(site, moments, setting, needed, costs, machine))
    # Something more to run has to save a machine.
    return min(found, key=lambda each: sum(each[2]))


def _enough(
    site: Site, moments: Sequence[Moment], setting: Setting, needed: Need, costs: Costs, machine: Machine
) -> tuple[Setting, Need, tuple[int, int]]:
    """Add processes until there are enough: every one renders for itself, so that they need more than one would."""
    for _ in range(20):
        count = machines(needed, setting, machine)
        processes = max(count[0] - 1, 1) * machine.cores
        if setting is ONE or processes <= setting.processes:
            break
        setting = replace(setting, processes=processes)
        needed = need(site, moments, setting, costs, machine)
    return setting, needed, count
