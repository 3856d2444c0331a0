"""What every page has around its content, dressed for the door it is reached through; and pages that only tell."""

from typing import Any

from outspoken.discussion.thread import Site, Thread
from outspoken.pages import links, static, views
from outspoken.pages.articles import Articles
from outspoken.pages.doors import PLAIN, Door
from outspoken.pages.environment import environment
from outspoken.pages.tongues import Tongues
from outspoken.pages.translations import Language, Said, language


class Dressing:
    """Renders pages whose whole addresses begin with `base`, such as `https://talk.example`.

    They are dressed for a door: all that leads on within a discussion leads through it.
    """

    def __init__(
        self, base: str, door: Door = PLAIN, articles: Articles | None = None, tongues: Tongues | None = None
    ) -> None:
        self.base = base.rstrip("/")
        self.door = door
        self.articles = articles or Articles()
        self.tongues = tongues or Tongues()

    def notice_page(self, site: Site | None, title: str, message: str, back: tuple[str, str]) -> str:
        """Return a page that tells one thing. `back` is an address and what its link says."""
        spoken = self._spoken(site)
        title, message, back_text = (spoken.gettext(text) for text in (title, message, back[1]))
        return self._page(
            "notice.html",
            self._frame(site, title, is_hidden=True),
            title=title,
            message=message,
            back_href=back[0],
            back_text=back_text,
            is_within=False,
            status=0,
            reference="",
        )

    def error_page(
        self,
        status: int,
        title: str,
        message: Said,
        *,
        site: Site | None = None,
        thread: str = "",
        reference: str = "",
    ) -> str:
        """Return the page for an error. `message` says what the person can do about it; `status` is the HTTP status.

        `thread` is the id of the one it happened in, and `reference` what an operator can find it by.
        """
        spoken = self._spoken(site, thread)
        title, message = spoken.gettext(title), spoken.tell(message)
        # The front page can't stand in a frame.
        is_within = self.door.is_framed and bool(thread)
        return self._page(
            "notice.html",
            self._frame(site, title, spoken=spoken, is_hidden=True),
            title=title,
            message=message,
            back_href=self.door.thread(thread) if is_within else links.front(),
            back_text=spoken.gettext("Back to the discussion") if is_within else spoken.gettext("Go to the front page"),
            is_within=is_within,
            status=status,
            reference=reference,
        )

    def _frame(
        self,
        site: Site | None,
        title: str,
        *,
        spoken: Language | None = None,
        canonical: str = "",
        description: str = "",
        thread: Thread | None = None,
        is_article: bool = False,
        is_hidden: bool = False,
        here: str = "",
        done: views.Done | None = None,
        is_for_reading: bool = False,
    ) -> views.Frame:
        """Return what stands around a page. `here` is its address, `done` the act that it is the answer to.

        In a frame, what isn't for reading a discussion makes do with a smaller style sheet.
        """
        spoken = spoken or self._spoken(site, thread.id if thread else "")
        if site:
            self.tongues.note(site.language, thread.id if thread else "")
        is_framed = self.door.is_framed
        feeds = []
        if thread and thread.id and not is_framed:
            feeds.append(views.Feed(links.thread_feed(thread.id), thread.story.headline))
        if site and not is_framed:
            feeds.append(views.Feed(links.site_feed(site.name), site.title))
        return views.Frame(
            title=title,
            language=spoken,
            stylesheet=static.address("frame.css" if is_framed and not is_for_reading else "outspoken.css"),
            icon=static.address("outspoken.svg"),
            content_language=site.language if site and site.language != spoken.tag else "",
            site=site,
            site_href=links.site(site.name) if site else links.front(),
            canonical=links.absolute(self.base, canonical) if canonical and not is_framed else "",
            description=description,
            is_indexed=bool(site and site.indexed and not is_hidden and not is_framed),
            feeds=tuple(feeds),
            is_article=is_article,
            thread=thread.id if thread else "",
            is_framed=is_framed,
            is_for_reading=is_for_reading,
            origins=(*site.origins, self.base) if site and is_framed else (),
            script=static.address("frame.js") if is_framed else "",
            own_page=links.absolute(self.base, self.door.outside(here)) if here else "",
            done=done,
        )

    def _spoken(self, site: Site | None, thread: str = "") -> Language:
        if self.door.tag:
            return language(self.door.tag)
        return language(site.language) if site else self.tongues.of(thread)

    def _page(self, template: str, frame: views.Frame, **content: Any) -> str:
        return environment(frame.language.tag).get_template(template).render(frame=frame, door=self.door, **content)
