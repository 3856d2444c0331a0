"""How a page's frame, its story and its lists are shown, worked out beforehand so that templates only arrange."""

from dataclasses import dataclass

from outspoken.discussion.comment import Comment, as_shown
from outspoken.discussion.order import Sort
from outspoken.discussion.thread import Opening, Site, Story, Thread
from outspoken.pages import links
from outspoken.pages.comments import Moment, moment, plain_text
from outspoken.pages.doors import PLAIN, Door
from outspoken.pages.translations import Language, marked
from outspoken.text.urls import split_alike

_SNIPPET = 220
_DESCRIPTION = 160

_SORTS = {
    Sort.BEST: marked("Best"),
    Sort.NEWEST: marked("Newest"),
    Sort.OLDEST: marked("Oldest"),
    Sort.CONTROVERSIAL: marked("Controversial"),
}
_OPENINGS = {
    Opening.OPEN: "",
    Opening.CLOSED: marked("This discussion is closed. You can still read it and vote."),
    Opening.READ_ONLY: marked("This discussion is read-only. You can still read it."),
}


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed that a page names in its head."""

    href: str
    title: str


@dataclass(frozen=True, slots=True)
class Done:
    """An act that is finished, for the page around a frame: nothing of its text, and not who did it."""

    act: str
    """`write`, `reply`, `vote`, `edit`, `delete` or `report`."""
    number: int
    version: int
    state: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What every page has around its content."""

    title: str
    language: Language
    stylesheet: str
    icon: str
    content_language: str = ""
    """What stories are written in, where that isn't the language of the page's own texts."""
    site: Site | None = None
    site_href: str = "/"
    canonical: str = ""
    """Whole URL; empty where a page has none (forms, errors)."""
    description: str = ""
    is_indexed: bool = False
    feeds: tuple[Feed, ...] = ()
    is_article: bool = False
    thread: str = ""
    """Id of the thread it is about, if there is one."""
    is_framed: bool = False
    """Whether it is shown in a frame of another's page."""
    is_for_reading: bool = False
    """Whether comments are read in it, with their times in UTC."""
    origins: tuple[str, ...] = ()
    """Whose pages may be around it then, and are told how high it is and what was done: the site's, and our own."""
    script: str = ""
    own_page: str = ""
    """Whole URL of the same thing on our own pages; empty where there is none."""
    done: Done | None = None


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour of the embedded discussion that a site's owner may choose."""

    name: str
    text: str
    """What it is the colour of, in the page's language."""
    value: str
    """What was chosen; empty: nothing."""
    usual: str


@dataclass(frozen=True, slots=True)
class StoryView:
    """The story as it stands above its discussion."""

    headline: str
    href: str
    """The page it was published on, or empty."""
    host: str
    attribution: str
    attribution_href: str
    paragraphs: tuple[str, ...]
    published: Moment | None


@dataclass(frozen=True, slots=True)
class SortLink:
    """One choice of order."""

    href: str
    text: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Teaser:
    """A thread in a list."""

    href: str
    headline: str
    attribution: str
    text: str
    comments: str
    published: Moment | None


@dataclass(frozen=True, slots=True)
class Latest:
    """A comment in a list of the latest, from whatever thread."""

    href: str
    name: str
    is_named: bool
    text: str
    headline: str
    thread_href: str
    written: Moment | None


def web_address(url: str | None) -> str:
    """Return `url` if a browser may be sent there, else nothing: imported stories bring what their files say."""
    if not url or not url.lower().startswith(("https://", "http://")):
        return ""
    try:
        split_alike(url)
    except ValueError:
        return ""
    return url


def headline(language: Language, story: Story) -> str:
    """Return what a story is called where there is a place for it, also where it has no headline or none is known."""
    return story.headline or language.gettext("A discussion")


def story_view(language: Language, story: Story) -> StoryView:
    """Return how `story` is shown."""
    href = web_address(story.url)
    day = story.published
    return StoryView(
        headline=headline(language, story),
        href=href,
        host=href.partition("://")[2].partition("/")[0].removeprefix("www."),
        attribution=story.attribution,
        attribution_href=web_address(story.attribution_url),
        paragraphs=tuple(paragraph.strip() for paragraph in story.excerpt.split("\n\n") if paragraph.strip()),
        published=Moment(language.day(day), day.strftime("%Y-%m-%d")) if day else None,
    )


def sort_links(language: Language, thread_id: str, current: Sort, door: Door = PLAIN) -> tuple[SortLink, ...]:
    """Return the choices of order for a thread."""
    return tuple(
        SortLink(door.thread(thread_id, sort), language.gettext(text), sort is current) for sort, text in _SORTS.items()
    )


def orders(language: Language) -> tuple[tuple[str, str], ...]:
    """Return the orders of comments by name, with what each is called."""
    return tuple((sort.value, language.gettext(text)) for sort, text in _SORTS.items())


def opening_notice(language: Language, thread: Thread) -> str:
    """Return why nothing can be written in `thread`; empty if it can."""
    return language.gettext(_OPENINGS[thread.opening])


def comment_count(language: Language, count: int) -> str:
    """Return "35 comments"."""
    return language.ngettext("%(num)s comment", "%(num)s comments", count)


def teaser(language: Language, thread: Thread) -> Teaser:
    """Return how `thread` is shown in a list of stories."""
    story = story_view(language, thread.story)
    return Teaser(
        href=links.thread(thread.id),
        headline=story.headline,
        attribution=story.attribution,
        text=shortened(" ".join(story.paragraphs), _SNIPPET),
        comments=comment_count(language, thread.comments),
        published=story.published,
    )


def latest(language: Language, thread: Thread, comment: Comment) -> Latest:
    """Return how `comment` is shown in a list of the latest comments."""
    comment = as_shown(comment)
    name = comment.author.name if comment.author else ""
    return Latest(
        href=links.comment(thread.id, comment.number),
        name=name or language.gettext("Anonymous"),
        is_named=bool(name),
        text=shortened(plain_text(comment.body.html), _SNIPPET) if comment.body else "",
        headline=headline(language, thread.story),
        thread_href=links.thread(thread.id),
        written=moment(language, comment.created),
    )


def description(story: Story) -> str:
    """Return what a search engine may print below a thread's title."""
    return shortened(" ".join(story.excerpt.split()), _DESCRIPTION)


def shortened(text: str, length: int) -> str:
    """Return `text` cut at a word, if it is longer than `length` characters, with an ellipsis."""
    if len(text) <= length:
        return text
    cut = text[:length]
    return (cut[: cut.rfind(" ")] if " " in cut[length // 2 :] else cut).rstrip(" ,.;:–—-") + "…"
