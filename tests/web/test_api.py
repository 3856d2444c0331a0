"""The JSON API: everything public can be reached through it, exactly once, and whatever is sent does no harm."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outspoken.discussion.state import Event
from tests.web.talking import FERRY, Talk, raw

THREAD = f"/api/v1/threads/{FERRY}"
COMMENTS = f"{THREAD}/comments"


def test_a_thread_is_found_by_its_page_however_the_address_is_spelled(talk):
    for url in ("https://harbour.example/ferry0000000", "http://www.harbour.example/ferry0000000/?utm_source=x#top"):
        found = talk.browser().get("/api/v1/threads", params={"site": "harbour", "url": url})
        assert found.json()["id"] == FERRY


@pytest.mark.parametrize(
    "query",
    [
        {"site": "lantern", "url": "https://harbour.example/ferry0000000"},
        {"site": "harbour\x00", "url": "https://a.example"},
        {"site": "harbour", "url": "https://a.example/\x00"},
        {"site": "harbour", "url": "https://a.example/%00"},
    ],
)
def test_a_page_without_a_discussion_is_not_found(talk, query):
    assert talk.browser().get("/api/v1/threads", params=query).status_code in (400, 404, 422)


def test_a_comment_is_published_and_read_back_as_it_was_sent(talk):
    posted = talk.browser().post_json(COMMENTS, {"body": "**Late** again.", "author": "Greta"})

    assert posted.status_code == 201
    assert posted.headers["content-type"] == "application/json"
    comment = talk.browser().get(f"{COMMENTS}/1").json()
    assert (comment["source"], comment["author"], comment["parent"]) == ("**Late** again.", "Greta", None)
    assert comment["html"] == "<p><strong>Late</strong> again.</p>"


def test_the_code_in_the_answer_deletes_the_comment(talk):
    code = talk.browser().post_json(COMMENTS, {"body": "Late again."}).json()["code"]

    assert talk.browser().post(f"/t/{FERRY}/1/delete", {"code": code}).status_code == 303
    assert talk.browser().get(COMMENTS).json()["comments"] == []


def test_the_same_idempotency_key_keeps_a_comment_once_and_gives_its_code_once(talk):
    key = {"Idempotency-Key": "0123456789abcdef" * 2}

    first = talk.browser().post_json(COMMENTS, {"body": "Late again."}, **key).json()
    second = talk.browser().post_json(COMMENTS, {"body": "Late again."}, **key).json()

    assert first["number"] == second["number"] == 1
    assert (first["is_duplicate"], second["is_duplicate"]) == (False, True)
    assert first["code"]
    assert second["code"] is None


def test_the_api_neither_reads_nor_sets_a_cookie(talk):
    greta = talk.browser()
    greta.say("Late again.")

    answer = greta.request("POST", COMMENTS, json={"body": "Again."}, headers={"sec-fetch-site": "same-origin"})

    assert "set-cookie" not in answer.headers
    assert greta.post(f"/t/{FERRY}/2/delete", {"token": ""}).status_code == 403


def test_a_held_comment_says_why_and_is_not_shown(talk):
    answer = talk.browser().post_json(COMMENTS, {"body": "https://a.example https://b.example"}).json()

    assert answer["state"] == "held"
    assert "links" in answer["reason"]
    assert talk.browser().get(f"{COMMENTS}/1").status_code == 404


@pytest.mark.parametrize(
    ("content", "status", "field"),
    [
        ({"body": "x", "parent": 99}, 404, None),
        ({"body": " "}, 422, "body"),
        ({"body": "x" * 16_385}, 400, "body"),
        ({"body": "ж" * 9_000}, 422, "body"),
        ({"body": "x", "author": "M0derator"}, 422, "name"),
        ({"body": "x", "author": "n" * 61}, 422, "name"),
        ({"body": "x", "state": "published"}, 400, None),
        ({"body": "x", "parent": 0}, 400, "parent"),
        ({"body": "x", "parent": 2**40}, 400, "parent"),
        ({"body": 7}, 400, "body"),
        ({}, 400, None),
    ],
)
def test_what_is_wrong_is_told_as_problem_details(local, content, status, field):
    answer = local.browser().post_json(COMMENTS, content)

    problem = answer.json()
    assert answer.status_code == problem["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["title"]
    assert problem["detail"]
    assert problem.get("field") == field
    assert local.rows("SELECT count(*) FROM comments") == [(0,)]


HARMFUL = {
    "ten megabytes": (b'{"body": "' + b"x" * 10_000_000 + b'"}', {400, 413}),
    "deep arrays": (b'{"body": ' + b"[" * 100_000, {400}),
    "deep arrays where nothing is expected": (b'{"x": ' + b"[" * 100_000 + b"]" * 50_000, {400}),
    "deep objects": (b'{"a":' * 30_000, {400}),
    "bad UTF-8": (b'{"body": "\xff\xfe"}', {400}),
    "half a pair": (b'{"body": "\\ud800"}', {400, 201}),
    "a huge number": (b'{"body": "x", "parent": 1' + b"0" * 5_000 + b"}", {400}),
    "not a number": (b'{"body": "x", "parent": NaN}', {400}),
    "a fraction": (b'{"body": "x", "parent": 1.5}', {400}),
    "the same field twice": (b'{"body": "x", "parent": 99, "body": "y"}', {400, 404}),
    "nothing": (b"", {400}),
    "null": (b"null", {400}),
    "a list": (b"[]", {400}),
    "half": (b'{"body": "x', {400}),
    "two": (b'{"body": "x"}{"body": "y"}', {400}),
    "a byte order mark": (b'\xef\xbb\xbf{"body": "x"}', {400}),
}


@pytest.mark.parametrize("name", HARMFUL)
def test_harmful_bodies_are_refused_without_harm(local, name):
    body, statuses = HARMFUL[name]

    status, headers, content = local.run(
        raw(local.app, "POST", COMMENTS.encode(), [(b"content-type", b"application/json")], body)
    )

    assert status in statuses
    if status >= 400:
        assert dict(headers)[b"content-type"] == b"application/problem+json"
        assert len(content) < 1_000
    assert local.browser().get("/readyz").status_code == 200


def test_a_nul_is_taken_out_of_a_text_and_hurts_no_database(talk):
    answer = talk.browser().post_json(COMMENTS, {"body": "a\x00b", "author": "G\x00reta"})

    assert answer.status_code == 201
    comment = talk.browser().get(f"{COMMENTS}/1").json()
    assert (comment["source"], comment["author"]) == ("ab", "Greta")


def test_a_flood_of_headers_changes_nothing(local):
    headers = [(b"x-%d" % number, b"y" * 100) for number in range(10_000)] + [(b"cookie", b"a=b; " * 50_000)]

    status, _, _ = local.run(raw(local.app, "GET", THREAD.encode(), headers))

    assert status == 200


HOSTILE_SEGMENTS = [
    "..",
    "%2e%2e",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "..%5c..%5c",
    "%00",
    "ferry0000000%00",
    "ferry0000000%2f1",
    "x" * 5_000,
    "%f0%9f%8f%b3",
    "%ff%fe",
    "%ed%a0%80",
    "ferry000000%C2%A0",
    "FERRY0000000",
    "ferry0000000%0d%0aset-cookie:%20a=b",
    "ferry0000000;x",
    "ferry0000000.",
    "%",
    "%zz",
    "%25%32%65",
    "-1",
    "0",
    "1" + "0" * 5_000,
    "+1",
    "1_0",
    "١",
    "1.0",
    "0x1",
    "1e3",
    "ferry0000000'--",
    "${7*7}",
    "{{7*7}}",
]


@pytest.mark.parametrize("segment", HOSTILE_SEGMENTS)
def test_hostile_addresses_are_not_found_on_every_route(talk, segment):
    """T2: traversal and encoding on every path parameter."""
    templates = [
        "/t/{}",
        "/t/{}/feed.atom",
        "/t/{}/print",
        "/t/{}/comments",
        "/t/{}/1",
        "/t/{}/1/edit",
        "/t/{}/1/posted/x",
        "/s/{}",
        "/s/{}/feed.atom",
        "/static/{}",
        "/api/v1/threads/{}",
        "/api/v1/threads/{}/comments",
        "/api/v1/threads/{}/comments/1",
        f"/t/{FERRY}/{{}}",
        f"/t/{FERRY}/{{}}/edit",
        f"/t/{FERRY}/1/posted/{{}}",
        f"{COMMENTS}/{{}}",
    ]
    for template in templates:
        path = template.format(segment).encode()
        status, headers, content = talk.run(raw(talk.app, "GET", path))
        assert status in (200, 400, 404, 405), path
        if status == 200:
            assert segment in ("..", "%2e%2e", "FERRY0000000", "") or b"comments" in path, path
        assert b"set-cookie" not in dict(headers)
        assert b"root:" not in content


def test_an_unknown_thread_is_answered_alike_by_every_route(local):
    forms = {"body": "x", "action": "post", "value": "up", "token": ""}
    reader = local.browser()
    for thread in ("nothing00000", "short", "x" * 300):
        pages = [
            *(reader.get(f"/t/{thread}{rest}") for rest in ("", "/comments", "/print", "/1", "/1/edit", "/1/delete")),
            *(reader.post(f"/t/{thread}{rest}", forms) for rest in ("/comments", "/1/edit", "/1/delete", "/1/vote")),
        ]
        assert {page.status_code for page in pages} == {404}
        assert len({page.text for page in pages}) == 1
        assert thread not in pages[0].text


def walk(talk: Talk, sort: str, limit: int) -> list[int]:
    """Read a whole thread by `after` and by `more`, and return every number in the order it was met."""
    reader, found, waiting = talk.browser(), [], [{"sort": sort, "limit": str(limit)}]
    while waiting:
        query = waiting.pop()
        answer = reader.get(COMMENTS, params=query)
        assert answer.status_code == 200, answer.text
        window = answer.json()
        assert len(window["comments"]) <= limit
        for comment in window["comments"]:
            found.append(comment["number"])
            if comment["more"]:
                more = {"sort": sort, "limit": str(limit), "parent": str(comment["number"])}
                waiting.append({**more, **({"after": comment["more"]["after"]} if comment["more"]["after"] else {})})
        if window["after"]:
            waiting.append({**query, "after": window["after"]})
    return found


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(
    parents=st.lists(st.integers(0, 40), min_size=1, max_size=60),
    votes=st.lists(st.tuples(st.integers(1, 60), st.sampled_from(["up", "down"])), max_size=20),
    hidden=st.sets(st.integers(1, 60), max_size=10),
    limit=st.sampled_from([1, 2, 7, 50]),
)
def test_every_sort_reaches_every_comment_exactly_once(local, parents, votes, hidden, limit):
    for table in ("comments", "bodies", "keys", "authors", "votes", "decisions", "threads", "addresses"):
        with local.database.writing() as connection:
            connection.exec_driver_sql(f"DELETE FROM {table}")
    local.add_thread()
    local.restart()
    for number, parent in enumerate(parents):
        body = {"body": f"Comment {number}."} | ({"parent": min(parent, number)} if min(parent, number) else {})
        assert local.browser().post_json(COMMENTS, body).status_code == 201
        local.clock.pass_by(seconds=30)
    for number, value in votes:
        local.browser().post(f"/t/{FERRY}/{number}/vote", {"value": value})
    for number in sorted(hidden):
        if number <= len(parents):
            local.moderate(number, Event.REMOVE)
    local.clock.pass_by(seconds=5)
    shown = sorted(number for (number,) in local.rows("SELECT number FROM comments WHERE shown"))

    for sort in ("best", "newest", "oldest", "controversial"):
        met = walk(local, sort, limit)
        assert sorted(met) == shown, sort


def test_a_window_can_be_left_backwards(talk):
    for number in range(7):
        talk.browser().say(f"Comment {number}.")
    reader = talk.browser()
    first = reader.get(COMMENTS, params={"sort": "oldest", "limit": 3}).json()
    second = reader.get(COMMENTS, params={"sort": "oldest", "limit": 3, "after": first["after"]}).json()

    back = reader.get(COMMENTS, params={"sort": "oldest", "limit": 3, "before": second["before"]}).json()

    assert [comment["number"] for comment in back["comments"]] == [1, 2, 3]


@pytest.mark.parametrize(
    "query",
    ["sort=worst", "after=1", "after=1.1&before=1.1", "after=x.y", "limit=0", "limit=51", "limit=x", "parent=-1"],
)
def test_a_window_that_cannot_be_is_refused(local, query):
    answer = local.browser().get(f"{COMMENTS}?{query}")

    assert answer.status_code in (400, 422)
    assert json.loads(answer.content)["detail"]
