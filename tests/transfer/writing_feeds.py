"""Writes discussions as feeds of comments: RSS as WordPress has it, and Atom with its threading extension."""

from collections.abc import Sequence
from html import escape

from tests.transfer.made_up_blogs import Made, address


def rss(comments: Sequence[Made], encoding: str = "utf-8") -> bytes:
    """Return a site's feed of what is published, in the order given; RSS doesn't tell what replies to what."""
    items = (
        f"<item><title>Comment on Fish by {escape(comment.author)}</title>"
        f"<link>{address(comment.page)}#comment-{comment.number}</link><dc:creator>{escape(comment.author)}</dc:creator>"
        f"<pubDate>{comment.created:%a, %d %b %Y %H:%M:%S} +0000</pubDate>"
        f'<guid isPermaLink="false">{address(comment.page)}#comment-{comment.number}</guid>'
        f"<description>{escape(comment.text)}</description>"
        f"<content:encoded><![CDATA[<p>{escape(comment.text)}</p>]]></content:encoded></item>\n"
        for comment in comments
    )
    return (
        f'<?xml version="1.0" encoding="{encoding}"?><rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        "<channel><title>Comments for Harbour</title><link>https://harbour.example</link>\n"
        f"<generator>https://wordpress.org/?v=6.5</generator>{''.join(items)}</channel></rss>"
    ).encode(encoding, "xmlcharrefreplace")


def atom(comments: Sequence[Made], *, has_stories: bool = True) -> bytes:
    """Return a feed in which each comment says what it replies to, its parent or its page."""
    pages = sorted({comment.page for comment in comments}) if has_stories else []
    stories = (
        f"<entry><id>urn:page:{page}</id><title>Fish</title><link rel='alternate' href='{address(page)}'/></entry>\n"
        for page in pages
    )
    return (
        "<?xml version='1.0' encoding='utf-8'?>\n<feed xmlns='http://www.w3.org/2005/Atom' "
        "xmlns:thr='http://purl.org/syndication/thread/1.0'><id>urn:site</id><title>Comments for Harbour</title>\n"
        f"{''.join(stories)}{''.join(map(_entry, comments))}</feed>"
    ).encode()


def _entry(comment: Made) -> str:
    above = f"urn:comment:{comment.parent}" if comment.parent else f"urn:page:{comment.page}"
    return (
        f"<entry><id>urn:comment:{comment.number}</id><title>Fish</title>"
        f"<published>{comment.created.isoformat()}</published><updated>{comment.created.isoformat()}</updated>"
        f"<author><name>{escape(comment.author)}</name><email>ann@example.org</email></author>"
        f"<thr:in-reply-to ref='{above}' href='{address(comment.page)}'/>"
        f"<content type='html'>{escape(f'<p>{escape(comment.text)}</p>')}</content></entry>\n"
    )
