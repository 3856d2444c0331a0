import random
import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from outspoken.discussion.comment import Quotation
from outspoken.discussion.errors import Invalid, NotFound, NotPossible, Refusal
from outspoken.discussion.order import Sort
from outspoken.discussion.state import Actor, Event, State
from outspoken.discussion.thread import Opening
from outspoken.store.changes import change_state, delete
from outspoken.store.checking import check
from outspoken.store.database import Database
from outspoken.store.decisions import Decision, decisions_on
from outspoken.store.publishing import publish, publish_all
from outspoken.store.sealing import Entropy
from outspoken.store.submission import Receipt, Submission
from outspoken.store.tables import comments
from outspoken.store.threads import set_opening, thread_by_id
from outspoken.store.windows import comment_at, window_of
from tests.factories import MOMENT, a_body, a_submission, open_ferry, say


def test_numbers_count_from_one_and_replies_stand_below(database: Database, entropy: Entropy) -> None:
    open_ferry(database)

    receipts = say(database, entropy, a_submission(), a_submission(parent=1), a_submission(), a_submission(parent=2))

    assert receipts == [Receipt(number, State.PUBLISHED, is_duplicate=False) for number in (1, 2, 3, 4)]
    with database.reading() as connection:
        found = [comment_at(connection, "ferry", number) for number in (1, 2, 3, 4)]
        thread = thread_by_id(connection, "ferry")
    assert [(comment.parent, comment.depth, comment.replies) for comment in found] == [
        (0, 0, 1),
        (1, 1, 1),
        (0, 0, 0),
        (2, 2, 0),
    ]
    assert (thread.comments, thread.version, thread.active) == (4, 5, MOMENT)


def test_a_comment_comes_back_as_it_was_sent(database: Database, entropy: Entropy) -> None:
    open_ferry(database)
    submission = a_submission(body=a_body("“Ün*ï*cödé” 🏳️‍🌈"), quotes=(Quotation(0, 3, 50), Quotation(1, 0, 0)))

    say(database, entropy, submission, now=MOMENT + timedelta(seconds=42))

    with database.reading() as connection:
        comment = comment_at(connection, "ferry", 1)
    assert comment.body == submission.body
    assert comment.quotes == submission.quotes
    assert comment.created == MOMENT
    assert comment.author is not None
    assert (comment.author.name, comment.author.mark) == (submission.name, submission.mark)


def test_the_same_attempt_sent_again_is_recognised_even_in_a_closed_thread(
    database: Database, entropy: Entropy
) -> None:
    open_ferry(database)
    submission = a_submission()
    say(database, entropy, submission)
    with database.writing() as connection:
        set_opening(connection, "ferry", Opening.CLOSED)

    assert say(database, entropy, submission) == [Receipt(1, State.PUBLISHED, is_duplicate=True)]


def test_the_same_attempt_arriving_twice_at_once_is_taken_once(database: Database, entropy: Entropy) -> None:
    open_ferry(database)
    submission = a_submission()
    gate = threading.Barrier(4)
    receipts: list[Receipt] = []

    def send() -> None:
        gate.wait()
        receipts.extend(say(database, entropy, submission))

    senders = [threading.Thread(target=send) for _ in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()

    assert sorted(receipt.is_duplicate for receipt in receipts) == [False, True, True, True]
    assert {receipt.number for receipt in receipts} == {1}
    assert list(check(database)) == []


def test_the_same_words_to_the_same_comment_from_a_new_form_are_recognised(
    database: Database, entropy: Entropy
) -> None:
    open_ferry(database)
    first = a_submission()
    again = {"name": first.name, "key_hash": first.key_hash}
    say(database, entropy, first)

    same, other_words, same_to_another = say(
        *(database, entropy),
        a_submission(**again, body=first.body),
        a_submission(**again, body=a_body("Something else.")),
        a_submission(**again, body=a_body("Something else."), parent=1),
    )

    assert same == Receipt(1, State.PUBLISHED, is_duplicate=True)
    assert [other_words.number, same_to_another.number] == [2, 3]


def test_somebody_else_may_say_the_same_words(database: Database, entropy: Entropy) -> None:
    open_ferry(database)
    body = a_body("Me too.")

    receipts = say(database, entropy, a_submission(body=body), a_submission(body=body))

    assert [receipt.number for receipt in receipts] == [1, 2]


def test_words_can_be_said_again_after_they_were_taken_back(database: Database, entropy: Entropy) -> None:
    open_ferry(database)
    first = a_submission()
    say(database, entropy, first)
    with database.writing() as connection:
        delete(connection, "ferry", 1, key_hash=first.key_hash, now=MOMENT)

    (again,) = say(*(database, entropy), a_submission(name=first.name, key_hash=first.key_hash, body=first.body))

    assert again == Receipt(2, State.PUBLISHED, is_duplicate=False)


@pytest.mark.parametrize("alike", ["Greta", "GRETA", "Grеta", "Gréta", "G r e t a", "G\u200breta", "𝓖𝓻𝓮𝓽𝓪"])
def test_a_name_that_looks_like_anothers_is_refused(database: Database, entropy: Entropy, alike: str) -> None:
    open_ferry(database)
    say(database, entropy, a_submission(name="Greta"))

    with pytest.raises(Invalid) as refused:
        say(database, entropy, a_submission(name=alike))

    assert refused.value.field == "name"


def test_people_keep_their_name_and_may_change_it_to_one_that_looks_like_it(
    database: Database, entropy: Entropy
) -> None:
    open_ferry(database)
    key = b"k" * 32

    say(database, entropy, *(a_submission(name=name, key_hash=key) for name in ("Greta", "Greta", "greta")))

    with database.reading() as connection:
        authors = [comment_at(connection, "ferry", number).author for number in (1, 2, 3)]
    assert [author.number for author in authors if author] == [1, 1, 2]


def test_any_number_of_people_may_write_without_a_name(database: Database, entropy: Entropy) -> None:
    open_ferry(database)

    say(database, entropy, a_submission(name=""), a_submission(name=""))

    with database.reading() as connection:
        authors = [comment_at(connection, "ferry", number).author for number in (1, 2)]
    assert [author.number for author in authors if author] == [1, 2]


def test_the_same_name_in_another_thread_is_nobodys_business(database: Database, entropy: Entropy) -> None:
    open_ferry(database)
    open_ferry(database, "bridge")

    say(database, entropy, a_submission("ferry", name="Greta"), a_submission("bridge", name="Greta"))


@pytest.mark.parametrize("opening", [Opening.CLOSED, Opening.READ_ONLY])
def test_a_thread_that_is_not_open_takes_nothing(database: Database, entropy: Entropy, opening: Opening) -> None:
    open_ferry(database, opening=opening)

    with pytest.raises(NotPossible):
        say(database, entropy, a_submission())


@pytest.mark.parametrize("parent", [7, -1, 2**31, 2**40, 2**70])
def test_a_reply_to_a_comment_that_never_was_is_refused(database: Database, entropy: Entropy, parent: int) -> None:
    open_ferry(database)

    with pytest.raises(NotFound):
        say(database, entropy, a_submission(parent=parent))


def test_a_thread_that_is_not_there_takes_nothing(database: Database, entropy: Entropy) -> None:
    with pytest.raises(NotFound):
        say(database, entropy, a_submission("nowhere"))


def test_tombstones_and_held_comments_take_no_replies(database: Database, entropy: Entropy) -> None:
    open_ferry(database)
    say(database, entropy, a_submission(), a_submission(parent=1), a_submission(state=State.HELD, rule="links"))
    with database.writing() as connection:
        change_state(connection, "ferry", 1, Event.REMOVE, Actor.MODERATOR, rule="abuse", reason="", now=MOMENT)

    with pytest.raises(NotPossible):
        say(database, entropy, a_submission(parent=1))
    with pytest.raises(NotFound):
        say(database, entropy, a_submission(parent=3))
    say(database, entropy, a_submission(parent=2))


def test_a_held_comment_waits_unseen_and_says_why(database: Database, entropy: Entropy) -> None:
    open_ferry(database)
    say(database, entropy, a_submission())

    (receipt,) = say(
        *(database, entropy), a_submission(parent=1, state=State.HELD, rule="links", reason="Three links.")
    )

    assert receipt == Receipt(2, State.HELD, is_duplicate=False)
    with database.reading() as connection:
        assert thread_by_id(connection, "ferry").comments == 1
        assert comment_at(connection, "ferry", 1).replies == 0
        assert [branch.replies for branch in window_of(connection, "ferry", Sort.OLDEST).branches] == [()]
        assert decisions_on(connection, "ferry", 2) == [
            Decision(None, State.HELD, Actor.RULE, "links", "Three links.", MOMENT)
        ]


def test_a_refused_comment_leaves_nothing_behind(database: Database, entropy: Entropy) -> None:
    open_ferry(database)
    say(database, entropy, a_submission(name="Greta"))

    for wrong in (a_submission(name="greta"), a_submission(parent=9)):
        with pytest.raises((Invalid, NotFound)), database.writing() as connection:
            publish(connection, wrong, MOMENT, entropy)

    assert list(check(database)) == []
    with database.reading() as connection:
        assert thread_by_id(connection, "ferry").comments == 1
    assert say(database, entropy, a_submission())[0].number == 2


LONG = "The ferry was late again today, and nobody at the office knew why."


def pressed(**changes: object) -> Submission:
    """What a browser without a key sends from the form that everybody is shown alike."""
    return a_submission(**{"name": "", "body": a_body(LONG), "may_be_repeated": True, **changes})


@pytest.mark.parametrize(("name", "words"), [("", LONG), ("Greta", LONG), ("Greta", "Thank you.")])
def test_a_button_pressed_twice_is_recognised_by_its_words(
    database: Database, entropy: Entropy, name: str, words: str
) -> None:
    open_ferry(database)

    first, again = say(
        *(database, entropy), pressed(name=name, body=a_body(words)), pressed(name=name, body=a_body(words))
    )

    assert (first.is_duplicate, again) == (False, Receipt(1, State.PUBLISHED, is_duplicate=True))
    assert list(check(database)) == []


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ({}, {"parent": 1}),
        ({}, {"body": a_body(LONG + "!")}),
        ({}, {"name": "Greta"}),
        ({}, {"may_be_repeated": False}),
        ({"state": State.HELD}, {}),
        ({"body": a_body("Thank you.")}, {"body": a_body("Thank you.")}),
    ],
    ids=["another parent", "other words", "another name", "somebody with a key", "held before", "short words"],
)
def test_what_differs_or_is_said_by_chance_is_taken_as_new(
    database: Database, entropy: Entropy, earlier: dict[str, object], later: dict[str, object]
) -> None:
    open_ferry(database)

    receipts = say(database, entropy, a_submission(), pressed(**earlier), pressed(**later))

    assert [receipt.number for receipt in receipts] == [1, 2, 3]


def test_the_same_words_some_minutes_later_are_taken_as_new(database: Database, entropy: Entropy) -> None:
    open_ferry(database)
    say(database, entropy, pressed())

    (later,) = say(database, entropy, pressed(), now=MOMENT + timedelta(minutes=3))

    assert later.number == 2


def counted(connection: sa.Connection) -> list[str]:
    """Return a list that grows by each statement that is sent."""
    sent: list[str] = []
    sa.event.listen(connection, "before_cursor_execute", lambda *given: sent.append(given[2].split()[0]))
    return sent


def test_comments_that_come_together_are_taken_in_by_as_many_statements_as_one(
    database: Database, entropy: Entropy
) -> None:
    open_ferry(database)
    say(database, entropy, a_submission())

    def statements(many: int) -> int:
        submissions = [a_submission(parent=1, name="", key_hash=entropy(32)) for _ in range(many)]
        with database.writing() as connection:
            sent = counted(connection)
            assert all(isinstance(it, Receipt) for it in publish_all(connection, submissions, MOMENT, entropy))
        return len(sent)

    assert statements(1) == statements(200) == 10
    assert list(check(database)) == []


@pytest.mark.parametrize("seed", range(5))
def test_comments_that_come_together_become_what_they_become_one_after_another(
    database: Database, entropy: Entropy, seed: int
) -> None:
    for thread in ("ferry", "bridge"):
        open_ferry(database, thread)
        say(database, entropy, a_submission(thread), a_submission(thread, name="Greta", key_hash=b"greta"))

    def sent(thread: str) -> list[Submission]:
        drawn = random.Random(seed)
        return [
            a_submission(
                thread,
                parent=drawn.choice([0, 0, 1, 2, 9, -1]),
                name=drawn.choice(["", "", "Greta", "Gretа", "Bo"]),  # the third with a Cyrillic a
                key_hash=drawn.choice([b"greta", b"bo", b"c", b"d"]),
                idempotency_key=drawn.choice([bytes([number]), b"again"]),
                body=a_body(drawn.choice(["One.", "Two.", "Words that nobody writes twice by mere chance, ever."])),
                may_be_repeated=drawn.random() < 0.3,
                state=drawn.choice([State.PUBLISHED, State.PUBLISHED, State.HELD]),
            )
            for number in range(40)
        ]

    with database.writing() as connection:
        together = publish_all(connection, sent("ferry"), MOMENT, entropy)
    alone: list[Receipt | Refusal] = []
    for submission in sent("bridge"):
        try:
            with database.writing() as connection:
                alone.append(publish(connection, submission, MOMENT, entropy))
        except Refusal as refusal:
            alone.append(refusal)

    assert [repr(it) for it in together] == [repr(it) for it in alone]
    assert {type(it) for it in together} >= {Receipt, Invalid, NotFound}
    with database.reading() as connection:
        ferry, bridge = (
            [(row.number, row.parent, row.state, row.author, row.replies) for row in
             connection.execute(comments.select().where(comments.c.thread == thread).order_by(comments.c.number))]
            for thread in ("ferry", "bridge")
        )  # fmt: skip
    assert ferry == bridge
    assert list(check(database)) == []
