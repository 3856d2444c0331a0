"""How many comments pages have: many in one question, and as a bare number."""

import pytest

from outspoken.discussion.state import Event
from outspoken.store.tables import addresses
from tests.web.talking import FERRY

PAGE = f"https://harbour.example/{FERRY}"


def test_many_pages_are_counted_in_one_question_each_as_it_was_spelled(talk):
    talk.add_thread("light0000000", "lantern")
    for _ in range(2):
        talk.browser().say("Here.")
    talk.browser().say("Held.", website="x")
    urls = [
        PAGE,
        f"{PAGE}/?utm_source=x",
        "https://harbour.example/new",
        "no address",
        "https://lantern.example/light0000000",
    ]

    answer = talk.browser().get("/api/v1/counts", params={"site": "harbour", "url": urls})

    assert answer.json() == {"counts": dict(zip(urls, (2, 2, 0, 0, 0), strict=True))}
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "public, max-age=60"


@pytest.mark.parametrize(
    "query", ["", "site=harbour", f"url={PAGE}", f"site=../x&url={PAGE}", "site=harbour" + f"&url={PAGE}" * 101]
)
def test_a_question_without_sense_is_refused(local, query):
    assert local.browser().get(f"/api/v1/counts?{query}").status_code in (400, 422)


def test_one_page_is_counted_as_a_bare_number_for_templates(talk):
    talk.browser().say("Here.")
    reader = talk.browser()

    answer = reader.get("/embed/count", params={"site": "harbour", "url": PAGE})

    assert (answer.text, answer.headers["content-type"].partition(";")[0]) == ("1", "text/plain")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert reader.get("/embed/count", params={"site": "harbour", "url": "https://harbour.example/new"}).text == "0"
    assert reader.get("/embed/count?site=harbour").status_code == 422


def test_what_is_hidden_is_not_counted(talk):
    talk.browser().say("Here.")
    talk.moderate(1, Event.REMOVE)

    assert talk.browser().get("/embed/count", params={"site": "harbour", "url": PAGE}).text == "0"


def test_a_page_is_counted_by_what_an_old_system_called_it(talk):
    talk.browser().say("Here.")
    with talk.database.writing() as connection:
        connection.execute(addresses.insert().values(site="harbour", address="id:ferry-1", thread=FERRY))

    answer = talk.browser().get("/api/v1/counts", params={"site": "harbour", "url": ["id:ferry-1", "id:ferry-2"]})

    assert answer.json() == {"counts": {"id:ferry-1": 1, "id:ferry-2": 0}}
