"""``--from-similarity PATH``: matrices, and what is known of each before it is ranked."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.ids import ALONE
from core.similarities.matrix import Similarity
from core.similarities.reading import read_similarity
from core.wording import counted
from evaluate.report import Report
from pipeline.memory.machine import Machine
from pipeline.memory.program import program
from pipeline.stages.terms import Question

MADE_WITH = ("threads", "device", "torch", "version", "commit", "code")
"""The fields that say what computed: of the matrix, and again of what is measured of it."""


def read_each(paths: Sequence[Path]) -> dict[str, Similarity]:
    """Read matrices, each by its path as it was typed; one that is given twice is refused.

    Raises:
        InputError: one is no matrix, or two are one, also where one is a copy elsewhere.
        OSError: one cannot be read.
    """
    given: dict[str, Similarity] = {}
    for path in paths:
        made = read_similarity(path)
        first = next((name for name, each in given.items() if each.sha256 == made.sha256), None)
        if first is not None:
            same = Path(first).resolve() == path.resolve()
            what = f"{path} is" if same else f"{path} and {first} are one matrix,"
            raise InputError(f"{what} given twice; give it once")
        given[str(path)] = made
    return given


def known(made: Similarity, path: Path, question: Question, computing: Machine) -> dict[str, Any]:
    """JSON facts of a report: those that the file brings, and what measures now.

    A file of others brings none: ``run`` is its name then, ``split`` and ``corpus`` are null.
    """
    told = {name: value for name, value in made.facts.items() if name not in MADE_WITH}
    split = told.get("split")
    return {
        "run": path.stem,
        "corpus": None,
        **told,
        "split": split,
        "asked": {**question.as_asked(), "split": split, "of": "similarity"},
        "similarity": {
            "sha256": made.sha256,
            "words": made.words,
            "made_with": {name: made.facts[name] for name in MADE_WITH if name in made.facts},
        },
        "threads": {"evaluation": computing.threads},
        "device": computing.device,
        "torch": computing.torch,
        **program(),
    }


def opening(made: Similarity, path: Path) -> str:
    """What is asked, in a line."""
    images, captions = made.value.shape
    size = f"{counted(images, 'image')}, {counted(captions, 'caption')}"
    of = f" of {_named(made.facts['run'])}" if "run" in made.facts else ""
    return f"{path}{of}: {size}; {made.words}"


def lines(report: Report, matrices: Sequence[Mapping[str, Any]]) -> str:
    """What a person needs beside the table: what was asked, then a line a matrix.

    Args:
        report: of all.
        matrices: what ``known`` gave of each.
    """
    split = matrices[0]["split"]
    asked = [f"split {split}" if split else "", report.setting(), report.chance()]
    of = (
        [""]
        if len(matrices) == 1
        else [f"run {number}: " for number in range(1, len(matrices) + 1)]
    )
    told = [
        f"{which}similarity {facts['similarity']['sha256'][:8]} of {_named(facts['run'])}"
        for which, facts in zip(of, matrices, strict=True)
    ]
    return "\n".join(["; ".join(filter(None, asked)), *told])


def require_one_corpus(given: Mapping[str, Similarity]) -> None:
    """Refuse matrices of other pictures or captions, as far as they say of which they are.

    Raises:
        InputError: two are.
    """
    known = {name: made.facts["corpus"] for name, made in given.items() if "corpus" in made.facts}
    for (first, one), (other, another) in zip(
        list(known.items())[:1] * len(known), known.items(), strict=True
    ):
        if one["sha256"] != another["sha256"]:
            raise InputError(f"{first} and {other} are of other pictures or captions; {ALONE}")


def _named(run: str | Sequence[str]) -> str:
    return run if isinstance(run, str) else " and ".join(run)
