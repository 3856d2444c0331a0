"""Pages whose discussion came from elsewhere when somebody looked at them, and so isn't in what was saved."""

import re

from outspoken.transfer.importers.saved.elements import Element, every, named

_LONGEST = 2_000
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("Disqus", re.compile(r"disqus_thread|disqus\.com/(?:embed|[^/]*embed\.js)|disqus_shortname")),
    ("Facebook", re.compile(r"fb-comments|facebook\.com/plugins/(?:feedback|comments)")),
    ("Isso", re.compile(r"isso-thread")),
    ("Remark42", re.compile(r"remark42")),
    ("Commento", re.compile(r"commento(?:\b|\.js)")),
    ("Comentario", re.compile(r"comentario(?:-comments|\.js)")),
    ("Coral", re.compile(r"coral_thread|coral-embed|talk-embed")),
    ("Livefyre", re.compile(r"livefyre")),
    ("IntenseDebate", re.compile(r"idc-container|intensedebate")),
    ("giscus", re.compile(r"giscus\.app|\bgiscus\b")),
    ("utterances", re.compile(r"utteranc\.es")),
    ("Hyvor Talk", re.compile(r"hyvor-talk")),
    ("Blogger", re.compile(r"blogger\.com/(?:comment/frame|comment-iframe)")),
)


def absent_discussion(tree: Element) -> str:
    """Return whose script or frame would have shown the discussion, "" if none is seen."""
    for element in every(tree, named("iframe", "script", "div", "section", "a")):
        signs = " ".join(element.get(name) or "" for name in ("src", "id", "class", "href"))[:_LONGEST]
        for kind, sign in _KINDS:
            if sign.search(signs):
                return kind
    return ""
