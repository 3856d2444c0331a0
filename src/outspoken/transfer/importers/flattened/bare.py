"""Discussions whose headlines are nothing but a name ("bare"): which items are comments, which are lists in them.

The extractor drops names that were links, then the text stands on the marker's line; and it prints a list within a
comment exactly like replies without text. So this layout needs judgement. The rule is never to invent a name: where
the page doesn't tell, an item is text, and what was decided without certainty is marked.
"""

from collections import Counter
from dataclasses import dataclass

from outspoken.transfer.importers.flattened.geometry import Item, Line, walk
from outspoken.transfer.importers.flattened.headlines import is_namelike
from outspoken.transfer.importers.flattened.words import is_button

_SHORT_NAME = 30
_SHORT_NAME_WORDS = 3
_LONG_RUN = 3
_ENOUGH = 3
"""So many sure names make a habit."""


@dataclass(frozen=True, slots=True)
class Named:
    """An item judged to be a comment."""

    author: str
    """"" if the marker's line is text, not a name."""
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class _Habits:
    """What the page as a whole tells about its items."""

    names: frozenset[str]
    """Heads that are names beyond doubt: a block stands below them, and they are no sentence or occur again."""
    named: int
    nameless: int
    kinds: frozenset[bool]
    """Whether sure comments have numbers (True) or bullets (False) for markers."""


def comments_among(roots: list[Item]) -> dict[Item, Named]:
    """Return the items that are comments. All others are lines of a list in the comment around them."""
    habits = _habits(roots)
    judged = {root: _named(root, habits) for root in roots}
    for item in walk(roots):
        if item in judged:
            _judge_children(item, habits, judged)
        else:
            below_entry = (part for part in item.parts if isinstance(part, Item) and _is_sure(part))
            judged.update((child, _named(child, habits)) for child in below_entry)
    return judged


def _habits(roots: list[Item]) -> _Habits:
    heads: Counter[str] = Counter()
    sure: set[str] = set()
    above_blocks: set[str] = set()
    kinds: set[bool] = set()
    named = nameless = 0
    for item in walk(roots):
        head = item.line.text
        if _could_be_name(head):
            heads[head] += 1
            if item.has_block():
                above_blocks.add(head)
        if _is_sure(item):
            sure.add(head)
            kinds.add(_is_numbered(item))
            named += 1
        elif (item.has_block() or item.closing_gap) and not is_namelike(head) and len(head.split()) > _SHORT_NAME_WORDS:
            nameless += 1
    repeated = {head for head in above_blocks if heads[head] > 1}
    return _Habits(frozenset(sure | repeated), named, nameless, frozenset(kinds))


def _named(item: Item, habits: _Habits) -> Named:
    """Judge whether the marker's line of a comment is its author's name."""
    head = item.line.text
    if head in habits.names:
        return Named(head)
    if is_namelike(head):
        if not item.has_block() and habits.nameless >= _ENOUGH and habits.nameless > 2 * habits.named:
            return Named("", guessed=True)
        return Named(head, guessed=habits.nameless > 0 and not item.has_block())
    return Named("")


def _judge_children(item: Item, habits: _Habits, judged: dict[Item, Named]) -> None:
    entries = _above_last_text(item)
    any_reply = False
    above: Line | None = None
    run: list[Item] = []
    for part in item.parts:
        if isinstance(part, Line) or part in entries:
            above = part if isinstance(part, Line) and not is_button(part.text) else None
        elif habits.kinds and _is_numbered(part) not in habits.kinds:
            continue
        elif any_reply:
            # A body and its lists come before the replies, so below a reply there are only replies.
            judged[part] = _named(part, habits)
        elif _is_bare(part) or (run and _ends_list(part)):
            run.append(part)
        else:
            _judge_run(run, above, _is_sure(part), habits, judged)
            run, above = [], None
            if not _is_prose_over_list(part):
                judged[part] = _named(part, habits)
                any_reply = True
    _judge_run(run, above, False, habits, judged)


def _above_last_text(item: Item) -> set[Item]:
    """Return the children above the last text of `item`: a body that goes on below a list shows it was a list.

    Nothing, if one of them is a comment beyond doubt; then it is the text that is out of place.
    """
    above: list[Item] = []
    waiting: list[Item] = []
    for part in item.parts:
        if isinstance(part, Item):
            waiting.append(part)
        elif not is_button(part.text):
            above += waiting
            waiting = []
    return set() if any(_is_sure(child) for child in above) else set(above)


def _judge_run(
    run: list[Item], above: Line | None, is_answered: bool, habits: _Habits, judged: dict[Item, Named]
) -> None:
    """Judge bare items that follow one another below the text `above`: replies that lost their text, or a list.

    `is_answered` tells that a reply beyond doubt follows on the same level.
    """
    prose = [index for index, child in enumerate(run) if not _is_name_at_all(child, habits)]
    if prose and len(run) == 1:
        # A list has two entries at least; this is a reply that lost its name.
        judged[run[0]] = Named("", guessed=True)
        return
    if prose:
        # Below a list of nothing but sentences, what is no sentence is no longer the list.
        is_over = len(prose) > 1 and prose[-1] == len(prose) - 1
        for child in run[prose[-1] + 1 :]:
            known = child.line.text in habits.names
            if known or is_over:
                judged[child] = Named(child.line.text, guessed=not known)
        return
    known = any(child.line.text in habits.names for child in run)
    if len(run) == 1 or known or above is None or _look_like_names(run, above, is_answered):
        judged.update((child, Named(child.line.text, guessed=not known)) for child in run)


def _look_like_names(run: list[Item], above: Line, is_answered: bool) -> bool:
    """Tell whether two bare items below a text are more likely replies than entries of a list."""
    if len(run) >= _LONG_RUN or above.text.endswith(":"):
        return False
    heads = [child.line.text for child in run]
    return any(_is_handle(head) for head in heads) or (is_answered and all(_is_person(head) for head in heads))


def _is_handle(head: str) -> bool:
    """Tell whether `head` has what pseudonyms have and words don't: signs, digits, capitals within."""
    return head[1:] != head[1:].lower() or any(not letter.isalpha() and letter not in " '’-.," for letter in head)


def _is_person(head: str) -> bool:
    """Tell whether `head` is a single word, or words that all begin with a capital (in scripts that have them)."""
    words = head.split()
    return len(words) == 1 or all(not word[0].islower() for word in words)


def _is_sure(item: Item) -> bool:
    """Tell whether `item` is a comment beyond doubt: a name with a block below it."""
    return item.has_block() and is_namelike(item.line.text)


def _is_bare(item: Item) -> bool:
    """Tell whether nothing at all stands below the marker's line, not even the blank line of an empty paragraph."""
    return not item.parts and not item.closing_gap


def _ends_list(item: Item) -> bool:
    """Tell whether `item`, right below a bare one, is the last sentence of a list. A comment that begins with a
    paragraph has a blank line above it, even if its name was lost."""
    return not item.parts and not item.line.gap and not is_namelike(item.line.text)


def _is_prose_over_list(item: Item) -> bool:
    """Tell whether `item` is an entry of a list with a list of its own."""
    first = item.parts[0] if item.parts else None
    return isinstance(first, Item) and not first.line.gap and not is_namelike(item.line.text)


def _is_name_at_all(item: Item, habits: _Habits) -> bool:
    return is_namelike(item.line.text) or item.line.text in habits.names


def _could_be_name(head: str) -> bool:
    """Tell whether `head` is so short that it could be a name in spite of the mark at its end ("Who?")."""
    return 0 < len(head) <= _SHORT_NAME and len(head.split()) <= _SHORT_NAME_WORDS


def _is_numbered(item: Item) -> bool:
    return item.line.marker.endswith(".")
