"""The pages that are for reading. Nothing is read, timed or drawn by lot in here."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from outspoken.discussion.comment import Comment
from outspoken.discussion.thread import Site, Thread
from outspoken.discussion.window import Window
from outspoken.pages import links, views
from outspoken.pages.acting import Acting, composer
from outspoken.pages.claiming import Claiming
from outspoken.pages.comments import Shown
from outspoken.pages.environment import environment
from outspoken.pages.forms import Form
from outspoken.pages.structured import discussion_posting
from outspoken.pages.tags import COLOURS, Tags
from outspoken.pages.translations import marked

PRINT_DEPTH = 8
"""Lists within each other on the print page; deeper comments stand in the innermost, each naming whom it answers."""
_COLOURS = {
    "accent": marked("Accent"),
    "ink": marked("Text"),
    "quiet": marked("Quiet text"),
    "line": marked("Lines"),
    "tint": marked("Tint"),
    "paper": marked("Paper"),
}
_PRINT_BUFFER = 2000
"""Pieces of template output that are joined to one chunk, some 60 comments."""


class Pages(Acting, Claiming):
    """Renders all pages."""

    def thread_page(self, site: Site, thread: Thread, window: Window, *, form: Form, here: str = "") -> str:
        """Return the story and a window of its discussion, with the form below; `here` is the window's address.

        Its first window is the page the story's address leads to. `form.token` serves the votes as well.
        """
        spoken = self._spoken(site)
        shown = Shown.on_page_with(spoken, thread, window, self.door)
        is_first, door = window.before is None, self.door
        here = here or door.thread(thread.id, window.sort)
        return self._page(
            "thread.html",
            self._frame(
                site,
                views.headline(spoken, thread.story),
                # Every order of the beginning is the same page to a search engine; what follows, only in the usual one.
                canonical=links.thread(thread.id) if is_first else "",
                is_hidden=not is_first and window.sort is not links.DEFAULT_SORT,
                description=views.description(thread.story),
                thread=thread,
                is_article=True,
                here=here,
                is_for_reading=True,
            ),
            thread=thread,
            branches_shown=[shown.branch(branch) for branch in window.branches],
            written=self.articles.of(thread.id, spoken.tag),
            story=views.story_view(spoken, thread.story),
            heading=views.comment_count(spoken, thread.comments),
            sorts=views.sort_links(spoken, thread.id, window.sort, door),
            before_href=door.thread(thread.id, window.sort, before=window.before) if window.before else "",
            after_href=door.thread(thread.id, window.sort, after=window.after) if window.after else "",
            here=here,
            structured=discussion_posting(self.base, thread, window),
            **composer(spoken, thread, form),
        )

    def comment_page(
        self,
        site: Site,
        thread: Thread,
        ancestors: Sequence[Comment],
        comment: Comment,
        window: Window,
        *,
        token: str,
        here: str = "",
        notice: str | None = None,
    ) -> str:
        """Return one comment with what it answers and a window of its replies.

        `ancestors` begin with the outermost; where they begin below a root, a link leads to the ones above. `token`
        is sent along with votes, and so is `here`, the
        window's address. `notice` is told on top, such as that the comment was published.
        """
        spoken = self._spoken(site)
        shown = Shown.on_page_with(spoken, thread, window, self.door, (*ancestors, comment))
        view, door, number = shown.comment(comment), self.door, comment.number
        here = here or door.comment(thread.id, number)
        earlier = ancestors[0].parent if ancestors else comment.parent
        return self._page(
            "comment.html",
            self._frame(
                site,
                f"{view.label} · {views.headline(spoken, thread.story)}",
                canonical=links.comment(thread.id, number),
                description=views.description(thread.story),
                thread=thread,
                here=here,
                is_for_reading=True,
            ),
            thread=thread,
            branches_shown=[shown.branch(branch) for branch in window.branches],
            written=self.articles.of(thread.id, spoken.tag),
            story=views.story_view(spoken, thread.story),
            earlier_href=door.comment(thread.id, earlier) if earlier else "",
            ancestors=[shown.comment(ancestor) for ancestor in ancestors],
            comment=view,
            heading=spoken.ngettext("%(num)s reply", "%(num)s replies", comment.replies),
            before_href=door.comment(thread.id, number, window.sort, before=window.before) if window.before else "",
            after_href=door.comment(thread.id, number, window.sort, after=window.after) if window.after else "",
            token=token,
            here=here,
            notice=spoken.gettext(notice) if notice else "",
        )

    def print_page(self, site: Site, thread: Thread, comments: Iterable[Comment]) -> Iterator[str]:
        """Yield all of a discussion in chunks; `comments` are in reading order, oldest first, read as it goes."""
        spoken = self._spoken(site)
        shown = Shown(spoken, thread, is_still=True, is_whole=True)
        stream = (
            environment(spoken.tag)
            .get_template("print.html")
            .stream(
                frame=self._frame(
                    site, views.headline(spoken, thread.story), canonical=links.thread(thread.id), is_hidden=True
                ),
                door=self.door,
                story=views.story_view(spoken, thread.story),
                heading=views.comment_count(spoken, thread.comments),
                address=links.absolute(self.base, links.thread(thread.id)),
                thread=thread,
                items=shown.items(comments, PRINT_DEPTH - 1),
            )
        )
        stream.enable_buffering(_PRINT_BUFFER)
        return stream

    def front_page(
        self,
        site: Site,
        stories: Sequence[Thread],
        latest: Sequence[tuple[Thread, Comment]],
        other_sites: Sequence[Site] = (),
    ) -> str:
        """Return a site's newest stories and latest comments, and the way to the other sites of this server."""
        spoken = self._spoken(site)
        return self._page(
            "front.html",
            self._frame(site, site.title, canonical=links.site(site.name)),
            stories=[views.teaser(spoken, thread) for thread in stories],
            latest=[views.latest(spoken, thread, comment) for thread, comment in latest],
            other_sites=other_sites,
        )

    def owner_page(
        self,
        site: Site,
        sites: Sequence[Site],
        thread: Thread | None,
        tags: Tags,
        attributes: Mapping[str, str],
        colours: Mapping[str, str],
    ) -> str:
        """Return the page on which a site's owner sees the embedded discussion of `thread` and copies its tag.

        `attributes` of the tag and `colours` are what was chosen; what is empty is left as it comes.
        """
        spoken = self._spoken(site)
        return self._page(
            "owner.html",
            self._frame(site, spoken.gettext("This discussion in your pages"), is_hidden=True),
            sites=sites,
            thread=thread,
            attributes=attributes,
            colours=[
                views.Colour(name, spoken.gettext(_COLOURS[name]), colours.get(name, ""), usual)
                for name, usual in COLOURS.items()
            ],
            orders=views.orders(spoken),
            tag=tags.element(**attributes),
            tag_with_hash=tags.element_with_hash(**attributes),
            tag_of_frame=tags.frame(
                site.origins[0] + "/…" if site.origins else "https://news.example/…", site.language
            ),
            policy=tags.policy(),
            style=tags.style(dict(colours)),
        )
