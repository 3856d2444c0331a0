"""Writes discussions as Movable Type and TypePad export them."""

import random
from collections.abc import Sequence

from tests.transfer.made_up_blogs import Made, address


def movable_type(comments: Sequence[Made], seed: int = 0, newline: str = "\n") -> bytes:
    """Return an export; the fields of a comment come in an order by chance, dates in both forms."""
    dice = random.Random(seed)
    pages = sorted({comment.page for comment in comments} or {1})
    entries = [_entry(page, [comment for comment in comments if comment.page == page], dice) for page in pages]
    return "".join(entries).replace("\n", newline).encode()


def _entry(page: int, comments: Sequence[Made], dice: random.Random) -> str:
    ping = "PING:\nTITLE: Elsewhere\nURL: https://other.example/\nIP: 203.0.113.9\nBLOG NAME: Other\nSeen.\n-----\n"
    fields = (
        f"AUTHOR: Editor\nTITLE: Fish\nBASENAME: fish\nSTATUS: Publish\nALLOW COMMENTS: 1\n"
        f"UNIQUE URL: {address(page)}\nDATE: 03/0{page}/2012 10:00:00 PM\n"
    )
    article = "BODY:\nAn article.\n-----\n--------\nwith dashes.\n-----\nEXTENDED BODY:\n\n-----\n"
    said = "".join(_comment(comment, dice) for comment in comments)
    return f"{fields}-----\n{article}{ping if page == 1 else ''}{said}--------\n"


def _comment(comment: Made, dice: random.Random) -> str:
    form = dice.choice(["%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S"])
    fields = [
        f"AUTHOR: {comment.author}",
        f"DATE: {comment.created.strftime(form)}",
        "EMAIL: ann@example.org",
        "IP: 203.0.113.9",
        'URL: <a href="https://ann.example/">https://ann.example/</a>',
    ]
    dice.shuffle(fields)
    return "COMMENT:\n" + "\n".join(fields) + f"\n{comment.text}\n-----\n"
