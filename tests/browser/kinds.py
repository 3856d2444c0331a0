"""Every kind of page there is, and how a reader comes to it."""

import secrets
from collections.abc import Callable

import httpx
from playwright.sync_api import Page

from tests.browser.serving import Running

Reach = Callable[[Page, Running], None]

_OWN = "This is your comment. You can edit it for half an hour, and delete it any time."
NEVER = """() => {
  const later = self.setTimeout;
  self.setTimeout = (deed, time) => later(deed, time < 10_000 ? time : 1e9);
}"""
"""Lets time to regret go on for as long as a page is looked at."""
TEXT = "I was there on Tuesday.\n\n> The bench will stand where the old crane stood\n\nIt *does*. See <https://pier.example>."


def _at(path: Callable[[Running], str]) -> Reach:
    def reach(page: Page, server: Running) -> None:
        page.goto(path(server))

    return reach


def later(page: Page, server: Running) -> None:
    """Turn the page in a long discussion."""
    page.goto(server.thread(server.filled.long))
    page.get_by_role("link", name=server.say("Further comments")).click()
    page.get_by_role("link", name=server.say("Earlier comments")).wait_for()


def a_name() -> str:
    """Return a name that nobody else has in a thread, in letters that don't look like each other."""
    return "Reader " + "".join(secrets.choice("bcdfghkmpq") for _ in range(8))


def form_with_problems(page: Page, server: Running) -> None:
    """Send a form with a name that belongs to the staff."""
    page.goto(server.thread() + "/comments")
    page.get_by_label(server.say("Name")).fill("Moderator")
    page.get_by_label(server.say("Your comment")).fill(TEXT)
    page.get_by_role("button", name=server.say("Publish")).click()
    page.locator(".problem").first.wait_for()


def preview(page: Page, server: Running) -> None:
    """Ask for a preview of a reply."""
    page.goto(server.thread() + "/comments?parent=1")
    page.get_by_label(server.say("Your reply")).fill(TEXT)
    page.get_by_role("button", name=server.say("Preview")).click()
    page.get_by_role("heading", name=server.say("Preview")).wait_for()


def own(page: Page, server: Running) -> None:
    """Write a comment and arrive at it."""
    page.goto(server.thread(server.filled.playground))
    page.get_by_label(server.say("Name")).fill(a_name())
    page.get_by_label(server.say("Your comment")).fill("I sat there *first*.\n\nIt was wet.")
    page.get_by_role("button", name=server.say("Publish")).click()
    page.get_by_text(server.say(_OWN)).wait_for()


def edit(page: Page, server: Running) -> None:
    """Open the form to change one's own comment."""
    own(page, server)
    page.get_by_role("link", name=server.say("Edit")).click()
    page.get_by_role("heading", name=server.say("Edit your comment")).wait_for()


def edit_without_key(page: Page, server: Running) -> None:
    """Ask to change a comment whose key this browser doesn't hold, with a wrong code."""
    page.goto(f"{server.thread(server.filled.playground)}/1/edit")
    page.get_by_label(server.say("The code of this comment")).fill("not-the-code")
    page.get_by_role("button", name=server.say("Save")).click()
    page.locator(".problem").first.wait_for()


def delete(page: Page, server: Running) -> None:
    """Come to the question whether one's own comment is to be deleted."""
    own(page, server)
    page.get_by_role("link", name=server.say("Delete")).click()
    page.get_by_role("heading", name=server.say("Delete your comment")).wait_for()


def regretted(page: Page, server: Running) -> None:
    """Delete one's own comment, and still have time to leave it as it is."""
    delete(page, server)
    page.evaluate(NEVER)
    page.get_by_role("button", name=server.say("Delete it")).click()
    page.locator("[data-regret] [role=status]:not(:empty)").wait_for()


def posted(page: Page, server: Running) -> None:
    """Arrive, with a browser that keeps no cookie, at the page that shows the code."""
    address = server.thread(server.filled.playground)
    page.goto(address)
    fields = {"token": page.locator("form.composer [name=token]").input_value(), "body": "No cookie holds me."}
    answer = httpx.post(f"{address}/comments", data=fields, headers={"origin": server.base})
    page.goto(server.base + answer.headers["location"])
    page.get_by_role("heading", name=server.say("The code of your comment")).wait_for()


def held(page: Page, server: Running) -> None:
    """Write something with many links."""
    page.goto(server.thread(server.filled.playground))
    page.get_by_label(server.say("Your comment")).fill("https://one.example https://two.example")
    page.get_by_role("button", name=server.say("Publish")).click()
    page.get_by_role("heading", name=server.say("Your comment is held")).wait_for()


def reported(page: Page, server: Running) -> None:
    """Report a comment."""
    page.goto(server.thread() + "/5/report")
    page.get_by_label(server.say("It insults or harasses")).check()
    page.get_by_role("button", name=server.say("Send the report")).click()
    page.get_by_role("heading", name=server.say("Your report is with the moderators")).wait_for()


def begun(page: Page, server: Running) -> None:
    """Come to the form for a page of which nobody has said anything yet."""
    page.goto(f"{server.base}/write?site=pier&url=https://pier.example/bollards&title=Bollards")
    page.get_by_label(server.say("Your comment")).wait_for()


def owner(page: Page, server: Running) -> None:
    """See how a discussion looks in one's own page, and what is to be pasted there."""
    page.goto(f"{server.base}/embed?site=pier")
    page.locator(".pasted").first.wait_for()


def claim_with_problems(page: Page, server: Running) -> None:
    """Send a code that leads nowhere."""
    page.goto(f"{server.base}/s/pier/claim")
    page.get_by_label(server.say("Your code")).fill("not-the-code")
    page.get_by_role("button", name=server.say("Show what it leads to")).click()
    page.locator(".problem").first.wait_for()


def frame_with_problems(page: Page, server: Running) -> None:
    """Send a form in a frame with a name that belongs to the staff."""
    page.goto(f"{server.frame()}/comments?parent=1")
    page.get_by_label(server.say("Name")).fill("Moderator")
    page.get_by_label(server.say("Your reply")).fill(TEXT)
    page.get_by_role("button", name=server.say("Publish")).click()
    page.locator(".problem").first.wait_for()


KINDS: dict[str, Reach] = {
    "front": _at(lambda server: f"{server.base}/"),
    "thread": _at(lambda server: server.thread()),
    "thread-newest": _at(lambda server: server.thread() + "?sort=newest"),
    "thread-later": later,
    "thread-deep": _at(lambda server: server.thread(server.filled.deep)),
    "thread-empty": _at(lambda server: server.thread(server.filled.empty)),
    "thread-closed": _at(lambda server: server.thread(server.filled.closed)),
    "thread-mixed": _at(lambda server: server.thread(server.filled.mixed)),
    "thread-read-only": _at(lambda server: server.thread(server.filled.read_only)),
    "comment": _at(lambda server: server.thread() + "/5"),
    "comment-deep": _at(lambda server: f"{server.thread(server.filled.deep)}/12"),
    "own": own,
    "form": _at(lambda server: server.thread() + "/comments"),
    "reply": _at(lambda server: server.thread() + "/comments?parent=1"),
    "form-with-problems": form_with_problems,
    "preview": preview,
    "edit": edit,
    "edit-without-key": edit_without_key,
    "delete": delete,
    "regretted": regretted,
    "posted": posted,
    "held": held,
    "vote": _at(lambda server: server.thread() + "/5/vote?value=up"),
    "report": _at(lambda server: server.thread() + "/5/report"),
    "reported": reported,
    "begun": begun,
    "closed-form": _at(lambda server: server.thread(server.filled.closed) + "/comments"),
    "unseen": _at(lambda server: server.thread() + "/99999/edit"),
    "owner": owner,
    "claim": _at(lambda server: f"{server.base}/s/pier/claim"),
    "claim-with-problems": claim_with_problems,
    "frame-thread": _at(lambda server: server.frame()),
    "frame-comment": _at(lambda server: f"{server.frame()}/5"),
    "frame-with-problems": frame_with_problems,
    "frame-vote": _at(lambda server: f"{server.frame()}/5/vote"),
    "frame-report": _at(lambda server: f"{server.frame()}/5/report"),
    "frame-delete": _at(lambda server: f"{server.frame()}/5/delete"),
    "frame-unseen": _at(lambda server: f"{server.frame()}/99999/edit"),
    "frame-nothing": _at(lambda server: f"{server.frame()}/99999"),
    "error": _at(lambda server: server.thread() + "/99999"),
    "print": _at(lambda server: server.thread() + "/print"),
}
"""By its name, how to come to a page of each kind, in a context of one's own."""
