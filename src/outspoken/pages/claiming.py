"""The pages on which people claim what they wrote before it was imported: the code, what it leads to, what was done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from outspoken.discussion.thread import Site
from outspoken.pages import links, views
from outspoken.pages.comments import Moment, moment
from outspoken.pages.dressing import Dressing
from outspoken.pages.translations import Said, marked
from outspoken.store.recognising import Written

_TAKEN = (
    marked("It is yours now"),
    marked("This browser holds the key: at each of these comments you can delete it at any time, as its author."),
)
_ERASED = (
    marked("It is erased"),
    marked(
        "The texts and the names are destroyed and can't be brought back, not by another import either. "
        "Replies keep their place."
    ),
)


@dataclass(frozen=True, slots=True)
class ClaimForm:
    """The question for a code. Fields of the request: code, action, sure, submission."""

    code: str = ""
    submission: str = ""
    """Names the form, for a browser that is to be given a key: the same each time it is sent."""
    problems: Mapping[str, Said] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClaimedView:
    """A comment that somebody may have written."""

    headline: str
    href: str
    """Empty if readers aren't shown it."""
    name: str
    created: Moment | None


@dataclass(frozen=True, slots=True)
class OwnCode:
    """What opens a person's comments in one thread where no cookie holds the key."""

    href: str
    headline: str
    code: str


class Claiming(Dressing):
    """Renders the pages of claims."""

    def claim_page(self, site: Site, form: ClaimForm) -> str:
        """Return the page that asks for a code."""
        spoken = self._spoken(site)
        title = spoken.gettext(marked("Claim what you wrote"))
        return self._claiming("claim.html", site, form, title)

    def claimed_page(self, site: Site, form: ClaimForm, count: int, first: Sequence[Written], act: str = "") -> str:
        """Return what a code leads to, `count` comments, the `first` of them listed, and what can be done with them.

        `act` is what was begun with it already; then only that can go on.
        """
        spoken = self._spoken(site)
        title = spoken.gettext(marked("Is this what you wrote?"))
        return self._claiming(
            *("claimed.html", site, form, title),
            count=views.comment_count(spoken, count),
            names=list(dict.fromkeys(comment.name for comment in first if comment.name)),
            comments=[
                ClaimedView(
                    comment.headline,
                    links.comment(comment.thread, comment.number) if comment.is_published else "",
                    comment.name,
                    moment(spoken, comment.created),
                )
                for comment in first
            ],
            is_part=count > len(first),
            act=act,
        )

    def settled_page(
        self, site: Site, form: ClaimForm, act: str, done: int, left: int, codes: Sequence[OwnCode] = ()
    ) -> str:
        """Return what was done with a code just now, what is left of it, and codes for a browser without a key."""
        spoken = self._spoken(site)
        title, message = (spoken.gettext(text) for text in (_ERASED if act == "erase" else _TAKEN))
        if left:
            title = spoken.gettext(marked("Not all of it is done yet"))
        return self._claiming(
            *("settled.html", site, form, title),
            message=message,
            act=act,
            done=views.comment_count(spoken, done) if done else "",
            left=views.comment_count(spoken, left) if left else "",
            codes=codes,
            back_href=links.site(site.name),
        )

    def _claiming(self, template: str, site: Site, form: ClaimForm, title: str, **shown: Any) -> str:
        spoken = self._spoken(site)
        return self._page(
            template,
            self._frame(site, title, is_hidden=True),
            title=title,
            action=links.claim(site.name),
            form=form,
            problems={name: spoken.tell(said) for name, said in form.problems.items()},
            **shown,
        )
