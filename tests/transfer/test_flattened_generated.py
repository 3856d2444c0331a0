"""Made-up discussions, printed in every layout and read back: the measure is over many pages, not one."""

import random
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outspoken.transfer.importers.flattened import IMPORTER
from outspoken.transfer.records import Record, Unreadable
from tests.transfer import made_up_words as words
from tests.transfer.printing import FLAT, LAYOUTS, page
from tests.transfer.scoring import Node, Score, flat, score

NAMES = [
    "J K", "Lady Penelope III", "Old Pete", "Anonymous", "R2", "Guest", "Søren", "tinfoil_hat", "Ana María", "geoff_w",
    "~drifter~", "x99", "B. Okafor", "o'neil", "The Other Bob", "李雷", "Дмитрий К.", "אבי", "محمد علي", "Ελένη",
    "Sammy Davis Jr.", "jean-luc", "日本太郎", "Bob from Ohio", "Mr. T", "van der Berg",
]  # fmt: skip
WORDS = [
    "harbour",
    "ferry",
    "mayor",
    "budget",
    "window",
    "who",
    "says",
    "that",
    "bridge",
    "storm",
    "мост",
    "снова",
    "橋",
]
PAGES = 60


def sentence(dice: random.Random) -> str:
    words = " ".join(dice.choice(WORDS) for _ in range(dice.randint(3, 15)))
    return words[0].upper() + words[1:] + dice.choice(".!?")


def blocks(dice: random.Random, layout: str) -> list[tuple[str, object]]:
    if layout != "mt_posted_by" and dice.random() < 0.15:
        return []
    made: list[tuple[str, object]] = []
    if layout not in FLAT and dice.random() < 0.12:
        made.append(("ul", [sentence(dice) for _ in range(dice.randint(2, 4))]))
    for _ in range(dice.randint(1, 3)):
        lines = dice.choice([1, 1, 1, 3])
        made.append(("p", "\n".join(sentence(dice) for _ in range(lines))))
    return made


def thread(dice: random.Random, layout: str, count: int, deepest: int | None = None) -> list[Node]:
    """Return a tree of `count` comments, in order of time, as deep as the layout can show."""
    if deepest is None:
        deepest = 0 if layout in FLAT else 1 if layout == "blogger_threaded" else 7
    roots: list[Node] = []
    branch: list[Node] = []
    for number in range(count):
        minutes = 8 * 60 + 13 * (number + 1)
        node = Node(
            dice.choice(NAMES),
            blocks(dice, layout),
            f"2017-04-{20 + minutes // 1440}T{minutes // 60 % 24:02}:{minutes % 60:02}:00",
        )
        if layout.endswith("_nolinks") and dice.random() < 0.25 and (not node.blocks or node.blocks[0][0] == "p"):
            node.author = None if node.blocks or layout.startswith("wp") else node.author
        del branch[dice.randint(0, min(len(branch), deepest)) :]
        (branch[-1].replies if branch else roots).append(node)
        branch.append(node)
    return roots


def written(dice: random.Random, layout: str) -> tuple[list[Node], str]:
    count = dice.randint(2, 40)
    made = thread(dice, layout, count)
    article = [sentence(dice)[:-1], sentence(dice), f"  • {sentence(dice)}\n  • {sentence(dice)}", sentence(dice)]
    headed = layout not in {"blogger_said", "blogger_threaded", "mt_posted_by"}
    heading = (
        dice.choice(["", "{} Comments", "{} Responses to “Something", "{} thoughts on “Something”"]) if headed else None
    )
    tail = dice.choice(
        ["", "\n", "\n\nLeave a Reply\n\nYour email address will not be published.", "\n\nPost a Comment\n"]
    )
    return made, page(layout, made, count, article, heading) + tail


def read(text: str, path: Path) -> list[Record]:
    path.write_text(text, "utf-8")
    return list(IMPORTER.read(path, lambda _: None))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_pages_nobody_tuned_for_are_read_right(layout: str, tmp_path: Path) -> None:
    dice = random.Random(f"{layout} of the year")
    total = Score()
    for _ in range(PAGES):
        made, text = written(dice, layout)
        total += score(made, read(text, tmp_path / "page.txt"))
    assert total.comments > 20 * PAGES / 2
    assert total.names_right >= 0.98 * total.names, total
    assert total.parents_right >= 0.99 * total.comments, total
    assert total.texts_lost <= 0.01 * total.comments, total
    assert (total.invented, total.times_wrong) == (0, 0), total


@pytest.mark.parametrize("layout", LAYOUTS)
def test_names_and_words_of_any_script_are_read_right_twelve_levels_deep(layout: str, tmp_path: Path) -> None:
    dice = random.Random(f"{layout} in many scripts")
    total = Score()
    for _ in range(PAGES // 3):
        deepest = None if layout in FLAT or layout == "blogger_threaded" else 12
        made = renamed(dice, thread(dice, layout, dice.randint(5, 40), deepest))
        text = page(layout, made, len(flat(made)), [sentence(dice)[:-1], sentence(dice)])
        total += score(made, read(text, tmp_path / "page.txt"))
    assert total.names_right >= 0.98 * total.names, total
    assert total.parents_right >= 0.99 * total.comments, total
    # Three bare names below a text may as well be a list in it; what is taken for one stands in that comment.
    assert total.texts_lost <= 0.01 * total.comments, total
    assert total.times_wrong == 0, total
    # A clock glued to a name that ends in a digit can be read in two ways.
    assert total.invented <= (0.02 * total.names if layout == "blogger_threaded" else 0), total


def renamed(dice: random.Random, made: list[Node]) -> list[Node]:
    """Give the comments of a tree other names and words."""
    people = [words.name(dice) for _ in range(20)]
    for node, _ in flat(made):
        node.author = dice.choice(people) if node.author else node.author
        node.blocks = [
            (kind, [words.sentence(dice) for _ in text] if kind == "ul" else words.sentence(dice))
            for kind, text in node.blocks
        ]
    return made


@given(st.text("• \n1.:aN\xa0", max_size=300), st.sampled_from(["", "2 comments:\n\n", "Comments\n"]))
def test_any_arrangement_of_markers_is_read_or_refused(tmp_path: Path, text: str, heading: str) -> None:
    try:
        records = read("Title\n\n" + heading + text, tmp_path / "page.txt")
    except Unreadable:
        return
    assert records == read("Title\n\n" + heading + text, tmp_path / "page.txt")


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "page.txt"
    path.write_bytes(content)
    IMPORTER.recognises(content)
    try:
        list(IMPORTER.read(path, lambda _: None))
    except Unreadable:
        return


@given(st.randoms(use_true_random=False), st.sampled_from(sorted(LAYOUTS)))
def test_no_word_is_lost_even_from_a_page_with_lines_torn_out(tmp_path: Path, dice: random.Random, layout: str) -> None:
    _, text = written(dice, layout)
    lines = [line for line in text.split("\n") if dice.random() < 0.9]
    try:
        records = read("\n".join(lines), tmp_path / "page.txt")
    except Unreadable:
        return
    names = {record.author for record in records if hasattr(record, "author") and record.author}
    assert all(any(name in line for line in lines) for name in names)


@pytest.mark.parametrize(
    "line",
    ["  • N{}\n\n    Text.\n\n", "  • Ann\n\n    Text.\n\n    • a\n    • B{}.\n\n", "N{} said...\n\nText.\n\n1:05 PM\n",
     "Text {}.\n\nPosted by: N at May 3, 2018 01:05 PM\n\n", "  • N\n", "    • N{}\nz\n\nz\n\n",
     "2 comments:\n\n  • x\n\n", "  1. Ann says:\n", "Ann said:\n\n"],
)  # fmt: skip
def test_time_grows_with_the_page_and_not_faster(line: str, tmp_path: Path) -> None:
    def seconds(count: int) -> float:
        text = "Title\n\nComments\n\n" + "".join(line.format(number) for number in range(count))
        began = time.process_time()
        read(text, tmp_path / "page.txt")
        return time.process_time() - began

    seconds(500)
    # Sixteen times as much: in a straight line that is 16, with the square 256.
    bound = 64 * max(min(seconds(1_000) for _ in range(2)), 0.005)
    # Whatever else the machine did is in the first: the second is asked only where that was too much.
    assert any(seconds(16_000) < bound for _ in range(2))
