"""Writes discussions as WordPress exports them: of every version, and with the faults of real files."""

from collections.abc import Collection, Sequence
from html import escape

from outspoken.discussion.state import State
from tests.transfer.made_up_blogs import Made, address

FAULTS = (
    *("undeclared prefixes", "nothing declared", "stray signs", "entities of HTML", "control characters", "no CDATA"),
    *("carriage returns", "foreign bytes"),
)
VERSIONS = ("1.0", "1.1", "1.2")
_APPROVED = {State.PUBLISHED: "1", State.HELD: "0", State.SPAM: "spam", State.REMOVED: "trash", State.DELETED: "trash"}


def wxr(
    comments: Sequence[Made],
    *,
    version: str = "1.2",
    scheme: str = "http",
    faults: Collection[str] = (),
    between: str = "",
) -> bytes:
    """Return an export of `comments`, those of a page in the order given; `between` stands after each page."""
    pages = list(dict.fromkeys(comment.page for comment in comments))
    items = [_item(page, [c for c in comments if c.page == page], faults) + between for page in pages]
    declared = "" if "nothing declared" in faults else f'xmlns:wp="{scheme}://wordpress.org/export/{version}/"'
    stray = (
        '<atom:link rel="search" href="https://harbour.example/osd.xml" />' if "undeclared prefixes" in faults else ""
    )
    document = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<!-- generator="WordPress" -->\n'
        f'<rss version="2.0" {declared} xmlns:content="http://purl.org/rss/1.0/modules/content/">\n<channel>\n'
        f"<title>Harbour{' & more <3' if 'stray signs' in faults else ''}</title>\n{stray}\n"
        f"<wp:wxr_version>{version}</wp:wxr_version>\n<wp:base_blog_url>https://harbour.example</wp:base_blog_url>\n"
        f"{''.join(items)}</channel>\n</rss>\n"
    )
    if "carriage returns" in faults:
        document = document.replace("\n", "\r\n")
    written = document.encode()
    if "foreign bytes" in faults:
        written = written.replace("ä".encode(), b"\xe4").replace("ß".encode(), b"\xdf").replace("é".encode(), b"\xe9")
    return written


def _item(page: int, comments: Sequence[Made], faults: Collection[str]) -> str:
    title = "Fish &nbsp; chips" if "entities of HTML" in faults else "Fish"
    article = "a < b & c" if "stray signs" in faults else "<![CDATA[<p>An <item> & a </wp:comment>.</p>]]>"
    return (
        f"<item>\n<title>{title}</title>\n<link>{address(page)}</link>\n"
        f'<guid isPermaLink="false">https://harbour.example/?p={page}</guid>\n'
        f"<content:encoded>{article}</content:encoded>\n<wp:post_id>{page}</wp:post_id>\n"
        f"<wp:post_date_gmt>2012-01-0{page} 10:00:00</wp:post_date_gmt>\n<wp:status>publish</wp:status>\n"
        f"{''.join(_comment(comment, faults) for comment in comments)}</item>\n"
    )


def _comment(comment: Made, faults: Collection[str]) -> str:
    content = _wrapped(comment.text, faults)
    if "control characters" in faults:
        content = content.replace(" ", " \x0b\x1f")
    moment = f"{comment.created:%Y-%m-%d %H:%M:%S}"
    return (
        f"<wp:comment>\n<wp:comment_id>{comment.number}</wp:comment_id>\n"
        f"<wp:comment_author>{_wrapped(comment.author, faults)}</wp:comment_author>\n"
        "<wp:comment_author_email>ann@example.org</wp:comment_author_email>\n"
        "<wp:comment_author_url></wp:comment_author_url>\n<wp:comment_author_IP>203.0.113.9</wp:comment_author_IP>\n"
        f"<wp:comment_date>{moment}</wp:comment_date>\n<wp:comment_date_gmt>{moment}</wp:comment_date_gmt>\n"
        f"<wp:comment_content>{content}</wp:comment_content>\n"
        f"<wp:comment_approved>{_APPROVED[comment.state]}</wp:comment_approved>\n<wp:comment_type></wp:comment_type>\n"
        f"<wp:comment_parent>{comment.parent or 0}</wp:comment_parent>\n<wp:comment_user_id>0</wp:comment_user_id>\n"
        "<wp:commentmeta>\n<wp:meta_key>akismet_history</wp:meta_key>\n"
        '<wp:meta_value><![CDATA[a:1:{s:4:"user";s:3:"ann";}]]></wp:meta_value>\n</wp:commentmeta>\n</wp:comment>\n'
    )


def _wrapped(text: str, faults: Collection[str]) -> str:
    if "no CDATA" in faults:
        return escape(text)
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"
