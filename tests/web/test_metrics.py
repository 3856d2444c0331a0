"""/metrics: figures that can be read by Prometheus, by those who look after the server, and that tell nobody apart."""

import re

import pytest
from prometheus_client.parser import text_string_to_metric_families

from outspoken.settings import Server as ServerSettings
from outspoken.settings import Settings
from outspoken.web import routes as templates
from outspoken.web.routes import OTHER, Routes
from tests.web.talking import FERRY, Talk, raw
from tests.web.test_visibility import Caller, answer_to, asks_at, routes


def scraped(talk: Talk) -> dict[tuple[str, ...], float]:
    """Return every sample by name and labels, as somebody on the machine itself reads them."""
    answer = talk.browser("127.0.0.1").get("/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_answers_are_counted_by_route_and_status(local):
    reader = local.browser()
    reader.say("A comment.")
    before = scraped(local)

    reader.get(f"/t/{FERRY}/1")
    reader.get(f"/t/{FERRY}/2")
    reader.get("/t/nothing-of-ours/1/2/3")

    after = scraped(local)
    for route, status in (("/t/{thread}/{number}", "200"), ("/t/{thread}/{number}", "404"), (OTHER, "404")):
        name = ("outspoken_requests_total", route, status)
        assert after[name] - before.get(name, 0) == 1, name
    count = ("outspoken_request_seconds_count", "/t/{thread}/{number}")
    assert after[count] - before.get(count, 0) == 2
    assert after["outspoken_request_bytes_total",] > before["outspoken_request_bytes_total",]


def test_what_waits_and_what_is_kept_is_as_it_is_at_that_moment(local):
    local.browser().say("A comment.")
    local.browser().get(f"/t/{FERRY}")

    found = scraped(local)

    assert found["outspoken_snapshots",] == 1
    assert found["outspoken_snapshot_bytes",] > 0
    assert found["outspoken_writer_waiting",] == 0
    assert found["outspoken_live_pages",] == 0
    assert found["outspoken_database_up",] == 1
    assert found["outspoken_processes",] == 1
    assert found["process_resident_memory_bytes",] > 10_000_000


def test_a_database_that_does_not_answer_is_a_figure_and_no_error(local):
    import sqlalchemy as sa

    def gone():
        raise sa.exc.OperationalError("SELECT", {}, Exception("unable to open database file"))

    local.server.database.reading = gone

    assert scraped(local)["outspoken_database_up",] == 0


def test_every_name_says_what_it_measures_and_every_label_is_a_template_or_a_status(local):
    walk(local)

    text = local.browser("127.0.0.1").get("/metrics").text

    known = {*routes(), *templates.PUBLIC, OTHER}
    for family in text_string_to_metric_families(text):
        assert family.documentation, family.name
        for sample in family.samples:
            for label, value in sample.labels.items():
                assert label in {"route", "status", "le", "answer"}, sample
                assert label != "route" or value in known, sample
                assert label != "status" or re.fullmatch("[2-5][0-9]{2}", value), sample
    assert FERRY not in text
    assert "198.18." not in text


@pytest.mark.parametrize(
    ("settings", "peer", "forwarded", "status"),
    [
        (ServerSettings(), "127.0.0.1", None, 200),
        (ServerSettings(), "::1", None, 200),
        (ServerSettings(), "203.0.113.7", None, 404),
        (ServerSettings(), "203.0.113.7", "127.0.0.1", 404),
        (ServerSettings(), "127.0.0.1", "203.0.113.7", 404),
        (ServerSettings(), None, None, 404),
        (ServerSettings(metrics_for=("10.0.0.0/8",)), "127.0.0.1", None, 404),
        (ServerSettings(metrics_for=("10.0.0.0/8",)), "10.1.2.3", None, 200),
        (ServerSettings(metrics_for=("10.0.0.0/8",)), "127.0.0.1", "10.1.2.3", 200),
        (ServerSettings(metrics_for=()), "127.0.0.1", None, 404),
    ],
)
def test_figures_are_there_only_for_those_who_look_after_the_server(sqlite, settings, peer, forwarded, status):
    talk = Talk(sqlite, settings=Settings(server=settings))
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []

    found, given, content = talk.run(raw(talk.app, "GET", b"/metrics", headers, client=peer and (peer, 1)))

    assert found == status
    if status == 404:
        _, others, nothing = talk.run(raw(talk.app, "GET", b"/nothing", headers, client=peer and (peer, 1)))
        assert content == nothing
        assert {name for name, _ in given} == {name for name, _ in others}
    talk.close()


def test_every_route_that_the_server_answers_has_a_template(local):
    named = Routes(template for template in routes() if template not in templates.PUBLIC)

    for template in (*routes(), *templates.PUBLIC):
        path = re.sub(r"\{number\}", "17", template)
        path = re.sub(r"\{[a-z]+\}", FERRY, path)
        assert named.template(path) != OTHER, template


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/t/ferry0000000/print", "/t/{thread}/print"),
        ("/t/ferry0000000/7", "/t/{thread}/{number}"),
        ("/t/ferry0000000/7/edit", "/t/{thread}/{number}/edit"),
        ("/t/ferry0000000/", "/t/{thread}"),
        ("/", "/"),
        ("/s/harbour/", "/s/{site}"),
        ("/t/ferry0000000/7/edit/more", OTHER),
        ("/T/ferry0000000", OTHER),
        ("", OTHER),
        ("//", OTHER),
        ("/t//7", OTHER),
        ("/t/a\nb", "/t/{thread}"),
        ("/wp-login.php", OTHER),
    ],
)
def test_an_address_is_called_by_its_route(path, template):
    known = ["/t/{thread}", "/t/{thread}/print", "/t/{thread}/{number}", "/t/{thread}/{number}/edit"]

    assert Routes(known).template(path) == template


def walk(talk: Talk) -> None:
    """Ask every route for much of what the visibility matrix knows."""
    talk.browser().say("A comment.")

    async def asking() -> None:
        stranger = Caller("a stranger")
        for path in routes():
            for ask in list(asks_at(path, "harbour", FERRY, 1, stranger))[:20]:
                if not ask[1].endswith("/live"):
                    await answer_to(talk, ask, stranger)

    talk.run(asking())
