"""A comparison as JSON for programs, with all its numbers; it holds no time and no path."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.errors import RunError
from core.files import read_regular
from core.sealed import write_sealed
from evaluate.queries import QUERIES
from evaluate.statistics import bootstrap, draws, permutation, power
from pipeline.compared.groups import Group, Row, of_all
from pipeline.compared.pairs import Pair
from pipeline.compared.sentences import notes, sentence
from pipeline.compared.settings import Differing

FORMAT = "tencrop-comparison/1"
COMPARISON = "comparison.json"
SHARED = ("split", "asked", "corpus", "protocol_name")
OF_A_MEMBER = ("run", "recipe", "seed", "model", "cache", "epoch", "finished", "similarity")
HOW = {
    "unit": "picture with all its queries, of every way",
    "permutations": permutation.PERMUTATIONS,
    "resamples": bootstrap.RESAMPLES,
    "percent": bootstrap.PERCENT,
    "seeds": {"permutations": draws.SEED, "resamples": draws.SEED},
    "level": power.LEVEL,
    "power": power.POWER,
}
"""How the tests were made."""


def comparison(
    groups: Sequence[Group],
    rows: Sequence[Row],
    pairs: Sequence[Pair],
    settings: Differing,
    called: Sequence[str],
) -> dict[str, Any]:
    """JSON values; ``number`` counts groups from 1."""
    report = of_all(groups)
    return {
        "format": FORMAT,
        **{key: report[key] for key in SHARED},
        **{key: report[key] for key in ("images", "captions") if key in report},
        "how": HOW,
        "groups": [_group(*each) for each in enumerate(zip(groups, called, strict=True), start=1)],
        "settings": settings,
        "rows": [_row(row) for row in rows],
        "pairs": [{**_pair(pair), "said": sentence(pair, called)} for pair in pairs],
        "notes": notes(groups, pairs, str(report["split"]), called),
    }


def refuse_strangers(out: Path | None) -> None:
    """Refuse to write over what is no comparison, before anything is computed.

    Raises:
        RunError: there is such a file, or ``out`` is no folder.
    """
    if out is None:
        return
    if out.exists() and not out.is_dir():
        raise RunError(f"{out} is no folder; choose another --out")
    file = out / COMPARISON
    if file.exists() and FORMAT.partition("/")[0].encode() not in read_regular(file):
        raise RunError(f"{file} is no comparison of this program; choose another --out")


def keep(out: Path, told: dict[str, Any]) -> Path:
    """Write ``out/comparison.json``, sealed, whole or not at all."""
    out.mkdir(parents=True, exist_ok=True)
    write_sealed(out / COMPARISON, told)
    return out / COMPARISON


def _group(number: int, of: tuple[Group, str]) -> dict[str, Any]:
    group, called = of
    return {
        "number": number,
        "called": called,
        "averages": group.averages,
        "members": [
            {
                "name": each.name,
                **{key: each.report.get(key) for key in OF_A_MEMBER},
                "digest": each.report["files"].get(QUERIES),
            }
            for each in group.members
        ],
    }


def _row(row: Row) -> dict[str, Any]:
    each = [scored.numbers for scored in row.scored]
    return {
        "number": row.number,
        "rule": row.rule,
        "numbers": {
            name: {**asdict(spread), "each": [numbers[name] for numbers in each]}
            for name, spread in row.spreads.items()
        },
    }


def _pair(pair: Pair) -> dict[str, Any]:
    """The differences are the first's number less the other's."""
    first, other = pair.first, pair.other
    return {
        "first": first.number,
        "other": other.number,
        "rule": first.rule,
        "pictures": pair.pictures,
        "tests": {
            name: {
                **asdict(test),
                "deviations": [row.spreads[name].deviation for row in (first, other)],
            }
            for name, test in pair.tests.items()
        },
    }
