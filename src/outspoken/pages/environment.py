"""The templates and what they may use: one environment a language, everything escaped, nothing undefined let pass."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from outspoken.pages import forms, links, static
from outspoken.pages.sayings import sayings
from outspoken.pages.translations import language


def environment(tag: str) -> Environment:
    """Return the environment whose texts are in the language called `tag`."""
    return _environment(language(tag).catalogue)


@cache
def _environment(catalogue: str) -> Environment:
    spoken = language(catalogue.replace("_", "-"))
    made = Environment(
        loader=PackageLoader("outspoken.pages"),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Packages don't change while they run; asking the disk whether they did costs more than rendering a notice.
        auto_reload=False,
    )
    # The extension adds this method, which the types of Environment don't tell.
    made.install_gettext_callables(  # type: ignore[attr-defined]
        spoken.translations.gettext, spoken.translations.ngettext, newstyle=True
    )
    made.globals.update(links=links, forms=forms, say=sayings(catalogue.replace("_", "-")), script=static.address)
    return made
