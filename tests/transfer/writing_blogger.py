"""Writes discussions as Blogger backs them up: the classic feed, and Google Takeout's."""

from collections.abc import Sequence
from html import escape

from outspoken.discussion.state import State
from tests.transfer.made_up_blogs import Made, address

_BLOG = "tag:blogger.com,1999:blog-1000"
_KIND = (
    "<category scheme='http://schemas.google.com/g/2005#kind' term='http://schemas.google.com/blogger/2008/kind#{}'/>"
)
_STATUS = {State.PUBLISHED: "LIVE", State.HELD: "PENDING", State.SPAM: "SPAM", State.REMOVED: "GHOSTED",
           State.DELETED: "EMPTIED"}  # fmt: skip


def blogger(comments: Sequence[Made]) -> bytes:
    """Return the classic feed, entries in the order of `comments`. It knows no spam and nothing that waits."""
    pages = sorted({comment.page for comment in comments})
    entries = [
        f"<entry><id>{_BLOG}.settings.BLOG_NAME</id>{_KIND.format('settings')}<content>Harbour</content></entry>",
        *(
            f"<entry><id>{_BLOG}.post-{90 + page}</id>{_KIND.format('post')}<title type='text'>Fish</title>"
            f"<link rel='alternate' type='text/html' href='{address(page)}'/></entry>"
            for page in pages
        ),
        *map(_classic, comments),
    ]
    return (
        "<?xml version='1.0' encoding='UTF-8'?><?xml-stylesheet href='x' type='text/css'?>"
        "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:gd='http://schemas.google.com/g/2005' "
        f"xmlns:thr='http://purl.org/syndication/thread/1.0'><id>{_BLOG}.archive</id>{''.join(entries)}</feed>"
    ).encode()


def _classic(comment: Made) -> str:
    feed = f"http://www.blogger.com/feeds/1000/{90 + comment.page}/comments/default/"
    related = f"<link rel='related' href='{feed}{comment.parent}'/>" if comment.parent else ""
    is_gone = comment.state is not State.PUBLISHED
    removed = "<gd:extendedProperty name='blogger.contentRemoved' value='true'/>" if is_gone else ""
    return (
        f"<entry><id>{_BLOG}.post-{comment.number}</id><published>{comment.created.isoformat('T', 'milliseconds')}"
        f"</published>{_KIND.format('comment')}<title type='text'>{escape(comment.text)}</title>"
        f"<content type='html'>{escape(escape(comment.text))}</content><link rel='self' href='{feed}{comment.number}'/>"
        f"{related}<author><name>{escape(comment.author)}</name>"
        f"<uri>http://www.blogger.com/profile/{comment.number}</uri><email>noreply@blogger.com</email></author>"
        f"<thr:in-reply-to href='{address(comment.page)}' ref='{_BLOG}.post-{90 + comment.page}'/>{removed}</entry>"
    )


def takeout(comments: Sequence[Made]) -> bytes:
    """Return the `feed.atom` of Takeout, entries in the order of `comments`."""
    pages = sorted({comment.page for comment in comments})
    posts = (
        f"<entry><id>{_BLOG}.post-{90 + page}</id><blogger:type>POST</blogger:type>"
        f"<blogger:status>LIVE</blogger:status><title>Fish</title><blogger:filename>/2012/{page}.html</blogger:filename><blogger:trashed/></entry>\n"
        for page in pages
    )
    return (
        "<?xml version='1.0' encoding='utf-8'?>\n<feed xmlns='http://www.w3.org/2005/Atom' "
        f"xmlns:blogger='http://schemas.google.com/blogger/2018'>\n<id>{_BLOG}</id>\n"
        f"{''.join(posts)}{''.join(map(_of_takeout, comments))}</feed>"
    ).encode()


def _of_takeout(comment: Made) -> str:
    parent = f"{_BLOG}.post-{comment.parent}" if comment.parent else ""
    return (
        f"<entry><id>{_BLOG}.post-{comment.number}</id>"
        f"<blogger:parent>{_BLOG}.post-{90 + comment.page}</blogger:parent>"
        f"<blogger:inReplyTo>{parent}</blogger:inReplyTo><blogger:type>COMMENT</blogger:type>"
        f"<blogger:status>{_STATUS[comment.state]}</blogger:status>"
        f"<author><name>{escape(comment.author)}</name><uri></uri>"
        f"<blogger:type>ANONYMOUS</blogger:type></author><title></title><content type='html'>"
        f"{escape(escape(comment.text))}</content><published>{comment.created:%Y-%m-%dT%H:%M:%S.000Z}</published>"
        "<blogger:trashed/></entry>\n"
    )
