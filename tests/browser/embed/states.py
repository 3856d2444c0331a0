"""Every state that an embedded discussion can be in, in any language, and how a reader brings it there."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
from playwright.sync_api import Frame, Page

from outspoken.pages.translations import language
from tests.browser.embed.hosts import TALK
from tests.browser.embed.staging import Stage
from tests.browser.kinds import NEVER, a_name

STORIES = {
    "en": ("The bench on the quay", "It will stand where the old crane stood, the harbour office said."),
    "ar": ("المقعد على الرصيف", "سيقف المقعد حيث كانت الرافعة القديمة، كما قال مكتب الميناء."),
    "zh-Hans": ("码头上的长椅", "港务处说，长椅会放在旧起重机原来的地方。"),
}
"""What the page around tells, by the language it is in; in others it stays English."""
_STYLE = (
    '<meta name="color-scheme" content="light dark"><style>body { margin: 0 auto; padding: 1rem; max-width: 46rem; '
    "font: 1.0625rem/1.5 Georgia, serif; background: Canvas } footer { border-top: 1px solid; padding-top: 0.5rem }"
    "</style>"
)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody with a page of theirs open, and the language it is in."""

    stage: Stage
    page: Page
    tag: str

    def comes(self, thread: str, attributes: str = "", hash: str = "") -> None:
        """Open a page that shows a thread, and wait until it stands."""
        self._comes(f'url="https://pier.example/{thread}" {attributes}', hash)

    def comes_first(self) -> None:
        """Open a page of which nobody has said anything yet."""
        self._comes("")

    def _comes(self, attributes: str, hash: str = "") -> None:
        headline, told = STORIES.get(self.tag, STORIES["en"])
        body = (
            f'<main><article><h1>{headline}</h1><p>{told}</p></article><outspoken-thread site="pier" lang="{self.tag}" '
            f'loading="eager" {attributes}></outspoken-thread></main><footer>{headline}</footer>'
            f'<script src="https://{TALK}/embed.js" async></script>'
        )
        spoken = f'lang="{self.tag}" dir="{language(self.tag).direction}"'
        # Each its own path, or another's discussion would be begun already.
        path = f"/{self.tag}/{a_name().replace(' ', '-')}"
        self.page.goto(self.stage.host.put(path, body, head=_STYLE, html=spoken) + hash)
        self.page.locator("section.outspoken").wait_for()

    def acts(self, act: str, number: int = 0) -> Frame:
        """Do what a link of a comment, or of the whole discussion, offers; return the frame when it stands."""
        place = self.page.locator(f"#outspoken-c{number} > article" if number else "outspoken-thread .bar")
        link = place.locator(f"[data-act={act}]").first
        if not link.is_visible():
            place.locator(".acts > summary").click()
        link.click()
        return self.sees(".buttons")

    def sees(self, what: str) -> Frame:
        """Wait until something stands in the frame, and return the frame."""
        self.page.frame_locator("outspoken-thread iframe").locator(what).first.wait_for()
        frame = self.page.locator("outspoken-thread iframe").element_handle().content_frame()
        assert frame is not None
        return frame

    def goes(self, path: str, what: str) -> Frame:
        """Let the frame show another page of ours, and wait for something in it."""
        address = f"https://{TALK}/frame/t/{path}{'&' if '?' in path else '?'}lang={self.tag}"
        self.page.locator("outspoken-thread iframe").evaluate("(frame, address) => frame.src = address", address)
        return self.sees(what)

    def posts(self, thread: str, text: str, *, parent: int = 0) -> str:
        """Write a comment as somebody else does meanwhile; return where its writer is led without a cookie."""
        address = f"{self.stage.inner}/frame/t/{thread}/comments"
        form = httpx.get(address).text
        token = form.partition('name="token" value="')[2].partition('"')[0]
        fields = {"token": token, "body": text, "name": a_name(), "parent": str(parent)}
        answer = httpx.post(address, data=fields, headers={"origin": f"https://{TALK}"})
        return answer.headers["location"].removeprefix("/frame/t/")

    def writes(self, text: str, *, name: str = "", button: str = ".main") -> Frame:
        """Answer the first comment, and press a button of the form."""
        frame = self.acts("reply", 1)
        frame.locator("textarea").fill(text)
        frame.locator("[name=name]").fill(name)
        frame.locator(f".buttons {button}").click()
        return frame

    def has_written(self) -> int:
        """Write a comment that is shown at once, and return its number."""
        self.comes(self.stage.filled.playground)
        name = a_name()
        self.writes("I *sat* there.\n\n> Has anybody?", name=name)
        mine = self.page.locator("li.marked", has_text=name)
        mine.wait_for()
        return int(mine.get_attribute("data-number") or 0)


Look = Callable[[Visitor], Page | Frame]
"""Brings a page into a state, and returns the document to be looked at."""


def _read(thread: str, attributes: str = "", hash: str = "") -> Look:
    def look(visitor: Visitor) -> Page:
        visitor.comes(getattr(visitor.stage.filled, thread), attributes, hash)
        return visitor.page

    return look


def _marked(visitor: Visitor) -> Page:
    visitor.comes(visitor.stage.filled.deep, hash="#outspoken-c12")
    visitor.page.locator("#outspoken-c12.marked").wait_for()
    return visitor.page


def _undiscussed(visitor: Visitor) -> Page:
    visitor.comes_first()
    return visitor.page


def _not_ours(visitor: Visitor) -> Page:
    visitor.comes(visitor.stage.filled.playground)
    visitor.page.locator("outspoken-thread").evaluate("it => it.setAttribute('url', 'https://elsewhere.example/')")
    visitor.page.locator("section[data-status]").wait_for()
    return visitor.page


def _folded(visitor: Visitor) -> Page:
    visitor.comes(visitor.stage.filled.deep)
    visitor.page.locator("#outspoken-c2 > details > summary").click()
    return visitor.page


def _keys(visitor: Visitor) -> Page:
    visitor.comes(visitor.stage.filled.deep)
    visitor.page.locator("#outspoken-c1 > article .body").click()
    visitor.page.keyboard.press("?")
    visitor.page.locator("dialog.keys").wait_for()
    return visitor.page


def _forgotten(visitor: Visitor) -> Page:
    page = _keys(visitor)
    page.locator("dialog.keys button").last.click()
    return page


def _peeked(visitor: Visitor) -> Page:
    visitor.comes(visitor.stage.filled.mixed)
    visitor.page.locator("#outspoken-c2 > article .to a").focus()
    visitor.page.locator(".peek").wait_for()
    return visitor.page


def _acts_shown(visitor: Visitor) -> Page:
    visitor.comes(visitor.stage.filled.deep)
    visitor.page.locator("#outspoken-c3 > article .acts > summary").click()
    return visitor.page


def _hidden(visitor: Visitor) -> Page:
    page = _acts_shown(visitor)
    page.locator("#outspoken-c3 > article .acts > button").last.click()
    page.locator("#outspoken-c3.muted").wait_for()
    return page


def _announced(visitor: Visitor) -> Page:
    visitor.comes(visitor.stage.filled.playground, 'sort="newest"')
    told = visitor.page.locator(".news button")
    for _ in range(10):
        visitor.posts(visitor.stage.filled.playground, "Has anybody sat on it?")
        # Whoever asks for news before the stream stands isn't told of what came before.
        visitor.page.wait_for_timeout(200)
        if told.count():
            break
    told.wait_for()
    return visitor.page


def _arrived(visitor: Visitor) -> Page:
    page = _announced(visitor)
    page.locator(".news button").click()
    page.locator("li.new .fresh").first.wait_for()
    return page


def _own(visitor: Visitor) -> Page:
    visitor.has_written()
    return visitor.page


def _act(act: str, number: int = 0, *, is_page: bool = False) -> Look:
    def look(visitor: Visitor) -> Page | Frame:
        visitor.comes(visitor.stage.filled.playground)
        frame = visitor.acts(act, number)
        return visitor.page if is_page else frame

    return look


def _begun(visitor: Visitor) -> Frame:
    visitor.comes_first()
    return visitor.acts("write")


def _quoted(visitor: Visitor) -> Frame:
    visitor.comes(visitor.stage.filled.playground)
    visitor.page.locator("#outspoken-c1 > article .body").evaluate("it => getSelection().selectAllChildren(it)")
    return visitor.acts("reply", 1)


def _helped(visitor: Visitor) -> Frame:
    visitor.comes(visitor.stage.filled.playground)
    frame = visitor.acts("write")
    frame.locator(".help > summary").click()
    return frame


def _previewed(visitor: Visitor) -> Frame:
    visitor.comes(visitor.stage.filled.playground)
    visitor.writes("I was *there*.\n\n> On Tuesday\n\n`it` does. See <https://pier.example>.", button="[value=preview]")
    return visitor.sees("section.preview")


def _refused(visitor: Visitor) -> Frame:
    visitor.comes(visitor.stage.filled.mixed)
    # Looks like one who has spoken there.
    visitor.writes("I was there.", name="Ganneţ")
    return visitor.sees(".problem")


def _expired(visitor: Visitor) -> Frame:
    visitor.comes(visitor.stage.filled.playground)
    frame = visitor.acts("reply", 1)
    frame.locator("[name=token]").evaluate("it => it.value = '1.0'")
    frame.locator("textarea").fill("It took me two days to write this.")
    frame.locator(".buttons .main").click()
    return visitor.sees(".notice, .problem")


def _held(visitor: Visitor) -> Frame:
    visitor.comes(visitor.stage.filled.playground)
    visitor.writes("https://one.example https://two.example")
    return visitor.sees("[data-sent]")


def _rejected(visitor: Visitor) -> Frame:
    frame, filled = _held(visitor), visitor.stage.filled
    number = frame.locator("html").get_attribute("data-number") or ""
    command = [Path(sys.executable).with_name("outspoken"), "moderate", "reject", filled.playground, number]
    subprocess.run([*command, "--data", visitor.stage.folder], check=True, capture_output=True)
    # A page around that led there would see no more than everybody.
    frame.locator("html").evaluate("() => location.reload()")
    frame.get_by_text("A moderator decided so.").wait_for()
    return visitor.sees("[data-sent]")


def _noted(visitor: Visitor) -> Frame:
    filled = visitor.stage.filled
    visitor.comes(filled.playground)
    visitor.acts("write")
    return visitor.goes(visitor.posts(filled.playground, "No cookie holds me."), "code.code")


def _edited(visitor: Visitor) -> Frame:
    return visitor.acts("edit", visitor.has_written())


def _edited_too_long(visitor: Visitor) -> Frame:
    frame = _edited(visitor)
    frame.locator("textarea").evaluate("it => it.removeAttribute('maxlength')")
    frame.locator("textarea").fill("x" * 30_000)
    frame.locator(".buttons .main").click()
    return visitor.sees(".problem")


def _deleted(visitor: Visitor) -> Frame:
    return visitor.acts("delete", visitor.has_written())


def _regretted(visitor: Visitor) -> Frame:
    frame = _deleted(visitor)
    frame.evaluate(NEVER)
    frame.locator("[name=sure]").check()
    frame.locator(".buttons .main").click()
    return visitor.sees("[data-regret] [role=status]:not(:empty)")


def _wrong_code(visitor: Visitor) -> Frame:
    visitor.comes(visitor.stage.filled.playground)
    frame = visitor.acts("delete", 2)
    frame.locator("[name=code]").fill("not-the-code")
    frame.locator(".buttons .main").click()
    return visitor.sees(".problem")


def _voted(visitor: Visitor) -> Page:
    visitor.comes(visitor.stage.filled.playground)
    frame = visitor.acts("vote", 2)
    frame.locator("[value=up]").click()
    visitor.page.locator("outspoken-thread iframe").wait_for(state="detached")
    return visitor.page


def _reported(visitor: Visitor) -> Frame:
    visitor.comes(visitor.stage.filled.playground)
    frame = visitor.acts("report", 3)
    frame.locator("[name=reason]").first.check()
    frame.locator(".buttons .main").click()
    return visitor.sees("[role=status]")


def _nothing(visitor: Visitor) -> Frame:
    visitor.comes(visitor.stage.filled.playground)
    visitor.acts("write")
    return visitor.goes(f"{visitor.stage.filled.playground}/99999/vote", ".message")


def _too_late(visitor: Visitor) -> Frame:
    visitor.comes(visitor.stage.filled.playground)
    visitor.acts("write")
    return visitor.goes(f"{visitor.stage.filled.closed}/comments", "main")


STATES: dict[str, Look] = {
    "thread": _read("mixed"),
    "long": _read("long"),
    "deep": _read("deep"),
    "empty": _read("empty"),
    "closed": _read("closed"),
    "read-only": _read("read_only"),
    "undiscussed": _undiscussed,
    "not-ours": _not_ours,
    "marked": _marked,
    "folded": _folded,
    "peeked": _peeked,
    "acts": _acts_shown,
    "hidden": _hidden,
    "keys": _keys,
    "forgotten": _forgotten,
    "announced": _announced,
    "arrived": _arrived,
    "own": _own,
    "voted": _voted,
    "open": _act("reply", 1, is_page=True),
    "write": _act("write"),
    "reply": _act("reply", 2),
    "begun": _begun,
    "quoted": _quoted,
    "helped": _helped,
    "previewed": _previewed,
    "refused": _refused,
    "expired": _expired,
    "held": _held,
    "rejected": _rejected,
    "noted": _noted,
    "vote": _act("vote", 2),
    "edit": _edited,
    "edit-too-long": _edited_too_long,
    "delete": _deleted,
    "regretted": _regretted,
    "wrong-code": _wrong_code,
    "report": _act("report", 2),
    "reported": _reported,
    "nothing": _nothing,
    "too-late": _too_late,
}
"""By its name, how to come to each state with a page of one's own."""
