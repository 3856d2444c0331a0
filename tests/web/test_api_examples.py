"""The manual's examples of the API, each run as it stands there against the example site."""

import json
import re
import shlex
from pathlib import Path

import pytest

from outspoken.demo.loading import load_demo
from tests.web.talking import Browser, Talk

MANUAL = Path(__file__).parents[2] / "docs" / "manual" / "api.md"
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", MANUAL.read_text("utf-8"), re.MULTILINE | re.DOTALL)
API = "http://127.0.0.1:8000"
LIBRARY = "library-boat-moves-its-thursday-stop"


def shape(value):
    """Return what a JSON value is made of, without what it says. A list is like its first item."""
    match value:
        case dict():
            return {name: shape(part) for name, part in value.items()}
        case list():
            return [shape(part) for part in value[:1]]
        case _:
            return type(value).__name__


def run(browser: Browser, command: str, values: dict[str, str]):
    """Do what curl does with the options that the manual uses."""
    words = shlex.split(re.sub(r"\$([A-Z]+)", lambda name: values[name[1]], command.replace("\\\n", " ")))
    assert words.pop(0) == "curl"
    headers, sent, is_query, address = {}, [], False, ""
    while words:
        match words.pop(0):
            case "-G":
                is_query = True
            case "-H":
                name, _, value = words.pop(0).partition(": ")
                headers[name] = value
            case "-d" | "--data-urlencode":
                sent.append(words.pop(0))
            case word:
                assert not word.startswith("-"), f"curl's {word} isn't known here"
                address = word
    path = address.removeprefix(API)
    if is_query:
        return browser.get(path, params=dict(field.split("=", 1) for field in sent))
    if sent:
        return browser.request("POST", path, content=sent[0], headers=headers)
    return browser.get(path, headers=headers)


@pytest.fixture
def example(sqlite, now, entropy):
    load_demo(sqlite, now, entropy)
    talk = Talk(sqlite, base=API)
    yield talk
    talk.close()


def test_every_example_of_the_manual_answers_as_it_says(example):
    browser, values, compared = example.browser(), {}, 0
    answer = None
    for kind, text in BLOCKS:
        if kind == "sh":
            for name, value in re.findall(r"^([A-Z]+)=(\S+)$", text, re.MULTILINE):
                values[name] = value if name != "THREAD" else values.get("THREAD", "")
            command = re.sub(r"^[A-Z]+=\S+\n", "", text, flags=re.MULTILINE).strip()
            if not command:
                continue
            answer = run(browser, command, values)
            if "THREAD" not in values:
                values["THREAD"] = answer.json()["id"]
            assert answer.status_code < 500, command
        elif kind == "json":
            said, found = json.loads(text), answer.json()
            assert shape(found) == shape(said), text
            assert found.get("status") == said.get("status")
            assert found.get("state") == said.get("state")
            compared += 1

    assert compared == 6
    assert len([text for kind, text in BLOCKS if kind == "sh" and "curl" in text]) == 7


def test_the_manual_names_every_operation_and_no_other(example):
    described = example.browser().get("/api/v1/openapi.json").json()["paths"]
    said = re.findall(r"^\| `(GET|POST) (/api/v1/[^?`]*)", MANUAL.read_text("utf-8"), re.MULTILINE)

    assert {(method.lower(), path) for method, path in said} == {
        (method, path) for path, operations in described.items() for method in operations
    }
