"""The pages on which something is done: writing, changing, voting, reporting, and what came of it."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from outspoken.discussion.comment import Comment
from outspoken.discussion.report import Reason
from outspoken.discussion.state import State
from outspoken.discussion.thread import Opening, Site, Thread
from outspoken.pages import views
from outspoken.pages.comments import Shown
from outspoken.pages.dressing import Dressing
from outspoken.pages.forms import CodeForm, DeleteForm, EditForm, Form, ReportForm, VoteForm
from outspoken.pages.translations import Language, Said, marked

_FATES = {State.PUBLISHED: marked("Your comment is published"), State.HELD: marked("Your comment is held")}
_OTHER_FATE = marked("Your comment isn't shown")
_DONE = {
    "vote": (
        marked("Your vote is counted"),
        marked("You can change it, or take it back, in the same place."),
    ),
    "edit": (marked("Your comment is changed"), marked("Readers see that it was edited.")),
    "delete": (
        marked("Your comment is deleted"),
        marked("Its text and its name are destroyed. Replies keep their place."),
    ),
    "report": (
        marked("Your report is with the moderators"),
        marked("They see the comment, your reason and your note. Nothing is kept of who sent it."),
    ),
}
_REASONS = {
    Reason.ENDANGERS: marked("It names or endangers a person"),
    Reason.THREATENS: marked("It threatens, or calls for violence"),
    Reason.INSULTS: marked("It insults or harasses"),
    Reason.SPAM: marked("It is advertising or spam"),
    Reason.OTHER: marked("Something else"),
}
ACTS = ("write", "reply", *_DONE)
"""What readers do, as the addresses of the pages call it that say it is done."""


class Acting(Dressing):
    """Renders forms and their answers."""

    def form_page(self, site: Site | None, thread: Thread, parent: Comment | None, form: Form) -> str:
        """Return the form alone, below the comment it answers; also for previews and for what was wrong.

        `site` is None if it can't be read at the moment.
        """
        spoken = self._spoken(site, thread.id)
        shown = Shown(spoken, thread, is_still=True, door=self.door)
        title = spoken.gettext("Write a reply") if parent else spoken.gettext("Write a comment")
        door, id = self.door, thread.id
        place = door.thread(id) if id else views.web_address(thread.story.url)
        return self._page(
            "form.html",
            self._frame(
                site,
                f"{title} · {views.headline(spoken, thread.story)}",
                thread=thread,
                is_hidden=True,
                here=door.form(id, parent.number if parent else 0) if id else door.write(form.hidden),
            ),
            parent=shown.comment(parent) if parent else None,
            title=title,
            thread=thread,
            action=door.comments(id) if id else door.write(),
            place_href=place,
            back_href=door.comment(id, parent.number) if parent else place,
            **composer(spoken, thread, form),
        )

    def edit_page(self, site: Site, thread: Thread, comment: Comment, form: EditForm) -> str:
        """Return the form in which authors change a comment."""
        title = self._spoken(site).gettext("Edit your comment")
        here = self.door.edit(thread.id, comment.number)
        return self._own_page("edit.html", title, site, thread, comment, form, here)

    def delete_page(self, site: Site, thread: Thread, comment: Comment, form: DeleteForm) -> str:
        """Return the question whether an author's comment is to be deleted."""
        title = self._spoken(site).gettext("Delete your comment")
        here = self.door.delete(thread.id, comment.number)
        return self._own_page("delete.html", title, site, thread, comment, form, here)

    def vote_page(self, site: Site, thread: Thread, comment: Comment, form: VoteForm) -> str:
        """Return the page on which one comment is voted on."""
        title = self._spoken(site).gettext("Vote on a comment")
        here = self.door.vote(thread.id, comment.number)
        return self._own_page("vote.html", title, site, thread, comment, form, here)

    def report_page(self, site: Site, thread: Thread, comment: Comment, form: ReportForm) -> str:
        """Return the form in which readers report a comment to the moderators."""
        spoken = self._spoken(site)
        reasons = [(reason.value, spoken.gettext(text)) for reason, text in _REASONS.items()]
        here = self.door.report(thread.id, comment.number)
        title = spoken.gettext("Report a comment")
        return self._own_page("report.html", title, site, thread, comment, form, here, reasons=reasons)

    def code_page(self, site: Site | None, thread: Thread, number: int, form: CodeForm) -> str:
        """Return the question for a code at a number where nothing is to be seen.

        It is the same for a comment that is hidden and for one that never was. `site` is None if it can't be read at
        the moment.
        """
        spoken = self._spoken(site, thread.id)
        title = spoken.gettext("There is nothing to see here")
        return self._page(
            "code.html",
            self._frame(site, title, thread=thread, is_hidden=True, here=form.action),
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
        act: str = "",
    ) -> str:
        """Return what became of a comment, for its author; `act` is what its author has just done.

        `code` is its key, shown this once; empty if there is none. `reason` says in a sentence why it isn't shown, and
        `html` is the text that isn't.
        """
        spoken = self._spoken(site)
        is_published = state is State.PUBLISHED
        title = spoken.gettext(_FATES.get(state, _OTHER_FATE))
        return self._page(
            "posted.html",
            self._frame(
                site,
                title,
                thread=thread,
                is_hidden=True,
                here=self.door.comment(thread.id, comment_number),
                done=views.Done(act, comment_number, thread.version, state.value) if act else None,
            ),
            title=title,
            thread=thread,
            number=comment_number,
            is_published=is_published,
            is_held=state is State.HELD,
            code=code,
            reason=spoken.gettext(reason),
            body=Markup(html),  # noqa: S704 - sanitised when it was written
            story=views.story_view(spoken, thread.story),
        )

    def done_page(self, site: Site, thread: Thread, number: int, act: str) -> str:
        """Return the page that says that an act of a reader is done."""
        spoken = self._spoken(site)
        title, message = (spoken.gettext(text) for text in _DONE[act])
        state = State.DELETED if act == "delete" else State.PUBLISHED
        is_there = state is State.PUBLISHED
        return self._page(
            "done.html",
            self._frame(
                site,
                title,
                thread=thread,
                is_hidden=True,
                here=self.door.comment(thread.id, number) if is_there else self.door.thread(thread.id),
                done=views.Done(act, number, thread.version, state.value),
            ),
            title=title,
            message=message,
            thread=thread,
            back_href=self.door.thread(thread.id) + (self.door.anchor(number) if is_there else "#discussion"),
            story=views.story_view(spoken, thread.story),
        )

    def _own_page(
        self,
        template: str,
        title: str,
        site: Site,
        thread: Thread,
        comment: Comment,
        form: EditForm | DeleteForm | VoteForm | ReportForm,
        here: str,
        **more: Any,
    ) -> str:
        spoken = self._spoken(site)
        return self._page(
            template,
            self._frame(site, title, thread=thread, is_hidden=True, here=here),
            title=title,
            comment=Shown(spoken, thread, is_still=True, door=self.door).comment(comment),
            thread=thread,
            form=form,
            action=here,
            problems=_problems(spoken, form.problems),
            **more,
            **_preview(spoken, form) if isinstance(form, EditForm) else {},
        )


def composer(spoken: Language, thread: Thread, form: Form) -> dict[str, Any]:
    """Return what a page needs to show the form for a comment."""
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
