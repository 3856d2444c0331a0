"""What the owner of a site pastes: the tag, with or without a hash, the frame, and what a strict policy must allow."""

from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode

from outspoken.pages import links, static
from outspoken.pages.translations import language

SANDBOX = "allow-scripts allow-forms allow-same-origin allow-popups allow-popups-to-escape-sandbox"
"""What a frame of ours needs: its own origin, so that its cookie is its own, and a way out into a page of its own."""
COLOURS = {
    "accent": "#0d5763",
    "ink": "#1d1b18",
    "quiet": "#625d54",
    "line": "#dcd6c9",
    "tint": "#e4eff0",
    "paper": "#ffffff",
}
"""Custom properties that a page may set, `--outspoken-accent` and so on, and what they are in a light page."""


@dataclass(frozen=True, slots=True)
class Tags:
    """What is pasted for one site of a server at `base`, such as `https://talk.example`."""

    base: str
    site: str

    def element(self, **attributes: str) -> str:
        """Return the tag that everybody can use; empty attributes are left out."""
        return f'<script src="{escape(self.base)}/embed.js" async></script>\n{self._thread(attributes)}'

    def element_with_hash(self, **attributes: str) -> str:
        """Return the tag that takes this version of the script and no other."""
        source = links.absolute(self.base, static.address("embed.js"))
        hash = static.named("embed.js").integrity
        return (
            f'<script src="{escape(source)}" integrity="{hash}" crossorigin="anonymous" async></script>\n'
            f"{self._thread(attributes)}"
        )

    def frame(self, url: str, tag: str) -> str:
        """Return a page's whole discussion as a frame without script, named in the language `tag`, such as `de`."""
        title = language(tag).gettext("A discussion")
        source = f"{self.base}/frame/page?{urlencode({'site': self.site, 'url': url})}"
        return (
            f'<iframe src="{escape(source)}" title="{escape(title)}"\n'
            '  loading="lazy" referrerpolicy="origin" allow=""\n'
            f'  sandbox="{SANDBOX}"\n'
            '  style="width: 100%; height: 40rem; border: 0"></iframe>'
        )

    def policy(self) -> str:
        """Return what a page with a strict content security policy has to allow, a directive a line."""
        return "\n".join(f"{directive} {self.base};" for directive in ("script-src", "connect-src", "frame-src"))

    def style(self, colours: dict[str, str]) -> str:
        """Return the style rule that sets these colours; nothing for none."""
        lines = [f"  --outspoken-{name}: {value};\n" for name, value in colours.items() if value]
        return "outspoken-thread {\n" + "".join(lines) + "}" if lines else ""

    def _thread(self, attributes: dict[str, str]) -> str:
        written = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items() if value)
        return f'<outspoken-thread site="{escape(self.site)}"{written}></outspoken-thread>'
