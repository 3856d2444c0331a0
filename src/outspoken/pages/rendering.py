"""Every page, by what it is for: reading, writing, being told. Nothing is read, timed or drawn by lot in here."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from outspoken.discussion.comment import Comment, as_shown
from outspoken.discussion.state import State
from outspoken.discussion.thread import Opening, Site, Thread
from outspoken.discussion.window import Window, comments_in
from outspoken.pages import links, static, views
from outspoken.pages.articles import Articles
from outspoken.pages.comments import Shown
from outspoken.pages.doors import PLAIN, Door
from outspoken.pages.environment import environment
from outspoken.pages.forms import CodeForm, DeleteForm, EditForm, Form
from outspoken.pages.structured import discussion_posting
from outspoken.pages.tongues import Tongues
from outspoken.pages.translations import Language, Said, language, marked

PRINT_DEPTH = 8
"""Lists within each other on the print page; deeper comments stand in the innermost, each naming whom it answers."""
_PRINT_BUFFER = 2000
"""Pieces of template output that are joined to one chunk, some 60 comments."""
_FATES = {State.PUBLISHED: marked("Your comment is published"), State.HELD: marked("Your comment is held")}
_OTHER_FATE = marked("Your comment isn't shown")


class Pages:
    """Renders pages whose whole addresses begin with `base`, such as `https://talk.example`.

    They are dressed for a door: all that leads on leads through it.
    """

    def __init__(
        self, base: str, door: Door = PLAIN, articles: Articles | None = None, tongues: Tongues | None = None
    ) -> None:
        self.base = base.rstrip("/")
        self.door = door
        self.articles = articles or Articles()
        self.tongues = tongues or Tongues()

    def thread_page(self, site: Site, thread: Thread, window: Window, *, form: Form, here: str = "") -> str:
        """Return the story and a window of its discussion, with the form below; `here` is the window's address.

        Its first window is the page the story's address leads to. `form.token` serves the votes as well.
        """
        spoken = language(site.language)
        shown = _shown(spoken, thread, window)
        is_first = window.before is None
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
            ),
            thread=thread,
            branches_shown=[shown.branch(branch) for branch in window.branches],
            written=self.articles.of(thread.id, spoken.tag),
            story=views.story_view(spoken, thread.story),
            heading=views.comment_count(spoken, thread.comments),
            sorts=views.sort_links(spoken, thread.id, window.sort),
            before_href=links.thread(thread.id, window.sort, before=window.before) if window.before else "",
            after_href=links.thread(thread.id, window.sort, after=window.after) if window.after else "",
            here=here or links.thread(thread.id, window.sort),
            structured=discussion_posting(self.base, thread, window),
            **_composer(spoken, thread, form),
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
        spoken = language(site.language)
        shown = _shown(spoken, thread, window, (*ancestors, comment))
        view = shown.comment(comment)
        address = links.comment(thread.id, comment.number)
        earlier = ancestors[0].parent if ancestors else comment.parent
        return self._page(
            "comment.html",
            self._frame(
                site,
                f"{view.label} · {views.headline(spoken, thread.story)}",
                canonical=address,
                description=views.description(thread.story),
                thread=thread,
            ),
            thread=thread,
            branches_shown=[shown.branch(branch) for branch in window.branches],
            written=self.articles.of(thread.id, spoken.tag),
            story=views.story_view(spoken, thread.story),
            earlier_href=links.comment(thread.id, earlier) if earlier else "",
            ancestors=[shown.comment(ancestor) for ancestor in ancestors],
            comment=view,
            heading=spoken.ngettext("%(num)s reply", "%(num)s replies", comment.replies),
            before_href=links.comment(thread.id, comment.number, window.sort, before=window.before)
            if window.before
            else "",
            after_href=links.comment(thread.id, comment.number, window.sort, after=window.after)
            if window.after
            else "",
            token=token,
            here=here or address,
            notice=spoken.gettext(notice) if notice else "",
        )

    def print_page(self, site: Site, thread: Thread, comments: Iterable[Comment]) -> Iterator[str]:
        """Yield all of a discussion in chunks; `comments` are in reading order, oldest first, read as it goes."""
        spoken = language(site.language)
        shown = Shown(spoken, thread, is_still=True, is_whole=True)
        stream = (
            environment(spoken.tag)
            .get_template("print.html")
            .stream(
                frame=self._frame(
                    site, views.headline(spoken, thread.story), canonical=links.thread(thread.id), is_hidden=True
                ),
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
        spoken = language(site.language)
        return self._page(
            "front.html",
            self._frame(site, site.title, canonical=links.site(site.name)),
            stories=[views.teaser(spoken, thread) for thread in stories],
            latest=[views.latest(spoken, thread, comment) for thread, comment in latest],
            other_sites=other_sites,
        )

    def form_page(self, site: Site | None, thread: Thread, parent: Comment | None, form: Form) -> str:
        """Return the form alone, below the comment it answers; also for previews and for what was wrong.

        `site` is None if it can't be read at the moment.
        """
        spoken = self._spoken(site, thread.id)
        shown = Shown(spoken, thread, is_still=True)
        title = spoken.gettext("Write a reply") if parent else spoken.gettext("Write a comment")
        return self._page(
            "form.html",
            self._frame(site, f"{title} · {views.headline(spoken, thread.story)}", thread=thread, is_hidden=True),
            parent=shown.comment(parent) if parent else None,
            title=title,
            thread=thread,
            **_composer(spoken, thread, form),
        )

    def edit_page(self, site: Site, thread: Thread, comment: Comment, form: EditForm) -> str:
        """Return the form in which authors change a comment."""
        title = language(site.language).gettext("Edit your comment")
        return self._own_page("edit.html", title, site, thread, comment, form)

    def delete_page(self, site: Site, thread: Thread, comment: Comment, form: DeleteForm) -> str:
        """Return the question whether an author's comment is to be deleted."""
        title = language(site.language).gettext("Delete your comment")
        return self._own_page("delete.html", title, site, thread, comment, form)

    def code_page(self, site: Site | None, thread: Thread, number: int, form: CodeForm) -> str:
        """Return the question for a code at a number where nothing is to be seen.

        It is the same for a comment that is hidden and for one that never was. `site` is None if it can't be read at
        the moment.
        """
        spoken = self._spoken(site, thread.id)
        title = spoken.gettext("There is nothing to see here")
        return self._page(
            "code.html",
            self._frame(site, title, thread=thread, is_hidden=True),
            title=title,
            thread=thread,
            number=number,
            form=form,
            problems=_problems(spoken, form.problems),
        )

    def posted_page(
        self,
        site: Site,
        thread: Thread,
        comment_number: int,
        state: State,
        *,
        code: str,
        reason: str = "",
        html: str = "",
    ) -> str:
        """Return what became of a comment, for its author.

        `code` is its key, shown this once; empty if there is none. `reason` says in a sentence why it isn't shown, and
        `html` is the text that isn't.
        """
        spoken = language(site.language)
        is_published = state is State.PUBLISHED
        title = spoken.gettext(_FATES.get(state, _OTHER_FATE))
        return self._page(
            "posted.html",
            self._frame(site, title, thread=thread, is_hidden=True),
            title=title,
            thread=thread,
            number=comment_number,
            is_published=is_published,
            is_held=state is State.HELD,
            code=code,
            reason=spoken.gettext(reason),
            body=Markup(html),  # noqa: S704 - sanitised when it was written
        )

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
        return self._page(
            "notice.html",
            self._frame(site, title, spoken=spoken, is_hidden=True),
            title=title,
            message=message,
            back_href=links.front(),
            back_text=spoken.gettext("Go to the front page"),
            status=status,
            reference=reference,
        )

    def _own_page(
        self, template: str, title: str, site: Site, thread: Thread, comment: Comment, form: EditForm | DeleteForm
    ) -> str:
        spoken = language(site.language)
        return self._page(
            template,
            self._frame(site, title, thread=thread, is_hidden=True),
            title=title,
            comment=Shown(spoken, thread, is_still=True).comment(comment),
            thread=thread,
            form=form,
            problems=_problems(spoken, form.problems),
            **_preview(spoken, form) if isinstance(form, EditForm) else {},
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
    ) -> views.Frame:
        spoken = spoken or self._spoken(site, thread.id if thread else "")
        if site:
            self.tongues.note(site.language, thread.id if thread else "")
        feeds = []
        if thread:
            feeds.append(views.Feed(links.thread_feed(thread.id), thread.story.headline))
        if site:
            feeds.append(views.Feed(links.site_feed(site.name), site.title))
        return views.Frame(
            title=title,
            language=spoken,
            stylesheet=static.address("outspoken.css"),
            icon=static.address("outspoken.svg"),
            content_language=site.language if site and site.language != spoken.tag else "",
            site=site,
            site_href=links.site(site.name) if site else links.front(),
            canonical=links.absolute(self.base, canonical) if canonical else "",
            description=description,
            is_indexed=bool(site and site.indexed and not is_hidden),
            feeds=tuple(feeds),
            is_article=is_article,
        )

    def _spoken(self, site: Site | None, thread: str = "") -> Language:
        return language(site.language) if site else self.tongues.of(thread)

    @staticmethod
    def _page(template: str, frame: views.Frame, **content: Any) -> str:
        return environment(frame.language.tag).get_template(template).render(frame=frame, **content)


def _shown(spoken: Language, thread: Thread, window: Window, others: Sequence[Comment] = ()) -> Shown:
    on_page = {comment.number: as_shown(comment).author for comment in (*others, *comments_in(window))}
    return Shown(spoken, thread, window.sort, on_page)


def _composer(spoken: Language, thread: Thread, form: Form) -> dict[str, Any]:
    return {
        "is_open": thread.opening is Opening.OPEN,
        "opening": views.opening_notice(spoken, thread),
        "form": form,
        "problems": _problems(spoken, form.problems),
        **_preview(spoken, form),
    }


def _preview(spoken: Language, form: Form | EditForm) -> dict[str, Any]:
    return {
        # Sanitised by the same renderer that makes the text of a published comment.
        "preview": None if form.preview_html is None else Markup(form.preview_html),  # noqa: S704
        "warning": spoken.gettext(form.warning) if form.warning else "",
    }


def _problems(spoken: Language, problems: Mapping[str, Said]) -> dict[str, str]:
    return {field: spoken.tell(message) for field, message in problems.items()}
