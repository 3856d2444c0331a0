"""What makes a comment without an id the same comment, whatever of its page was saved: HTML, another day's HTML, text.

Such a comment is named by a digest of its page, of what it answers, of its author and of its words, and by a count
where all that is equal. Words are letters and digits only: quotation marks, spaces, line breaks and the marks of lists
come out differently from one saving to the next.
"""

import hashlib
import re
import unicodedata
from collections import Counter

from outspoken.text.hygiene import in_short_runs

_SIGNS = re.compile(r"[\W_]+")
_SURE_HEADLINE = 20
"""In bytes. Anything shorter may stand above several pages ("Home")."""


def words(text: str) -> str:
    """Return the letters and digits of `text`, case aside; of a text without any, what it has but white space."""
    folded = unicodedata.normalize("NFKC", in_short_runs(text)).casefold()
    return _SIGNS.sub("", folded) or "".join(text.split())


def page_key(headline: str, otherwise: str) -> str:
    """Return what a page is known by: its headline if that is long enough to be one, else its file's or site's name."""
    key = words(headline)
    return key if len(key.encode("utf-8", "surrogatepass")) >= _SURE_HEADLINE else otherwise


class Names:
    """Gives the comments of one page their ids, in reading order."""

    def __init__(self, page: str) -> None:
        self._page = page
        self._equal: Counter[str] = Counter()

    def name(self, answers: str, author: str, text: str) -> str:
        """Return the id of the next comment; `answers` tells what it replies to, "" for a root."""
        named = digest(self._page, answers, words(author), words(text))
        self._equal[named] += 1
        return digest(named, str(self._equal[named]))


def answered(author: str, text: str) -> str:
    """Return what tells a comment to those that reply to it.

    Not its whole line of ancestors: a fault high up in a tree shall not change the names of all below.
    """
    return digest(words(author), words(text))


def digest(*parts: str) -> str:
    """Return a short digest of texts in their order."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:24]
