import gzip
import re
import subprocess
from importlib.resources import files
from shutil import which

import pytest

from outspoken.pages import binding, static

BUDGET = 12 * 1024
"""Bytes, compressed by gzip, of all scripts and styles that a reader of another's page needs to read and take part."""


def compressed(name):
    return len(gzip.compress(static.named(name).content))


@pytest.mark.parametrize("name", [*binding.SHEETS, *binding.SCRIPTS, "outspoken.svg"])
def test_a_file_is_published_under_the_hash_of_its_content(name):
    asset = static.named(name)
    stem, _, extension = name.rpartition(".")

    assert static.address(name) == f"/static/{stem}.{asset.hash}.{extension}"
    assert static.assets()[f"{stem}.{asset.hash}.{extension}"] is asset
    assert asset.content_type.startswith({"css": "text/css", "js": "text/javascript", "svg": "image/svg"}[extension])


def test_a_file_that_is_not_there_has_no_address():
    with pytest.raises(KeyError):
        static.address("missing.css")


@pytest.mark.parametrize("name", binding.SHEETS)
def test_a_style_sheet_is_small_and_fetches_nothing(name):
    assert compressed(name) < 8192
    assert not re.search(rb"url\(|@import|@font-face|/\*", static.named(name).content)


@pytest.mark.parametrize("name", [part for parts in binding.SHEETS.values() for part in parts])
def test_what_is_taken_out_of_a_style_sheet_means_nothing(name):
    texts = re.findall(r'"[^"]*"', re.sub(r"/\*.*?\*/", "", binding.source(name), flags=re.S))

    assert not [text for text in texts if re.search(r"[{};,>:/] | [{};,>/]|  |rem|0\.", text)]


@pytest.mark.parametrize(
    "path", sorted(files("outspoken.pages").joinpath("static").glob("*.js")), ids=lambda path: path.name
)
def test_what_is_written_shorter_in_a_script_stands_at_the_beginning_of_statements_alone(path):
    lines = [line for line in path.read_text("utf-8").splitlines() if "const " in line]

    assert not [line for line in lines if line.count("const ") > 1]
    assert not [line for line in lines if not re.match(r"\s*(export )?const [^\"]*(=|$)|.*\bfor \(const ", line)]


def test_all_to_read_and_take_part_in_another_page_is_within_the_budget(record_property):
    sizes = {name: compressed(name) for name in ("embed.js", "frame.js", "frame.css")}
    record_property("bytes", sizes)

    assert sum(sizes.values()) <= BUDGET, sizes


@pytest.mark.parametrize("name", binding.SCRIPTS)
def test_a_script_is_whole_and_keeps_everything_to_itself(name):
    script = binding.script(name)

    assert script.startswith("(()=>{")
    assert script.endswith("})();")
    assert not re.search(r"\b(import|export)\b", script)
    if node := which("node"):
        subprocess.run([node, "--check", "-"], input=script.encode(), check=True, timeout=60)


def test_brackets_that_are_for_types_alone_are_not_sent():
    assert "event.target.closest" in binding.script("embed.js")
    assert "document.prerendering" in binding.script("embed.js")
    assert "(event.target)" not in binding.script("embed.js")


@pytest.mark.parametrize("name", binding.SCRIPTS)
def test_no_script_makes_html_of_texts_or_code_of_texts(name):
    sinks = r"innerHTML|outerHTML|insertAdjacent|document\.write|DOMParser|setHTML|createContextual|\beval\b|Function\("

    assert not re.search(sinks, binding.script(name))


def test_the_icon_is_a_small_drawing_that_runs_and_fetches_nothing():
    icon = static.named("outspoken.svg")

    assert icon.content_type == "image/svg+xml"
    assert len(icon.content) < 1024
    assert not re.search(rb"script|href|url\(|\bon\w+=", icon.content)
