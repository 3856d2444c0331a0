"""Which stories of a file are the same page, and where each page goes."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

import msgspec
from msgspec.structs import replace

from outspoken.store.groups import Groups
from outspoken.transfer.addresses import fold_url, is_proxy_or_local
from outspoken.transfer.mapping import Map
from outspoken.transfer.records import Problem, SourceStory
from outspoken.transfer.report import Report

_IDENTIFIER = "id:"
_HOST_END = re.compile("[/?#]")
_LONGEST_ADDRESS = 500
"""Characters. PostgreSQL can't keep much longer ones in an index; no page that people read has such an address."""


class Page(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One or several stories of the file that are the same page."""

    story: SourceStory
    sources: tuple[str, ...]
    names: tuple[str, ...]
    """The addresses by which it is the same page as others, and as a thread that is here already; the surest first."""
    addresses: tuple[str, ...]
    """All that shall lead to its thread."""
    comments: int
    origins: tuple[tuple[str, int], ...]
    """What the file calls each of the stories, and how many comments it has there."""
    is_copy: bool

    @property
    def hosts(self) -> frozenset[str]:
        """Where it is known to be; nowhere if it is known by identifiers alone."""
        return hosts_of(self.names)

    def leads(self, threads: Mapping[str, str]) -> tuple[str | None, str | None]:
        """Return where its addresses and where its identifiers lead, each by the surest that leads anywhere."""
        found: dict[bool, str] = {}
        for name in self.names:
            if name in threads:
                found.setdefault(is_identifier(name), threads[name])
        return found.get(False), found.get(True)

    def without_identifiers(self) -> "Page":
        """Return the page as its addresses alone tell it."""
        return replace(
            self,
            names=tuple(name for name in self.names if not is_identifier(name)),
            addresses=tuple(address for address in self.addresses if not is_identifier(address)),
        )


def is_identifier(address: str) -> bool:
    """Tell whether this isn't an address, but what an old system called a page."""
    return address.startswith(_IDENTIFIER)


def hosts_of(addresses: Iterable[str]) -> frozenset[str]:
    """Return the hosts of those that are addresses."""
    return frozenset(_HOST_END.split(address, 1)[0] for address in addresses if not is_identifier(address))


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Page).decode


class Pages:
    """The pages of a file, in the order in which they began. They lie in the scratch, for there may be a million."""

    def __init__(self, groups: Groups, stories: Iterable[Page]) -> None:
        """`stories` are pages of one story each; here they find each other."""
        self._groups = groups
        self.comments = 0
        """How many records they have together."""
        groups.gather((page.names, _encode(page)) for page in self._counted(stories))

    def __iter__(self) -> Iterator[Page]:
        for group in self._groups:
            yield _joined([_decode(page) for page in group])

    def _counted(self, stories: Iterable[Page]) -> Iterator[Page]:
        for page in stories:
            self.comments += page.comments
            yield page


def pages_of(
    told: Iterable[tuple[str, int, SourceStory | None]],
    groups: Groups,
    map: Map,
    report: Report,
    *,
    skips_local_pages: bool = False,
) -> Pages:
    """Group stories by what page they are; `told` are (id, how many comments it has, story) as they come."""

    unfitted = dict.fromkeys(map.rows())

    def stories() -> Iterator[Page]:
        for source, count, story in told:
            if story is None:
                report.skip("unknown page", count)
                report.tell(Problem(f"page {source}", f"is named by {count} comments, but isn't in the file"))
                continue
            unfitted.pop(map.row_for(_origin(story, report.format)) or "", None)
            if page := _page(source, story, count, map, report, skips_local_pages=skips_local_pages):
                yield page

    pages = Pages(groups, stories())
    for row in unfitted:
        report.tell(Problem(f"the map's “{row}”", "fits no page of this file with comments"))
    return pages


def _page(
    source: str, story: SourceStory, count: int, map: Map, report: Report, *, skips_local_pages: bool
) -> Page | None:
    """Return the page of a single story, None if its comments are left out."""
    origin = _origin(story, report.format)
    target = map.target_of(origin)
    if target == "":
        report.skip("left out by the map", count)
        report.leave_out(origin, count)
        return None
    is_copy = story.url is not None and is_proxy_or_local(story.url)
    addresses = tuple(dict.fromkeys(_addresses(story, report, is_copy=is_copy)))
    if target is not None and (name := target if is_identifier(target) else fold_url(target)) not in addresses:
        if not is_identifier(target):
            story = replace(story, url=target)
        return Page(story, (source,), (name,), (name, *addresses), count, ((origin, count),), is_copy=False)
    if is_copy:
        # Somebody wrote there, so it is kept by default, but never mixed with the page it may be a copy of.
        if skips_local_pages:
            report.skip("local or proxied page", count)
            report.leave_out(origin, count)
            return None
        report.tell(Problem(f"page {story.url}", f"seems a copy or a test; its {count} records stand by themselves"))
    return Page(story, (source,), addresses, addresses, count, ((origin, count),), is_copy)


def _origin(story: SourceStory, format: str) -> str:
    """Return what the file calls a page."""
    return story.url or _identifier(story, format)


def _identifier(story: SourceStory, format: str) -> str:
    return f"{_IDENTIFIER}{story.identifier or f'{format}:{story.source}'}"[:_LONGEST_ADDRESS]


def _addresses(story: SourceStory, report: Report, *, is_copy: bool) -> Iterator[str]:
    """Yield the names of a page, the surest first."""
    has_address = False
    for url in filter(None, (story.url, *story.also)):
        try:
            address = fold_url(url)
            if len(address) > _LONGEST_ADDRESS:
                raise ValueError(f"An address of {len(address)} characters can't be kept")
        except ValueError as wrong:
            instead = "it leads nowhere" if has_address else "the page is kept under its identifier"
            report.tell(Problem(f"page {story.source}", f"{wrong}; {instead}"))
            continue
        has_address = True
        yield address
    if not has_address or (story.identifier and not is_copy):
        yield _identifier(story, report.format)


def _joined(pages: Sequence[Page]) -> Page:
    """Return the one page that several stories are."""
    first, *others = pages
    if not others:
        return first
    return replace(
        first,
        sources=tuple(chain.from_iterable(page.sources for page in pages)),
        names=tuple(dict.fromkeys(chain.from_iterable(page.names for page in pages))),
        addresses=tuple(dict.fromkeys(chain.from_iterable(page.addresses for page in pages))),
        comments=sum(page.comments for page in pages),
        origins=tuple(chain.from_iterable(page.origins for page in pages)),
    )
