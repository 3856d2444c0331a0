"""What an address is called where nobody's reading may be told: the route it leads to, without what was asked for."""

import re
from collections.abc import Iterable

OTHER = "other"
"""Any address that leads nowhere."""

PUBLIC = (
    *("/", "/feed.atom", "/s/{site}", "/s/{site}/feed.atom"),
    *("/t/{thread}/feed.atom", "/static/{file}", "/embed.js", "/compat.js"),
)
"""Routes that are answered in front of the framework, which therefore doesn't know them."""

_PARAMETER = re.compile(r"\{[a-z]+\}")


class Routes:
    """The templates of all routes, such as `/t/{thread}/{number}`."""

    def __init__(self, templates: Iterable[str]) -> None:
        templates = {*templates, *PUBLIC}
        self._plain = {template for template in templates if "{" not in template}
        # What is written out comes before what stands for anything: `/t/x/print` isn't a comment.
        self._patterns = [
            (re.compile(_PARAMETER.sub("[^/]+", re.escape(template).replace(r"\{", "{").replace(r"\}", "}"))), template)
            for template in sorted(templates - self._plain, key=lambda template: (template.count("{"), template))
        ]

    def template(self, path: str) -> str:
        """Return the template that a path fits, or `OTHER`."""
        if path in self._plain:
            return path
        path = path.removesuffix("/")
        for pattern, template in self._patterns:
            if pattern.fullmatch(path):
                return template
        return OTHER
