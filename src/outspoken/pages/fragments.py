"""What of a discussion stands in another's page: public, without identity, everything in it that acts a link to us."""

from collections.abc import Sequence

from outspoken.discussion.comment import Comment
from outspoken.discussion.order import Cursor, Sort
from outspoken.discussion.thread import Opening, Site, Thread
from outspoken.discussion.window import Branch, Window
from outspoken.pages import links, views
from outspoken.pages.articles import Articles
from outspoken.pages.comments import Shown
from outspoken.pages.doors import abroad
from outspoken.pages.environment import environment
from outspoken.pages.tongues import Tongues
from outspoken.pages.translations import Said, language

_WRITTEN_AS = "abroad"


class Fragments:
    """Renders fragments whose links lead to `base`, such as `https://talk.example`."""

    def __init__(self, base: str, articles: Articles, tongues: Tongues | None = None) -> None:
        self._base = base.rstrip("/")
        self._articles = articles
        self._tongues = tongues or Tongues()
        self.door = abroad(self._base)

    def of_thread(self, site: Site, thread: Thread, window: Window, *, tag: str = "", parent: int = 0) -> str:
        """Return a window of a thread, or of the replies to `parent`, in the language called `tag` or the site's."""
        spoken = language(tag or site.language)
        door, id = self.door, thread.id
        self._tongues.note(site.language, id)
        shown = Shown.on_page_with(spoken, thread, window, door)
        return self._write(
            spoken.tag,
            site=site,
            thread=thread,
            parent=parent,
            language=spoken,
            branches_shown=[shown.branch(branch) for branch in window.branches],
            written=self._articles.of(id, f"{spoken.tag} {_WRITTEN_AS}"),
            heading=views.comment_count(spoken, thread.comments),
            sort=window.sort.value,
            sorts=views.sort_links(spoken, id, window.sort, door) if thread.comments > 1 else (),
            before_href=self._window(id, parent, window.sort, before=window.before) if window.before else "",
            after_href=self._window(id, parent, window.sort, after=window.after) if window.after else "",
            opening=views.opening_notice(spoken, thread),
            write_href=door.comments(id) if thread.opening is Opening.OPEN else "",
            page_href=door.thread(id),
        )

    def of_page(self, site: Site, url: str, *, tag: str = "") -> str:
        """Return what stands in a page of a site of which nobody has said anything yet."""
        spoken = language(tag or site.language)
        return self._write(
            spoken.tag,
            site=site,
            thread=None,
            parent=0,
            language=spoken,
            branches_shown=[],
            written=None,
            heading=views.comment_count(spoken, 0),
            sort=links.DEFAULT_SORT.value,
            sorts=(),
            before_href="",
            after_href="",
            opening="",
            write_href=self.door.write({"site": site.name, "url": url}),
            page_href="",
        )

    def of_problem(self, status: int, title: str, message: Said, *, tag: str = "", thread: str = "") -> str:
        """Return what stands where a discussion can't be shown, in the language called `tag` or that of its thread.

        `thread` is its id where that is known.
        """
        spoken = language(tag) if tag else self._tongues.of(thread)
        template = environment(spoken.tag).get_template("trouble.html")
        return template.render(
            language=spoken, status=status, title=spoken.gettext(title), message=spoken.tell(message)
        )

    def _window(
        self, id: str, parent: int, sort: Sort, *, before: Cursor | None = None, after: Cursor | None = None
    ) -> str:
        if parent:
            return self.door.comment(id, parent, sort, before=before, after=after)
        return self.door.thread(id, sort, before=before, after=after)

    @staticmethod
    def _write(tag: str, **content: object) -> str:
        return environment(tag).get_template("fragment.html").render(content)


def way_down(ancestors: Sequence[Comment], comment: Comment, window: Window) -> Window:
    """Return the way from a root down to a comment as a window: each list holds the next one only, then its replies."""
    branch = Branch(
        comment,
        window.branches,
        max(0, comment.replies - len(window.branches)),
        window.branches[-1].comment.cursor(window.sort) if window.branches else None,
    )
    for ancestor in reversed(ancestors):
        branch = Branch(ancestor, (branch,), max(0, ancestor.replies - 1), None)
    return Window(window.sort, (branch,), before=None, after=None)
