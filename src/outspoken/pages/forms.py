"""What a writer is given back: what was written so far, what is wrong with it, and the fields that travel unseen."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from outspoken.pages.translations import Said

NAME_LENGTH = 60
"""Characters of a name at most."""
BODY_LENGTH = 16_384
"""Characters of a text at most."""
NOTE_LENGTH = 1_000
"""Characters of a note to the moderators at most."""
HONEYPOT = "website"
"""A field that people don't see and must leave empty."""


@dataclass(frozen=True, slots=True)
class Form:
    """The form for a new comment. Fields of the request: parent, name, body, token, submission, website, action."""

    parent: int = 0
    """Number of the comment that is replied to, 0 for none."""
    name: str = ""
    body: str = ""
    token: str = ""
    """Proves that the form came from here, and when. Votes on the same page are sent with it too."""
    submission: str = ""
    """Names this submission, so that the same sent twice is kept once."""
    problems: Mapping[str, Said] = field(default_factory=dict)
    """What is wrong, in plain words, by field; what belongs to no field is under the empty string."""
    preview_html: str | None = None
    """The rendered and sanitised text, if a preview was asked for."""
    warning: str | None = None
    """Something to consider before publishing; it doesn't prevent it."""
    hidden: Mapping[str, str] = field(default_factory=dict)
    """Further fields that travel along: which page it is about, if that has no discussion yet."""


@dataclass(frozen=True, slots=True)
class EditForm:
    """The form to change a comment. Fields of the request: body, code, token, action."""

    body: str = ""
    token: str = ""
    code: str = ""
    asks_code: bool = False
    """Whether this browser doesn't hold the comment's key, so that its code has to be entered."""
    problems: Mapping[str, Said] = field(default_factory=dict)
    preview_html: str | None = None
    warning: str | None = None


@dataclass(frozen=True, slots=True)
class CodeForm:
    """The question for the code of a comment that isn't shown. Fields of the request: code, body, action."""

    action: str
    """Where it is sent to."""
    code: str = ""
    body: str = ""
    """A changed text that was sent already; it comes back."""
    problems: Mapping[str, Said] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeleteForm:
    """The form to take a comment back. Fields of the request: code, token; in a frame, where no code is asked, sure."""

    token: str = ""
    code: str = ""
    asks_code: bool = False
    problems: Mapping[str, Said] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VoteForm:
    """The buttons to vote on one comment. Fields of the request: value, token, page."""

    token: str = ""
    value: str = ""
    """Which vote is meant, as far as is known: `up`, `down` or nothing."""
    problems: Mapping[str, Said] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReportForm:
    """The form to report a comment. Fields of the request: reason, note, token."""

    token: str = ""
    reason: str = ""
    note: str = ""
    problems: Mapping[str, Said] = field(default_factory=dict)
