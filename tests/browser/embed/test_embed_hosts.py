"""Pages that were made for another system, that allow little, or that mean harm."""

import json
import random
import re

import httpx
import pytest
from playwright.sync_api import expect
from typer.testing import CliRunner

from outspoken.cli import command_line
from tests.browser.embed.hosts import NEWS, TALK
from tests.browser.embed.states import Visitor
from tests.web.test_embedding_manual import MANUAL, RECIPES

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-embed-hosts")]

ITEM = "outspoken-thread li[data-number]"
COMPAT = f'<script src="https://{TALK}/compat.js" data-site="pier" async></script>'
MARKUP = {
    "Disqus": '<div id="disqus_thread"></div><a class="n" href="{url}#disqus_thread">Comments</a>'
    '<script>var disqus_config = function () {{ this.page.url = "{url}" }}</script>',
    "Commento": '<link rel="canonical" href="{url}"><div id="commento"></div><a class="n" href="{url}#commento">-</a>',
    "Isso": '<link rel="canonical" href="{url}"><section id="isso-thread"></section>'
    '<a class="n" href="{url}#isso-thread">Comments</a>',
    "Remark42": '<div id="remark42"></div><span class="n remark42__counter" data-url="{url}"></span>'
    '<script>remark_config = {{site_id: "pier", url: "{url}"}}</script>',
}


@pytest.mark.parametrize("system", MARKUP)
def test_a_page_made_for_another_system_shows_our_discussion_and_tells_its_owner_what_to_write(
    system, stage, visit, noticed
):
    noticed.is_quiet = False
    markup = MARKUP[system].format(url=f"https://pier.example/{stage.filled.read_only}")
    page = visit(stage.host.put(f"/{system}", markup + COMPAT))
    page.locator(ITEM).first.wait_for()
    page.locator(".n", has_text="2").wait_for()

    (told,) = (words for words in noticed.complaints if "Outspoken" in words)
    assert f"stands in for {system}" in told
    assert f'<script src="https://{TALK}/embed.js" async></script>' in told


LEFT = {
    "disqus": "isso-disqus.xml",
    "commento": "remark42-commento.json",
    "isso": "synthetic-comments.db",
    "remark42": "synthetic-backup.jsonl",
}
"""An export of each, among the sample files."""
DISQUS = """<div id="disqus_thread"></div>
<script>
    var disqus_config = function () {{
        this.page.url = '{url}';
        this.page.identifier = '{identifier}';
    }};
</script>
<noscript>Please enable JavaScript to view the comments powered by Disqus.</noscript>
<a href="http://example.org/#disqus_thread">Link</a>
<a href="https://elsewhere.example/#disqus_thread" data-disqus-identifier="some-id">Link</a>"""
REMARK42 = """<div id="remark42"></div>
<script>
  var remark_config = {{
    host: 'https://remark.example', site_id: 'blog', components: ['embed', 'counter'], max_shown_comments: 100,
    {url} theme: 'light', page_title: 'Post one', locale: 'en', show_email_subscription: false,
  }}
</script>
<span class="remark42__counter" data-url="https://blog.example.com/p/1/"></span>"""
ISSO = """<section id="isso-thread" data-title="Ferry times"{id}>
    <noscript>Javascript needs to be activated to view comments.</noscript>
</section>
<a href="/2024/ferry/#isso-thread">Comments</a>"""
COMMENTO = '<div id="commento"></div><a href="/blog/post/1#commento">Comments</a>'
AS_DOCUMENTED = {
    "Disqus, by address": ("/d1", DISQUS.format(url="http://example.org/", identifier=""), "", 3),
    "Disqus, by identifier": ("/d2", DISQUS.format(url=f"https://{NEWS}/moved", identifier="some-id"), "", 3),
    "Commento, by address": ("/blog/post/1", COMMENTO, "", 2),
    "Commento, by its name of the page": ("/moved", COMMENTO, 'data-page-id="/blog/post/1"', 2),
    "Isso, by address": ("/2024/ferry/", ISSO.format(id=""), "", 3),
    "Isso, by identifier": ("/moved", ISSO.format(id=' data-isso-id="/2024/ferry/"'), "", 3),
    "Remark42, by address": ("/r1", REMARK42.format(url="url: 'https://blog.example.com/p/1/',"), "", 4),
}
"""Path of the page, what stands in it, what the script is told besides, and how many comments were imported."""


@pytest.fixture(scope="module")
def imported(stage, shared_data):
    """Take in the sample exports, as an operator does while the server runs."""
    moved = stage.folder / "moved"
    moved.write_text(f"https://example.com/* -> https://{NEWS}/*\n")
    for system, name in LEFT.items():
        file = shared_data / "import" / system / name
        told = ["import", str(file), "--site", "pier", "--data", str(stage.folder), "--map", str(moved)]
        done = CliRunner().invoke(command_line(), told)
        assert done.exit_code == 0, done.output


@pytest.mark.usefixtures("imported")
@pytest.mark.parametrize("way", AS_DOCUMENTED)
def test_what_was_imported_is_shown_where_the_old_system_stood_as_its_documentation_says(way, stage, visit, noticed):
    noticed.is_quiet = False
    path, markup, told, count = AS_DOCUMENTED[way]
    script = f'<script src="https://{TALK}/compat.js" data-site="pier" {told} async></script>'
    page = visit(stage.host.put(path, markup + script))
    page.locator(ITEM).first.wait_for()

    assert page.locator("section.outspoken").get_attribute("data-count") == str(count)
    counters = page.locator("a[href*='#']:not(outspoken-thread *), .remark42__counter")
    for counter in counters.all():
        expect(counter).to_have_text(str(count))


def test_what_a_page_asked_of_disqus_besides_keeps_nothing_from_being_shown(stage, visit, noticed):
    noticed.is_quiet = False
    url = f"https://pier.example/{stage.filled.read_only}"
    config = f"""this.callbacks.onNewComment = [function () {{}}]; this.callbacks.onReady.push(function () {{}});
      this.page.url = "{url}"; this.nothing.of.ours = 1"""
    markup = f'<div id="disqus_thread"></div><script>function disqus_config() {{ {config} }}</script>'
    page = visit(stage.host.put("/callbacks", markup + COMPAT))
    page.locator(ITEM).first.wait_for()

    assert [words for words in noticed.complaints if "couldn't go through all of disqus_config" in words]


def test_a_page_that_forbids_inline_styles_and_html_of_strings_needs_three_lines_of_policy(stage, visit):
    needed = " ".join(MANUAL.partition("## A strict content security policy\n\n```\n")[2].partition("```")[0].split())
    policy = (
        f"content-security-policy: default-src 'none'; {needed.replace('talk.example', TALK)} img-src data:; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    page = visit(stage.page(stage.filled.playground, headers=policy))
    page.locator(ITEM).first.wait_for()
    assert page.locator(".mark").first.evaluate("it => getComputedStyle(it).width") == "28px"

    page.locator("#outspoken-c1 > article [data-act=reply]").click()
    page.frame_locator("iframe").locator("textarea").wait_for()


@pytest.mark.parametrize("name", ["react", "vue"])
def test_the_recipe_of_an_application_brings_the_script_once_however_often_its_view_is_mounted(name, stage, visit):
    mounted = re.search(r"(?:useEffect|onMounted)\(\(\) => \{\n(.*?)\n *\}(?:, \[\])?\);", RECIPES[name], re.DOTALL)
    begun = mounted[1].replace("talk.example", TALK)
    page = visit(stage.host.put(f"/{name}", "<main></main>"))
    page.evaluate(f"const begin = () => {{ {begun} }}; begin(); begin()")
    address = f"https://pier.example/{stage.filled.playground}"
    for view in range(2):
        page.evaluate(
            "([view, url]) => { const made = document.createElement('outspoken-thread'); made.id = `view${view}`;"
            " made.setAttribute('site', 'pier'); made.setAttribute('url', url);"
            " document.querySelector('main').replaceChildren(made) }",
            [view, address],
        )
        page.locator(f"#view{view} li[data-number]").first.wait_for()

    assert page.locator("script[src]").count() == 1


WHOLE = [
    {"outspoken": 1, "type": "done", "act": "report", "number": 1, "version": 1, "state": "published"},
    {"outspoken": 1, "type": "size", "height": 300},
    {"outspoken": 1, "type": "close"},
    {"outspoken": 1, "type": "theme", "value": "dark"},
]
"""What is said between a page and a frame of ours."""
HEARD = re.compile(r'\["report", [0-9]+, "[a-z]+"\]')


def forged(chance):
    """Return something that nobody of ours would say, though it may look like it."""
    values = [
        0,
        -1,
        1e9,
        2**53,
        0.5,
        "5",
        None,
        True,
        [],
        {},
        {"valueOf": 1},
        "published",
        "<img src=x>",
        "done",
        "size",
    ]
    whole = chance.choice(WHOLE)
    fields = {**whole, **{chance.choice([*whole, "height", "__proto__", "extra"]): chance.choice(values)}}
    return chance.choice([fields, chance.choice(values), {**fields, "outspoken": chance.choice([2, "1", None])}])


@pytest.mark.parametrize("count", [300, pytest.param(10_000, marks=pytest.mark.long)])
def test_nothing_a_hostile_page_says_does_anything(count, stage, visit):
    page = visit(stage.page(stage.filled.playground))
    page.locator("#outspoken-c1 > article [data-act=reply]").click()
    frame = page.frame_locator("iframe")
    frame.locator("textarea").fill("Mine")
    replies = page.locator("#outspoken-c1 li").count()
    page.evaluate("addEventListener('outspoken:comment', () => document.title = 'believed')")
    chance = random.Random(11)
    page.evaluate(
        """messages => { for (const message of messages) {
             postMessage(message, '*');
             document.querySelector('iframe').contentWindow.postMessage(message, '*');
             dispatchEvent(new MessageEvent('message', {data: message, origin: 'https://talk.outspoken.example'}));
        } }""",
        [forged(chance) for _ in range(count)],
    )
    page.wait_for_timeout(300)

    assert page.title() != "believed"
    assert page.locator("iframe").count() == 1
    assert frame.locator("textarea").input_value() == "Mine"
    assert page.locator("#outspoken-c1 li").count() == replies


def closes(message):
    # What is called `__proto__` is no field of an object by the time it is said.
    return isinstance(message, dict) and {**message, "__proto__": 0} == {**WHOLE[2], "__proto__": 0}


@pytest.mark.parametrize("count", [300, pytest.param(10_000, marks=pytest.mark.long)])
def test_a_frame_that_means_harm_can_move_and_announce_and_nothing_else(count, stage, visit):
    thread = stage.filled.playground
    page = visit(stage.page(thread))
    page.locator("#outspoken-c1 > article [data-act=reply]").click()
    iframe = page.locator("outspoken-thread iframe")
    page.frame_locator("outspoken-thread iframe").locator("textarea").wait_for()
    around = "[location.href, document.title, ...[...document.querySelectorAll('*')].map(it => it.localName)]"
    before = page.evaluate(around), httpx.get(f"{stage.inner}/embed/t/{thread}").text
    page.evaluate("heard = []; addEventListener('outspoken:comment', ({detail}) => heard.push(Object.values(detail)))")
    chance = random.Random(13)
    said = [*WHOLE[:2], *(forged(chance) for _ in range(count))]
    said += [{"outspoken": 1, "type": "size", "height": height} for height in (0, 999_999_999)]
    said = [message for message in said if not closes(message)]
    iframe.element_handle().content_frame().evaluate("said => said.forEach(it => parent.postMessage(it, '*'))", said)
    page.wait_for_function("document.querySelector('iframe').offsetHeight === 4096")
    page.wait_for_load_state("networkidle")

    heard = page.evaluate("heard")
    assert ["report", 1, "published"] in heard
    assert not [told for told in heard if not HEARD.fullmatch(json.dumps(told))]
    assert (page.evaluate(around), httpx.get(f"{stage.inner}/embed/t/{thread}").text) == before


def test_an_owner_sees_the_colours_that_are_chosen_and_what_to_paste_for_them(stage, visit):
    page = visit(f"https://{TALK}/embed?site=pier&accent=%23b00020")
    page.locator(ITEM).first.wait_for()
    colour = "it => getComputedStyle(it).color"
    assert page.locator("outspoken-thread .write").evaluate(colour) == "rgb(176, 0, 32)"

    page.locator("#ink").fill("#123456")
    assert page.locator("outspoken-thread .name").first.evaluate(colour) == "rgb(18, 52, 86)"
    rule = page.get_by_label("The colours, in your style sheet")
    assert rule.input_value() == "outspoken-thread {\n  --outspoken-accent: #b00020;\n  --outspoken-ink: #123456;\n}"
    page.locator("#ink").fill("red; } body {")
    page.locator("#accent").fill("")
    assert page.locator("outspoken-thread .name").first.evaluate(colour) == "rgb(29, 27, 24)"
    assert not rule.is_visible()


PARTS = ["h2", ".sorts a", ".name", ".when", ".body", ".body p", "footer a", "summary", "li[data-number]"]
LOOKS = """parts => parts.map(part => {
  const style = getComputedStyle(document.querySelector(`outspoken-thread ${part}`));
  return [part, ...["display", "position", "float", "fontSize", "fontStyle", "color", "marginTop", "letterSpacing",
    "textTransform", "visibility", "opacity", "transform"].map(name => style[name])];
})"""
UNKIND = """* { margin: 40px; padding: 9px; float: left; position: absolute; color: red; font: italic 40px cursive;
  opacity: 0.1; letter-spacing: 1em; text-transform: uppercase; visibility: hidden; transform: rotate(9deg) }"""

PLAIN = (
    "font: 16px serif; letter-spacing: 0; text-transform: none; opacity: 1; visibility: visible; transform: none; "
    "position: static; float: none; margin: 0; padding: 0; width: 700px"
)


def test_a_page_that_has_decided_for_all_its_elements_has_not_decided_for_ours(stage, visit):
    looks = []
    for style in ("", UNKIND):
        head = f"<style>{style} outspoken-thread {{ {PLAIN} }}</style>"
        page = visit(stage.page(stage.filled.deep, head=head, attributes='loading="eager"'))
        page.locator(ITEM).first.wait_for(state="attached")
        looks.append(page.evaluate(LOOKS, PARTS))

    assert looks[0] == looks[1]


def test_a_page_may_hide_the_discussion_and_cannot_break_it(stage, visit):
    page = visit(stage.page(stage.filled.playground, head="<style id=s>* { display: none !important }</style>"))
    page.wait_for_timeout(300)
    page.locator("#s").evaluate("it => it.remove()")
    page.locator(ITEM).first.wait_for()

    page.locator("#outspoken-c1 > article [data-act=reply]").click()
    page.frame_locator("iframe").locator("textarea").wait_for()


SIBLING = """<iframe id="sibling" sandbox="allow-scripts" srcdoc="<script>
  const tried = [];
  const attempt = deed => { try { tried.push(String(deed())) } catch (trouble) { tried.push(trouble.name) } };
  addEventListener('message', ({ data: messages }) => {
    const ours = parent.frames[1];
    for (const message of messages) { parent.postMessage(message, '*'); ours.postMessage(message, '*') }
    attempt(() => ours.document.body.innerHTML);
    attempt(() => ours.location = 'about:blank');
    attempt(() => parent.document.cookie);
    parent.postMessage({ tried }, '*');
  });
</script>"></iframe>"""


def test_a_frame_beside_ours_can_neither_speak_for_it_nor_look_into_it_nor_send_it_away(stage, visit, noticed):
    noticed.is_quiet = False  # Chromium tells that it has been stopped.
    page = visit(stage.page(stage.filled.playground, before=SIBLING))
    page.evaluate("addEventListener('outspoken:comment', () => document.title = 'believed')")
    page.evaluate("addEventListener('message', ({data}) => { if (data?.tried) self.tried = data.tried })")
    page.locator("#outspoken-c1 > article [data-act=reply]").click()
    frame = page.frame_locator("outspoken-thread iframe")
    frame.locator("textarea").fill("Mine")
    page.wait_for_function("document.querySelector('outspoken-thread iframe').style.blockSize")
    height = page.locator("outspoken-thread iframe").bounding_box()["height"]
    chance = random.Random(12)
    whole = {"outspoken": 1, "type": "done", "act": "delete", "number": 1, "version": 1, "state": "published"}
    said = [whole, {"outspoken": 1, "type": "close"}, {"outspoken": 1, "type": "size", "height": 4000}]
    said += [forged(chance) for _ in range(100)]
    page.evaluate("said => document.querySelector('#sibling').contentWindow.postMessage(said, '*')", said)
    page.wait_for_function("self.tried")

    assert page.evaluate("tried") == ["SecurityError"] * 3
    assert page.title() != "believed"
    assert page.locator("outspoken-thread iframe").bounding_box()["height"] == height
    assert frame.locator("textarea").input_value() == "Mine"
    assert page.locator("#outspoken-c1").count() == 1


@pytest.mark.parametrize("act", ["reply", "report", "delete", "delete own"])
def test_a_click_that_is_stolen_with_a_picture_over_the_frame_does_nothing(act, stage, visit):
    cover = "outspoken-thread iframe { opacity: 0.01 } #bait { position: fixed; inset: 0; pointer-events: none }"
    page = visit()
    act, _, is_own = act.partition(" ")
    number = Visitor(stage, page, "en").has_written() if is_own else 2
    page.goto(stage.page(stage.filled.playground, head=f"<style>{cover}</style>", after='<div id="bait">Play</div>'))
    place = page.locator(f"#outspoken-c{number} > article")
    if act != "reply":
        place.locator(".acts > summary").click()
    place.locator(f"[data-act={act}]").click()
    button = page.frame_locator("iframe").locator(".buttons .main")
    button.wait_for()
    before = button.evaluate("it => it.ownerDocument.URL")
    button.click(force=True)
    page.wait_for_timeout(300)

    # A text, a reason, the comment's code or a tick has to be given by whoever acts.
    assert button.evaluate("it => it.ownerDocument.URL") == before
    assert button.evaluate("it => it.form.matches(':invalid')")


def test_words_that_a_page_puts_into_a_readers_mouth_are_not_published_by_a_stolen_click(stage, visit):
    thread = stage.filled.playground
    address = f"https://{TALK}/frame/t/{thread}/comments?quote=I+lied"
    page = visit(stage.host.put("/mouth", f'<iframe src="{address}" width="600" height="800"></iframe>'))
    frame = page.frame_locator("iframe")
    assert frame.locator("textarea").input_value().strip() == "> I lied"
    frame.locator(".buttons .main").click()
    frame.locator("#problem-body").wait_for()

    assert "I lied" not in page.request.get(f"{stage.inner}/t/{thread}?sort=newest").text()


def test_in_a_page_without_an_origin_the_discussion_is_read_and_acting_leads_to_our_own_page(stage, visit):
    inner = stage.page(stage.filled.playground, "/inner", attributes='loading="eager"')
    words = "allow-scripts allow-popups allow-popups-to-escape-sandbox"
    sandbox = f'<iframe sandbox="{words}" src="{inner}" width="900" height="900"></iframe>'
    page = visit(stage.host.put("/sandboxed", sandbox))
    frame = page.frame_locator("iframe")
    frame.locator("#outspoken-c1").wait_for()
    frame.locator("#outspoken-c2 > article .body").click()
    page.keyboard.press("k")
    with page.context.expect_page() as opened:
        frame.locator("#outspoken-c1 > article [data-act=reply]").click()
    opened.value.get_by_label("Your reply").wait_for()

    assert opened.value.url.startswith(f"https://{TALK}/t/{stage.filled.playground}/comments?parent=1")
    assert frame.locator("iframe").count() == 0
