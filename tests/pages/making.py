"""Things to render, valid by default: each test names only what it is about."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from outspoken.discussion.comment import Author, Body, Comment
from outspoken.discussion.order import Cursor, Sort
from outspoken.discussion.state import State
from outspoken.discussion.thread import Opening, Site, Story, Thread
from outspoken.discussion.window import Branch, Window
from outspoken.pages.claiming import ClaimForm, OwnCode
from outspoken.pages.doors import FRAME
from outspoken.pages.forms import CodeForm, DeleteForm, EditForm, Form, ReportForm, VoteForm
from outspoken.pages.fragments import Fragments
from outspoken.pages.rendering import Pages
from outspoken.pages.tags import Tags
from outspoken.store.recognising import Written

BASE = "https://talk.example"
NOON = datetime(2026, 3, 14, 12, 5, tzinfo=UTC)
PAGES = Pages(BASE)
FRAMED = Pages(BASE, FRAME, PAGES.articles)
FRAGMENTS = Fragments(BASE, PAGES.articles)


def a_site(**changes: Any) -> Site:
    return replace(Site("gazette", "The Paper Lantern", ("https://news.example",)), **changes)


def a_story(**changes: Any) -> Story:
    story = Story(
        headline="The lighthouse is to be switched off",
        url="https://news.example/lighthouse",
        attribution="Harbour Wire",
        attribution_url="https://wire.example/",
        excerpt="The harbour office says ships no longer need it.\n\nThe keeper - the last one - disagrees.",
        published=NOON,
    )
    return replace(story, **changes)


def a_thread(**changes: Any) -> Thread:
    thread = Thread("lighthouse", "gazette", a_story(), Opening.OPEN, 3, version=1, opened=NOON, active=NOON)
    return replace(thread, **changes)


def a_comment(
    number: int = 1, *, name: str = "Puffin", html: str = "<p>Keep the light.</p>", **changes: Any
) -> Comment:
    comment = Comment(
        thread="lighthouse",
        number=number,
        parent=0,
        depth=0,
        state=State.PUBLISHED,
        author=Author(number, name, sha256(name.encode()).digest()[:16]),
        body=Body(html, "markdown", html, 1),
        created=NOON,
    )
    return replace(comment, **changes)


def a_branch(comment: Comment, *replies: Branch, hidden: int = 0, after: Cursor | None = None) -> Branch:
    return Branch(replace(comment, replies=len(replies) + hidden), replies, hidden, after)


def a_window(*branches: Branch, **changes: Any) -> Window:
    return replace(Window(Sort.BEST, branches, before=None, after=None), **changes)


def a_form(**changes: Any) -> Form:
    return replace(Form(token="token-of-the-form", submission="submission-1"), **changes)


def claim_pages(site: Site, text: str) -> dict[str, str]:
    form = ClaimForm(text, text, {"": text, "code": text, "sure": text})
    first = [Written("lighthouse", number, text, text, NOON, number == 1) for number in (1, 2)]
    return {
        "claim": PAGES.claim_page(site, form),
        "claimed": PAGES.claimed_page(site, form, 3, first),
        "settled": PAGES.settled_page(site, form, "take", 2, 1, [OwnCode("/t/lighthouse/1", text, text)]),
        "erased": PAGES.settled_page(site, form, "erase", 2, 0),
    }


def every_page(
    *,
    site: Site | None = None,
    thread: Thread | None = None,
    comments: Sequence[Comment] | None = None,
    text: str = "a text",
) -> dict[str, str]:
    """Return one page of each kind about the same things; `text` goes wherever a form or a message has one."""
    site = site or a_site()
    thread = thread or a_thread()
    root, reply = comments or (a_comment(1), a_comment(2, name="Gannet", parent=1, depth=1))
    window = a_window(a_branch(root, a_branch(reply)), after=Cursor(5, 1))
    form = a_form(parent=1, name=text, body=text, problems={"": text, "name": text, "body": text}, warning=text)
    edit = EditForm(text, "token", text, asks_code=True, problems={"code": text})
    return {
        "thread": PAGES.thread_page(site, thread, window, form=form),
        "comment": PAGES.comment_page(
            site, thread, [root], reply, a_window(a_branch(root)), token="token", notice=text
        ),
        "print": "".join(PAGES.print_page(site, thread, [root, reply])),
        "front": PAGES.front_page(site, [thread], [(thread, reply)], [site]),
        "form": PAGES.form_page(site, thread, root, form),
        "preview": PAGES.form_page(site, thread, None, a_form(body=text, preview_html="<p>safe</p>")),
        "edit": PAGES.edit_page(site, thread, reply, edit),
        "delete": PAGES.delete_page(site, thread, reply, DeleteForm("token", text, asks_code=True)),
        "published": PAGES.posted_page(site, thread, 2, State.PUBLISHED, code=text),
        "held": PAGES.posted_page(site, thread, 2, State.HELD, code=text, reason=text),
        "rejected": PAGES.posted_page(site, thread, 2, State.REJECTED, code="", reason=text, html="<p>safe</p>"),
        "unseen": PAGES.code_page(site, thread, 2, CodeForm("/t/lighthouse/2/edit", text, text, {"code": text})),
        "vote": PAGES.vote_page(site, thread, reply, VoteForm("token", "up", {"": text})),
        "report": PAGES.report_page(site, thread, reply, ReportForm("token", "spam", text, {"note": text, "": text})),
        "done": PAGES.done_page(site, thread, 2, "report"),
        "beginning": PAGES.form_page(site, replace(thread, id=""), None, replace(form, hidden={"title": text})),
        "owner": PAGES.owner_page(
            site, [site], thread, Tags(BASE, "gazette"), {"sort": "newest", "theme": ""}, {"accent": "#0d5763"}
        ),
        "thread in a frame": FRAMED.thread_page(site, thread, window, form=form),
        "comment in a frame": FRAMED.comment_page(site, thread, [root], reply, a_window(a_branch(root)), token="token"),
        "form in a frame": FRAMED.form_page(site, thread, root, form),
        "held in a frame": FRAMED.posted_page(site, thread, 2, State.HELD, code=text, reason=text, act="reply"),
        "done in a frame": FRAMED.done_page(site, thread, 2, "vote"),
        "error in a frame": FRAMED.error_page(404, text, text),
        **claim_pages(site, text),
        "notice": PAGES.notice_page(site, text, text, ("/t/lighthouse", text)),
        "error": PAGES.error_page(404, text, text),
        "fault": PAGES.error_page(500, text, text, reference=text),
    }
