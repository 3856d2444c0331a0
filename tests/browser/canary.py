"""The canary: hostile texts, pages full of them, and a browser that tells whether any of them came to life.

Pages are made by the functions that make them for readers and handed to Chromium with the headers that the server
sends. To be fast, one page holds many texts. Where texts are put raw into a document, each has one of its own, in a
frame, so that none can swallow its neighbours.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from urllib.parse import quote

from playwright.sync_api import Browser, BrowserContext, Page, Route

from outspoken.discussion.comment import Body, Comment
from outspoken.discussion.state import State
from outspoken.discussion.thread import Site, Story
from outspoken.discussion.window import Branch, Window
from outspoken.pages import feeds, links, static
from outspoken.pages.forms import DeleteForm, EditForm
from outspoken.pages.rendering import Pages
from outspoken.text.markup import Markup
from outspoken.text.render import render
from tests.pages import making

BASE = "http://canary.test"
BATCH = 120
"""Texts on one page."""
PAGES = Pages(BASE)

Texts = Sequence[str]
Sink = Callable[[Texts], str]


def batches(texts: Texts, size: int = BATCH) -> Iterator[Texts]:
    """Cut `texts` into pieces of `size`."""
    for start in range(0, len(texts), size):
        yield texts[start : start + size]


# --- where texts go ---------------------------------------------------------------------------------------------------


def thread_page(comments: Sequence[Comment], **changes: object) -> str:
    """Return a thread's page that shows `comments`."""
    window = Window(making.a_window().sort, tuple(Branch(comment, (), 0, None) for comment in comments), None, None)
    thread = making.a_thread(comments=len(comments))
    return PAGES.thread_page(making.a_site(), thread, window, form=replace(making.a_form(), **changes))


def comments_of(texts: Texts, html: Callable[[str], str]) -> list[Comment]:
    """Return a comment for each text, with the HTML that `html` makes of it."""
    made = []
    for number, text in enumerate(texts, 1):
        shown = html(text)
        made.append(making.a_comment(number, body=Body(text, "markdown", shown, 1)))
    return made


def in_markup(markup: Markup, pattern: str = "{}") -> Sink:
    """Return the sink that shows texts of one kind as comments."""
    return lambda texts: thread_page(comments_of(texts, lambda text: render(pattern.replace("{}", text), markup)))


def _named(texts: Texts) -> list[Comment]:
    return [making.a_comment(number, name=text) for number, text in enumerate(texts, 1)]


def _marked(texts: Texts) -> list[Comment]:
    return comments_of(texts, lambda text: render(text, Markup.MARKDOWN))


def _signed(texts: Texts) -> list[Comment]:
    pairs = zip(_marked(texts), _named(texts), strict=True)
    return [replace(comment, author=named.author) for comment, named in pairs]


def _comment_page(texts: Texts) -> str:
    *above, last = _signed(texts)
    return PAGES.comment_page(
        making.a_site(), making.a_thread(), above, last, making.a_window(), token="token", notice=texts[0]
    )


def _print_page(texts: Texts) -> str:
    comments = _signed(texts)
    return "".join(PAGES.print_page(making.a_site(), making.a_thread(), comments))


def _story(text: str) -> Story:
    return making.a_story(
        headline=text, url=text, attribution=text, attribution_url=text, excerpt=f"{text}\n\n{text[::-1]}"
    )


def _front_page(texts: Texts) -> str:
    threads = [making.a_thread(story=_story(text)) for text in texts]
    latest = list(zip(threads, _named(texts), strict=True)) + list(zip(threads, _marked(texts), strict=True))
    others = [Site("other", text, ()) for text in texts]
    return PAGES.front_page(making.a_site(), threads, latest, others)


def _feed(texts: Texts) -> str:
    threads = [making.a_thread(story=_story(text)) for text in texts]
    comments = _signed(texts)
    return feeds.site_feed(BASE, making.a_site(), threads, list(zip(threads, comments, strict=True))).decode()


MANY: Mapping[str, Sink] = {
    "body as Markdown": in_markup(Markup.MARKDOWN),
    "body as imported HTML": in_markup(Markup.HTML),
    "author's name": lambda texts: thread_page(_named(texts)),
    "body as text": in_markup(Markup.TEXT),
    "Markdown link": in_markup(Markup.MARKDOWN, "[words]({})"),
    "Markdown in angle brackets": in_markup(Markup.MARKDOWN, "<{}>"),
    "Markdown code": in_markup(Markup.MARKDOWN, "```{}\n{}\n```"),
    "imported link": in_markup(Markup.HTML, "<a href='{}'>words</a>"),
    "imported picture": in_markup(Markup.HTML, '<img src="{}" alt="{}">'),
    "comment's page": _comment_page,
    "print page": _print_page,
    "front page": _front_page,
    "feed": _feed,
}
"""Sinks that take many texts a page; the first three are the main ones."""


def _story_page(text: str) -> str:
    site, thread = making.a_site(title=text), making.a_thread(story=_story(text))
    form = making.a_form(name=text, body=text, problems={"name": text, "body": text, "": text}, warning=text)
    return PAGES.thread_page(site, thread, making.a_window(), form=form)


def _form_page(text: str) -> str:
    form = making.a_form(
        name=text,
        body=text,
        token=text,
        submission=text,
        problems={"name": text, "body": text, "": text},
        preview_html=render(text, Markup.MARKDOWN),
        warning=text,
    )
    return PAGES.form_page(making.a_site(), making.a_thread(), making.a_comment(name=text), form)


def _edit_page(text: str) -> str:
    form = EditForm(text, text, text, asks_code=True, problems={"code": text}, preview_html=render(text, Markup.HTML))
    return PAGES.edit_page(making.a_site(), making.a_thread(), making.a_comment(), form)


def _delete_page(text: str) -> str:
    form = DeleteForm(text, text, asks_code=True, problems={"code": text})
    return PAGES.delete_page(making.a_site(), making.a_thread(), making.a_comment(name=text), form)


ONE: Mapping[str, Callable[[str], str]] = {
    "story, site title, form below": _story_page,
    "form with problems and preview": _form_page,
    "form to edit": _edit_page,
    "form to delete": _delete_page,
    "page of a held comment": lambda text: PAGES.posted_page(
        making.a_site(), making.a_thread(), 7, State.HELD, code=text, reason=text
    ),
    "error page": lambda text: PAGES.error_page(404, text, text, site=making.a_site(title=text)),
    "page that asks for a claim's code": lambda text: making.claim_pages(making.a_site(title=text), text)["claim"],
    "page of what is claimed": lambda text: making.claim_pages(making.a_site(title=text), text)["claimed"],
    "page of what was claimed": lambda text: making.claim_pages(making.a_site(title=text), text)["settled"],
    "notice": lambda text: PAGES.notice_page(None, text, text, (links.comments(text), text)),
}
"""Sinks that take one text a page."""


def framed(documents: Sequence[str], *, sandbox: str = "") -> str:
    """Return a page that holds whole documents, each in a frame, to which the page's policy applies as well."""
    limits = f'sandbox="{sandbox}"' if sandbox else ""
    frames = (
        f'<iframe name="{number}" {limits} srcdoc="{escape(it)}"></iframe>' for number, it in enumerate(documents)
    )
    return "<!doctype html><title>frames</title>" + "".join(frames)


def raw(text: str) -> str:
    """Return a document in which nothing is sanitised.

    The text stands in an element, in attributes, as a link and in a script's string: wherever one may be at home.
    """
    return (
        f"<!doctype html><body><div>{text}</div><input value=\"{text}\"><input value='{text}'>"
        f'<a href="{escape(text)}">words</a><script>var it = "{text}"</script>'
    )


# --- the browser that watches -----------------------------------------------------------------------------------------

_HOOKS = """
for (const name of ['alert', 'confirm', 'prompt', 'print', 'open']) {
  window[name] = () => { window.cameToLife(window.name || 'page'); return null };
}
const provoke = () => {
  for (const it of document.querySelectorAll('*')) {
    for (const { name } of [...it.attributes]) {
      if (name.startsWith('on')) try { it.dispatchEvent(new Event(name.slice(2))) } catch {}
    }
    if (it.localName === 'a' && /^\\s*javascript:/i.test(it.getAttribute('href') || '')) it.click();
  }
};
addEventListener('load', () => setTimeout(provoke, 0));
"""
SETTLED = "() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)))"
# Without a list of known elements, the document is a feed, which has links of its own.
INSPECT = """known => {
  const found = [];
  const acts = /^(href|src|action|formaction|data|srcdoc|poster|background|ping|to|values|from)$/;
  for (const it of document.querySelectorAll('*')) {
    if (known && !known.includes(it.localName)) found.push('<' + it.localName + '>');
    for (const { name, value } of it.attributes) {
      const plain = value.replace(/[\\s\\u0000-\\u0020]/g, '').toLowerCase();
      if (name.toLowerCase().startsWith('on')) found.push(it.localName + ' ' + name);
      if (known && name === 'style') found.push(it.localName + ' style');
      if (acts.test(name.split(':').pop()) && /^(javascript|data|vbscript|blob|file):/.test(plain)) found.push(value);
    }
    const isOurs = it.type === 'application/ld+json' || /^\\/static\\/[\\w.]+$/.test(it.getAttribute('src') || '');
    if (it.localName === 'script' && !isOurs) found.push('script');
    if (known && ['link', 'meta'].includes(it.localName) && it.parentNode !== document.head) found.push(it.localName);
    if (it.localName === 'meta' && it.httpEquiv) found.push('meta ' + it.httpEquiv);
  }
  return found;
}"""
TAGS = (
    *("html", "head", "meta", "title", "link", "script", "body", "a", "header", "main", "footer", "article", "section"),
    *("nav", "h1", "h2", "h3", "p", "span", "bdi", "time", "ol", "ul", "li", "details", "summary", "div", "small"),
    *("blockquote", "code", "pre", "em", "strong", "del", "br", "b", "i", "u", "s", "q", "cite"),
    *("form", "input", "button", "label", "textarea", "svg", "path", "circle"),
)
"""Elements that our pages are made of; nothing a reader writes may add another."""


@dataclass
class Watch:
    """What happened on the pages that were shown."""

    alive: list[str] = field(default_factory=list)
    """Names of the documents that called one of the hooked functions."""
    elsewhere: list[str] = field(default_factory=list)
    """Requests for anything but the page and its style sheet and icon."""
    found: list[str] = field(default_factory=list)
    """Things in a document that don't belong there."""
    shown: int = 0
    """Texts that were shown."""


def hooked(browser: Browser) -> tuple[BrowserContext, Watch]:
    """Return a context in whose pages nothing hostile can run unnoticed, and where it is written down."""
    context, watch = browser.new_context(), Watch()

    def came_to_life(name: str) -> None:
        watch.alive.append(name)

    context.expose_function("cameToLife", came_to_life)
    context.add_init_script(_HOOKS)
    return context, watch


class Canary:
    """A page of a browser that shows what it is given, from an address nobody has, and watches it."""

    def __init__(self, browser: Browser, headers: Mapping[str, str]) -> None:
        self._context, self.watch = hooked(browser)
        self._headers = headers
        self._documents: dict[str, tuple[str, str, bool]] = {}
        self._assets = {f"{BASE}{links.static(name)}": asset for name, asset in static.assets().items()}
        self._context.route("**/*", self._answer)
        self.page: Page = self._context.new_page()
        self.page.on("dialog", lambda dialog: dialog.dismiss())

    def close(self) -> None:
        """Close the page."""
        self._context.close()

    def show(self, content: str, count: int, *, kind: str = "text/html", policy: bool = True) -> None:
        """Show a document that holds `count` texts, provoke it, and look at what stands in it."""
        self._open(content, kind, policy)
        self.watch.found += self.page.evaluate(INSPECT, None if "xml" in kind else TAGS)
        self.watch.shown += count

    def show_frames(self, documents: Sequence[str], *, policy: bool = True) -> None:
        """Show documents, each in a frame, provoke them, and look at what stands in them."""
        self._open(framed(documents), "text/html", policy)
        for frame in self.page.frames[1:]:
            self.watch.found += frame.evaluate(INSPECT, TAGS)
        self.watch.shown += len(documents)

    def show_raw(self, texts: Texts, *, policy: bool) -> None:
        """Show texts as they are, each in a frame that it can't break out of, and provoke them."""
        self._open(
            framed([raw(text) for text in texts], sandbox="allow-scripts allow-same-origin"), "text/html", policy
        )
        self.watch.shown += len(texts)

    def _open(self, content: str, kind: str, policy: bool) -> None:
        address = f"{BASE}/{self.watch.shown}"
        self._documents = {address: (content, kind, policy)}
        self.page.goto(address, wait_until="load")
        self.page.evaluate(SETTLED)

    def _answer(self, route: Route) -> None:
        url = route.request.url
        if url in self._documents:
            content, kind, policy = self._documents[url]
            headers = dict(self._headers) if policy else {}
            route.fulfill(body=content, headers={**headers, "content-type": f"{kind}; charset=utf-8"})
        elif url in self._assets:
            asset = self._assets[url]
            route.fulfill(body=asset.content, content_type=asset.content_type)
        elif re.fullmatch(rf"{BASE}(?:/null)?/api/v1/threads/\w+/live", url):
            # The page's own script asks whether there is more.
            route.abort()
        else:
            self.watch.elsewhere.append(url)
            route.abort()


def in_address(text: str) -> str:
    """Return `text` as it may stand in an address."""
    return quote(text, safe="")
