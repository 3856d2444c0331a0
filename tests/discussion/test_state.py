from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outspoken.discussion.errors import NotPossible
from outspoken.discussion.state import ACTORS, TRANSITIONS, Actor, Event, State, has_text, next_state

# The table once more, the way a person would draw it: a row a state, a column an event.
DRAWN = """
            hold  approve    reject    remove   restore    mark-spam  delete
published   held  -          -         removed  -          spam       deleted
held        -     published  rejected  -        -          spam       deleted
rejected    -     published  -         -        -          -          deleted
removed     -     -          -         -        published  -          deleted
spam        -     -          -         -        published  -          deleted
deleted     -     -          -         -        -          -          -
"""


def drawn() -> dict[tuple[State, Event], State | None]:
    head, *rows = [line.split() for line in DRAWN.strip().splitlines()]
    return {
        (State(row[0]), Event(event)): None if cell == "-" else State(cell)
        for row in rows
        for event, cell in zip(head, row[1:], strict=True)
    }


def test_every_pair_of_state_and_event_leads_where_the_drawing_says() -> None:
    assert set(drawn()) == set(product(State, Event))
    for (state, event), expected in drawn().items():
        assert TRANSITIONS.get((state, event)) == expected, (state, event)


@pytest.mark.parametrize("event", Event)
def test_only_those_who_may_cause_an_event_can(event: Event) -> None:
    for state, actor in product(State, Actor):
        expected = drawn()[state, event]
        if expected is None or actor not in ACTORS[event]:
            with pytest.raises(NotPossible):
                next_state(state, event, actor)
        else:
            assert next_state(state, event, actor) is expected


def test_readers_cause_nothing_rules_only_hold_and_authors_only_delete() -> None:
    caused = {actor: {event for event in Event if actor in ACTORS[event]} for actor in Actor}

    assert caused[Actor.READER] == set()
    assert caused[Actor.RULE] == {Event.HOLD}
    assert caused[Actor.AUTHOR] == {Event.DELETE}
    assert caused[Actor.MODERATOR] == set(Event) - {Event.DELETE}


@given(st.lists(st.tuples(st.sampled_from(Event), st.sampled_from(Actor))))
def test_what_is_deleted_stays_deleted_whatever_happens(happenings: list[tuple[Event, Actor]]) -> None:
    state = State.DELETED
    for event, actor in happenings:
        with pytest.raises(NotPossible):
            state = next_state(state, event, actor)
    assert state is State.DELETED


def test_every_state_but_deleted_can_be_published_again_or_is_published() -> None:
    for state in set(State) - {State.DELETED, State.PUBLISHED}:
        assert State.PUBLISHED in {next for (before, _), next in TRANSITIONS.items() if before is state}


def test_authors_can_take_back_what_they_wrote_in_every_state() -> None:
    for state in set(State) - {State.DELETED}:
        assert next_state(state, Event.DELETE, Actor.AUTHOR) is State.DELETED


def test_only_what_is_deleted_has_no_text() -> None:
    assert [state for state in State if not has_text(state)] == [State.DELETED]
