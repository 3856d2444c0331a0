"""Which stories of a file are the same page, and where each page goes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from outspoken.transfer.addresses import fold_url, is_proxy_or_local
from outspoken.transfer.mapping import Map
from outspoken.transfer.records import Problem, SourceStory
from outspoken.transfer.report import Report

_LONGEST_ADDRESS = 500
"""Characters. PostgreSQL can't keep much longer ones in an index; no page that people read has such an address."""


@dataclass(frozen=True, slots=True)
class Page:
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


def pages_of(
    stories: Mapping[str, SourceStory],
    counts: Mapping[str, int],
    map: Map,
    report: Report,
    *,
    skips_local_pages: bool = False,
) -> list[Page]:
    """Group the stories that have comments (`counts`) by what page they are, in the order of the file."""
    report.skip("empty thread", sum(source not in counts for source in stories))
    groups = _Groups()
    for source, count in counts.items():
        story = stories.get(source)
        if story is None:
            report.skip("unknown page", count)
            report.tell(Problem(f"page {source}", f"is named by {count} comments, but isn't in the file"))
        elif (page := _page(story, count, map, report, skips_local_pages=skips_local_pages)) is not None:
            groups.add(page)
    return groups.pages()


def _page(story: SourceStory, count: int, map: Map, report: Report, *, skips_local_pages: bool) -> Page | None:
    """Return the page of a single story, None if its comments are left out."""
    origin = story.url or _identifier(story, report.format)
    target = map.target_of(origin)
    if target == "":
        report.skip("left out by the map", count)
        report.leave_out(origin, count)
        return None
    is_copy = story.url is not None and is_proxy_or_local(story.url)
    addresses = tuple(dict.fromkeys(_addresses(story, report, is_copy=is_copy)))
    if target is not None and (name := target if target.startswith("id:") else fold_url(target)) not in addresses:
        if not target.startswith("id:"):
            story = replace(story, url=target)
        return Page(story, (story.source,), (name,), (name, *addresses), count, ((origin, count),), is_copy=False)
    if is_copy:
        # Somebody wrote there, so it is kept by default, but never mixed with the page it may be a copy of.
        if skips_local_pages:
            report.skip("local or proxied page", count)
            report.leave_out(origin, count)
            return None
        report.tell(Problem(f"page {story.url}", f"seems a copy or a test; its {count} records stand by themselves"))
    return Page(story, (story.source,), addresses, addresses, count, ((origin, count),), is_copy)


def _identifier(story: SourceStory, format: str) -> str:
    return f"id:{story.identifier or f'{format}:{story.source}'}"[:_LONGEST_ADDRESS]


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


class _Groups:
    """Pages that share a name are one."""

    def __init__(self) -> None:
        self._pages: list[Page | None] = []
        self._at: dict[str, int] = {}

    def add(self, page: Page) -> None:
        """Add a page to the group it belongs to; it may turn out to join several."""
        found = sorted({self._at[name] for name in page.names if name in self._at})
        if not found:
            found = [len(self._pages)]
            self._pages.append(None)
        first, *others = found
        joined = [there for at in found if (there := self._pages[at]) is not None]
        for at in others:
            self._pages[at] = None
        whole = _joined([*joined, page])
        self._pages[first] = whole
        self._at |= dict.fromkeys(whole.names, first)

    def pages(self) -> list[Page]:
        """Return the groups, in the order in which they began."""
        return [page for page in self._pages if page is not None]


def _joined(pages: list[Page]) -> Page:
    whole = pages[0]
    for page in pages[1:]:
        whole = replace(
            whole,
            sources=whole.sources + page.sources,
            names=tuple(dict.fromkeys(whole.names + page.names)),
            addresses=tuple(dict.fromkeys(whole.addresses + page.addresses)),
            comments=whole.comments + page.comments,
            origins=whole.origins + page.origins,
        )
    return whole
