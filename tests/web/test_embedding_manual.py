"""The manual's recipes: each is taken from the page as it stands there, filled in as its system would, and asked."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import pytest
from selectolax.lexbor import LexborHTMLParser

from outspoken.pages.tags import COLOURS, SANDBOX, Tags
from outspoken.store.sites import add_site
from outspoken.store.threads import add_address
from tests.factories import a_site
from tests.web.talking import FERRY, Talk

MANUAL = (Path(__file__).parents[2] / "docs" / "manual" / "embedding.md").read_text("utf-8")
RECIPES = dict(re.findall(r"^<!-- recipe: (\w+) -->\n```\w+\n(.*?)^```$", MANUAL, re.MULTILINE | re.DOTALL))
TALK = "https://talk.example"
PAGE = "https://news.example/2026/ferry"
FILLED = {
    "wordpress": {
        "<?php echo esc_url( get_permalink() ); ?>": PAGE,
        "<?php echo esc_attr( get_the_title() ); ?>": "Ferry",
    },
    "ghost": {'{{url absolute="true"}}': PAGE, "{{title}}": "Ferry"},
    "jekyll": {
        "{{ page.url | absolute_url }}": PAGE,
        "{{ page.url | absolute_url | url_encode }}": quote(PAGE, safe=""),
        "{{ page.title | escape }}": "Ferry",
    },
    "hugo": {"{{ .Permalink }}": PAGE, "{{ .Title }}": "Ferry"},
}
"""What each system puts in the place of its expressions."""
_HUGO_LOOP = re.compile(r"\{\{- with try.*\{\{- end -\}\}\n", re.DOTALL)


@pytest.fixture
def news(local: Talk) -> Talk:
    """The site of the manual, with a discussion of its page."""
    with local.database.writing() as connection:
        add_site(connection, a_site(origins=("https://news.example",)))
        add_address(connection, "harbour", "news.example/2026/ferry", FERRY)
    local.browser().say("Here.")
    return local


def markup(name: str) -> LexborHTMLParser:
    text = _HUGO_LOOP.sub("", RECIPES[name])
    for expression, value in FILLED.get(name, {}).items():
        assert expression in text, f"{name} says {expression} no more"
        text = text.replace(expression, value)
    assert "{{" not in text
    assert "<?" not in text
    return LexborHTMLParser(text)


def ours(address: str) -> str:
    """Return the path of an address on the server of the manual."""
    assert address.startswith(TALK + "/"), address
    return address.removeprefix(TALK)


def test_every_recipe_that_is_promised_is_there():
    assert set(RECIPES) == {
        *(
            "plain",
            "link",
            "frame",
            "curl",
            "counts",
            "wordpress",
            "ghost",
            "hugo",
            "jekyll",
            "eleventy",
            "react",
            "vue",
            "style",
            "count",
            "compat",
        )
    }


@pytest.mark.parametrize("name", ["plain", "link", "count", "wordpress", "ghost", "hugo", "jekyll"])
def test_a_recipe_of_the_tag_finds_the_discussion_of_its_page(news, name):
    page = markup(name)
    browser = news.browser()

    script = page.css_first("script").attributes
    element = page.css_first("outspoken-thread").attributes
    assert script.keys() & {"async", "defer"}
    assert browser.get(ours(script["src"])).headers["content-type"].startswith("text/javascript")
    asked = {"site": element["site"], "url": element.get("url", PAGE)}
    assert f'data-thread="{FERRY}"' in browser.get("/embed/thread?" + urlencode(asked)).text
    for link in page.css("outspoken-thread a"):
        assert browser.get(ours(link.attributes["href"])).headers["location"] == f"/t/{FERRY}"


@pytest.mark.parametrize("name", ["hugo", "eleventy"])
def test_where_a_discussion_is_built_in_the_script_waits_until_all_of_it_has_come(name):
    assert '/embed.js" defer></script>' in RECIPES[name]


@pytest.mark.parametrize(("name", "kind"), [("style", "text/css"), ("compat", "text/javascript")])
def test_what_stands_beside_the_tag_is_served(news, name, kind):
    (address,) = re.findall(r'"(https://[^"]*)"', RECIPES[name])

    assert news.browser().get(ours(address)).headers["content-type"].startswith(kind)


def test_the_recipe_of_the_frame_shows_the_whole_discussion_and_is_what_the_command_prints(news):
    frame = markup("frame").css_first("iframe").attributes
    browser = news.browser()

    led = browser.get(ours(frame["src"]))
    page = browser.follow(led)

    assert "Here." in page.text
    assert "https://news.example" in page.headers["content-security-policy"]
    assert frame["sandbox"] == SANDBOX
    assert RECIPES["frame"].strip() == Tags(TALK, "harbour").frame(PAGE, "en")


@pytest.mark.parametrize("name", ["curl", "counts"])
def test_what_a_build_asks_with_curl_is_answered(news, name):
    answers = []
    for command in RECIPES[name].replace("\\\n", " ").strip().splitlines():
        words = shlex.split(command)
        address = ours(next(word for word in words if word.startswith(TALK)))
        pairs = [words[at + 1].partition("=") for at, word in enumerate(words) if word == "--data-urlencode"]
        query = urlencode([(key, value) for key, _, value in pairs])
        answers.append(news.browser().get(f"{address}?{query}"))

    if name == "curl":
        (answer,) = answers
        again = news.browser().get(str(answer.url), headers={"if-none-match": answer.headers["etag"]})
        assert "Here." in answer.text
        assert (again.status_code, again.content) == (304, b"")
    else:
        assert answers[0].text == "1"
        assert answers[1].json() == {"counts": {PAGE: 1, "https://news.example/2026/harbour": 0}}


@pytest.mark.parametrize("name", ["hugo", "eleventy", "react", "vue"])
def test_a_recipe_in_a_programs_words_asks_for_what_there_is(news, name):
    addresses = re.findall(r"https://talk\.example/[\w./]*", RECIPES[name])

    assert f"{TALK}/embed.js" in addresses
    for address in set(addresses):
        asked = "?" + urlencode({"site": "harbour", "url": PAGE}) if "/embed/" in address else ""
        assert news.browser().get(urlsplit(address).path + asked).status_code == 200
    assert "outspoken-thread" in RECIPES[name]


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js isn't installed")
def test_the_recipe_for_eleventy_puts_the_answer_into_the_element(tmp_path):
    (tmp_path / "eleventy.config.mjs").write_text(RECIPES["eleventy"])
    (tmp_path / "build.mjs").write_text(
        "import configure from './eleventy.config.mjs';\n"
        "globalThis.fetch = async (url) => ({ ok: true, text: async () => `<section>${url}</section>` });\n"
        "configure({ addAsyncShortcode: async (_, run) => console.log(await run('/2026/ferry?a=1&b=\"2\"')) });\n"
    )

    built = subprocess.run(["node", tmp_path / "build.mjs"], capture_output=True, text=True, check=True).stdout

    element = LexborHTMLParser(built).css_first("outspoken-thread")
    assert element.attributes["url"] == "https://news.example/2026/ferry?a=1&b=%222%22"
    asked = "https://talk.example/embed/thread?site=harbour&url=https%3A%2F%2Fnews.example%2F2026%2Fferry%3Fa%3D1%26b"
    assert element.css_first("section").text().startswith(asked)


def test_the_manual_names_every_directive_and_colour():
    for line in Tags(TALK, "harbour").policy().splitlines():
        assert line in MANUAL
    for colour in COLOURS:
        assert f"--outspoken-{colour}" in MANUAL
