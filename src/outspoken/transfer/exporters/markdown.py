"""A folder of Markdown files for static sites: one a thread, with front matter; a comment's class tells its depth.

Nothing in a comment means anything to a site's generator: a text is one line of HTML, whose braces are written so that
neither Liquid nor a shortcode sees them.
"""

import html
from pathlib import Path

import msgspec

from outspoken.discussion.state import State
from outspoken.transfer.exporters.one_line import one_line
from outspoken.transfer.leaving import Exporter, Leaving, LeavingComment, LeavingThread, Loss

_TOMBSTONES = {State.REMOVED: "Removed by the moderators", State.DELETED: "Deleted by its author"}


class MarkdownFiles:
    """`THREAD.md` for each thread; `--output` is the folder."""

    name = "markdown"
    title = "Markdown files"
    loses: tuple[Loss, ...] = (Loss.SOURCE, Loss.CLOSED)

    def write(self, leaving: Leaving, path: Path) -> None:
        """Write them."""
        path.mkdir(mode=0o755)
        for thread in leaving.threads():
            with (path / f"{thread.thread.id}.md").open("w", encoding="utf-8", newline="\n") as file:
                file.write(_front_matter(thread))
                for comment in leaving.comments(thread):
                    file.write(_section(comment))


EXPORTER: Exporter = MarkdownFiles()


def _front_matter(thread: LeavingThread) -> str:
    story = thread.thread.story
    facts = {
        "title": story.headline,
        "date": thread.began.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "source_url": thread.url,
        "attribution": story.attribution,
        "excerpt": story.excerpt,
        "comments": thread.thread.comments,
    }
    # JSON is YAML, and leaves no doubt about what a text is.
    lines = (f"{name}: {msgspec.json.encode(value).decode()}" for name, value in facts.items())
    return "---\n" + "\n".join(lines) + "\n---\n"


def _section(it: LeavingComment) -> str:
    comment = it.comment
    name = _TOMBSTONES.get(comment.state, "Not shown") if comment.is_tombstone else it.name or "Anonymous"
    when = f" · {comment.created:%Y-%m-%d %H:%M}" if comment.created else ""
    edited = f" · edited {comment.edited:%Y-%m-%d %H:%M}" if comment.edited else ""
    votes = f" · +{comment.up} −{comment.down}" if comment.up or comment.down else ""
    answered = f' · in reply to <a href="#c{comment.parent}">{comment.parent}</a>' if comment.parent else ""
    head = f"<p><strong>{_inert(html.escape(name))}</strong>{when}{edited}{votes}{answered}</p>"
    body = _inert(it.html)
    return f'\n<div id="c{comment.number}" class="comment depth-{it.depth}">{head}{body}</div>\n'


def _inert(text: str) -> str:
    """Return HTML in one line: to Markdown, a blank line would end it, and what follows would be Markdown."""
    return one_line(text).replace("{", "&#123;").replace("}", "&#125;")
