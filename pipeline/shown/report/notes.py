"""What must be known of the numbers: notes, and what leaks into them from the training."""

import csv
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from pipeline.leaks.found import LEAKS
from pipeline.shown.document import Section
from pipeline.shown.markup import Html, join, tag
from pipeline.shown.report.given import Given
from pipeline.shown.table import facts, table

MOST = 10
"""Rows of leaks.csv that are shown."""
NOTHING = "Nothing that has to be known."


def notes(given: Given) -> Section:
    """The sentences that are printed above the table."""
    told = [tag("li", note) for note in given.report["notes"]]
    return Section("notes", "Notes", tag("ul", *told) if told else tag("p", NOTHING))


def leaks(given: Given) -> Section:
    """What was found of the training in what is asked, and the first of it by name."""
    found = given.report["leaks"]
    if not found:
        told = tag("p", "Of what was trained on nobody knows, so that nothing was compared.")
        return Section("leaks", "Leaks from the training", told)
    shown = facts(list(_facts(found)), label="Leaks")
    return Section("leaks", "Leaks from the training", join(shown, *_first(given)))


def _facts(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    same, alike, captions = found["identical"], found["alike"], found["captions"]
    yield "pictures of the same file", _many(same, "what was trained on is not known")
    told = _many(alike["pictures"], alike["why"])
    asked, trained = alike["compared"]
    of = f" of {asked:,}, held against {trained:,}; {alike['bits']} of 64 bits or fewer apart"
    yield "pictures that look alike", told + (of if alike["pictures"] is not None else "")
    if unseen := alike["unseen"]:
        yield "pictures not looked at", "; ".join(f"{n:,}: {why}" for why, n in unseen.items())
    of = f" of {captions['compared']:,}" if captions["same"] is not None else ""
    yield "captions word for word", _many(captions["same"], captions["why"]) + of
    words = found["unknown_words"]
    for each in filter(None, words if isinstance(words, list) else [words]):
        share = f"{100 * each['share']:.1f} % ({each['unseen']:,} of {each['words']:,})"
        often = f", most often {', '.join(each['most'])}" if each["most"] else ""
        yield "words that the run does not know", share + often


def _many(number: int | None, why: str) -> str:
    return f"{number:,}" if number is not None else f"not looked at: {why}"


def _first(given: Given) -> list[Html]:
    """The first rows of the file beside the report, where there is one."""
    if LEAKS not in given.report["files"]:
        return []
    with (given.folder / LEAKS).open(encoding="utf-8", newline="") as stream:
        head, *rows = islice(csv.reader(stream), MOST + 1)
    below = tag("p", f"The first rows of {LEAKS}, which lies beside the report:", class_="soft")
    return [below, table(head, rows, label=f"First rows of {LEAKS}", numbers=False)]
