"""The API does what its description says, whatever it is sent: schemathesis over every operation."""

import sys

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import just
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from outspoken.settings import Limits, Settings
from outspoken.web.app import create_app
from tests.web.talking import FERRY, Talk

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
FOLLOWED = "followThread"  # it never ends by itself; tests/web/test_live.py listens to it


@pytest.fixture
def described(talk: Talk):
    """A server with something to find, and its description."""
    talk.settings = Settings(limits=Limits(comments_per_ten_minutes=10**6, comments_per_day=10**6))
    talk.restart()
    # It is started and ended as servers do.
    talk.app = create_app(talk.server)
    for number in range(4):
        talk.browser().say(f"Comment number {number}.", parent=number)
    return talk, schemathesis.openapi.from_asgi("/api/v1/openapi.json", talk.app)


def test_the_description_is_openapi_3_1(local):
    description = local.browser().get("/api/v1/openapi.json").json()

    assert description["openapi"].startswith("3.1")
    operations = [operation for path in description["paths"].values() for operation in path.values()]
    assert {operation["operationId"] for operation in operations} == {
        "countComments", "findThread", "getThread", "listComments", "getComment", "postComment", FOLLOWED,
    }  # fmt: skip


def test_every_refusal_is_described_as_problem_details(local):
    description = local.browser().get("/api/v1/openapi.json").json()

    for path in description["paths"].values():
        for operation in path.values():
            for status, answer in operation["responses"].items():
                if status >= "400":
                    assert list(answer["content"]) == ["application/problem+json"], (operation["operationId"], status)


def fuzz(described, examples: int) -> int:
    _, schema = described
    sent = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.definition.raw.get("operationId") == FOLLOWED:
            continue
        for known in (False, True):

            @settings(
                max_examples=examples // 2,
                deadline=None,
                database=None,
                derandomize=True,
                phases=[Phase.explicit, Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            def ask(case, *, known: bool) -> None:
                nonlocal sent
                if known and "thread" in (case.path_parameters or {}):
                    case.path_parameters["thread"] = FERRY
                response = case.call()
                case.validate_response(response, checks=CHECKS)
                sent += 1

            given(case=operation.as_strategy(), known=just(known))(ask)()
    return sent


def test_nothing_that_is_sent_brings_the_api_off_its_description(described):
    sent = fuzz(described, 50)

    sys.stdout.write(f"schemathesis: {sent} cases\n")
    assert sent > 200


@pytest.mark.long
def test_nothing_of_very_much_that_is_sent_brings_the_api_off_its_description(described):
    sent = fuzz(described, 2_000)

    sys.stdout.write(f"schemathesis: {sent} cases\n")
    assert sent > 8_000
