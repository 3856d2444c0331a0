"""A question costs as much in a thread of 20,000 comments as in one of 1,000: statements, rows, pages are counted."""

import pytest

from tests.scale.conftest import SHAPES, Town
from tests.scale.costs import Ask, Cost, cost_of
from tests.scale.crowds import measured
from tests.scale.questions import IMPORTING, PUBLISHING, READING, WRITING, Question, SiteQuestion

PREPARED = 12
"""Times after which the driver has prepared a statement and PostgreSQL has chosen between its plans."""

UNMEASURED = """
    DO $$ BEGIN
        DELETE FROM pg_statistic;
        UPDATE pg_class SET reltuples = -1, relpages = 0
         WHERE relkind IN ('r', 'i') AND relnamespace = 'public'::regnamespace;
    END $$
"""
"""PostgreSQL as it is right after much has come in: it knows nothing of it."""


def grows(small: Cost, large: Cost) -> bool:
    """Tell whether the larger thread costs more than what two windows of the same length may differ by."""
    return large.rows > 2 * small.rows + 100 or large.pages > 2 * small.pages + 100 or large.faults != ()


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("question", [*READING, *WRITING, *IMPORTING], ids=lambda question: question.name)
def test_a_question_costs_the_same_in_a_thread_of_any_size(town: Town, question: Question, shape: str) -> None:
    costs = _costs(town, question, shape)
    if not _is_flat(costs):
        # What was asked before was undone, and PostgreSQL wades through the rows of it until they are cleared away.
        measured(town.database)
        costs = _costs(town, question, shape)
    *_, large = costs.values()

    assert all(0 < len(cost.statements) <= question.statements for cost in costs.values()), costs
    # Of many look-ups that find one row together PostgreSQL before 18 tells none: it rounds what each found.
    assert large.rows or large.pages, costs
    assert _is_flat(costs), costs


def _costs(town: Town, question: Question, shape: str) -> dict[int, Cost]:
    crowds = town.crowds[shape]
    return {
        size: cost_of(
            town.database,
            lambda connection, crowd=crowd: question.ask(connection, crowd),  # type: ignore[misc]
            warmed=0 if town.database.is_sqlite or size < max(crowds) else PREPARED,
        )
        for size, crowd in crowds.items()
    }


def _is_flat(costs: dict[int, Cost]) -> bool:
    *smaller, large = costs.values()
    return not grows(max(smaller, key=lambda cost: cost.rows), large)


@pytest.mark.parametrize("question", PUBLISHING, ids=lambda question: question.name)
def test_a_question_costs_the_same_on_a_site_with_any_number_of_stories(town: Town, question: SiteQuestion) -> None:
    _, small, large = (
        cost_of(
            town.database,
            lambda connection, site=site: question.ask(connection, site),  # type: ignore[misc]
            warmed=0 if town.database.is_sqlite else PREPARED,
        )
        for site in town.sites.values()
    )

    assert len(small.statements) == len(large.statements) == question.statements
    assert not grows(small, large), (small, large)


@pytest.mark.postgres
@pytest.mark.xdist_group("town on PostgreSQL")
@pytest.mark.parametrize("question", [*READING, *WRITING], ids=lambda question: question.name)
def test_postgresql_needs_no_figures_to_find_the_way(postgres_town: Town, question: Question) -> None:
    def ask(size: int) -> Ask:
        return lambda connection: question.ask(connection, postgres_town.crowds["mixed"][size])

    *_, middle, large = postgres_town.crowds["mixed"]
    known = cost_of(postgres_town.database, ask(middle))
    unknown = cost_of(postgres_town.database, ask(large), after=UNMEASURED)

    assert not grows(known, unknown), (known, unknown)
