"""Every file of evaluate/metrics keeps the contract of a measure.

A file says what it ``USES``: ``best``, the rank of the best-placed right answer of each query;
``all``, those of all; or ``distances``, how near candidates are. It is given hits without what it
does not use; who says ``all`` or ``distances`` must be moved by others than the best.
"""

import doctest
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import evaluate.metrics
from core.errors import SettingError
from core.plugins import load, names
from evaluate.hits import Hits, Places
from evaluate.measures import PACKAGE, Values, options_of, per_query, summary, summed

MEASURES = names(PACKAGE)
GALLERY = 40
Rows = list[list[int]]


def hits_for(plugin: ModuleType, rows: Rows) -> Hits:
    """Hits of ``rows``; without the places and the distances that the file does not say it uses."""

    def refuse(*radii: object) -> Places:
        raise AssertionError(f"{plugin.__name__} uses what it does not say")

    given = Hits.of(rows, GALLERY, [distances(len(row)) for row in rows])
    if plugin.USES != "all":
        given = replace(given, places=refuse)
    return given if plugin.USES == "distances" else replace(given, within=refuse)


def distances(right: int) -> list[int]:
    """Of each rank, so that as many candidates are within 2 bits as there are right answers."""
    return [rank * 3 // right if rank < right else 3 + rank for rank in range(GALLERY)]


def drawn(draw: np.random.Generator, queries: int, *, most: int = 6) -> Rows:
    """The ranks of 1 to ``most`` right answers a query, rising."""
    return [
        sorted((1 + draw.permutation(GALLERY)[: draw.integers(1, most + 1)]).tolist())
        for _ in range(queries)
    ]


def moved_down(rows: Rows, draw: np.random.Generator, *, best_too: bool) -> Rows:
    """One right answer of each query a few places further down, past wrong ones alone."""
    moved = []
    for row in rows:
        at = int(draw.integers(0 if best_too or len(row) == 1 else 1, len(row)))
        last = row[at + 1] - 1 if at + 1 < len(row) else GALLERY
        keep = len(row) == 1 and not best_too
        new = row[at] if keep else int(draw.integers(row[at], last + 1))
        moved.append([*row[:at], new, *row[at + 1 :]])
    return moved


def perfect(plugin: ModuleType, hits: Hits) -> dict[str, Values]:
    """Each value of each query if its right answers all came first."""
    stated = plugin.PERFECT.items()
    return {
        key: best(hits.right) if callable(best) else np.full(len(hits.best), best)
        for key, best in stated
    }


def says_what_it_uses(name: str) -> None:
    assert getattr(load(PACKAGE, name), "USES", None) in ("best", "all", "distances")


def is_perfect_on_perfect_hits(name: str) -> None:
    plugin = load(PACKAGE, name)
    assert plugin.PERFECT
    said = {each for each in plugin.PERFECT.values() if not callable(each)}
    assert said <= {0.0, 1.0, 100.0}, "a rank from 1, or a percentage"
    for right in ([1], [1, 1], [3], [1, 2, 7]):
        hits = hits_for(plugin, [list(range(1, count + 1)) for count in right])
        best = perfect(plugin, hits)
        assert summary(name, hits) == pytest.approx(summed(name, best), rel=1e-12)
        values = per_query(name, hits)
        assert all(values[key] == pytest.approx(best[key], rel=1e-12) for key in best)


def gives_one_value_a_query_whatever_the_order(name: str) -> None:
    plugin = load(PACKAGE, name)
    draw = np.random.default_rng(0)
    for queries in range(1, 40):
        rows = drawn(draw, queries)
        values = per_query(name, hits_for(plugin, rows))
        assert values.keys() == plugin.PERFECT.keys()
        order = draw.permutation(queries)
        again = per_query(name, hits_for(plugin, [rows[i] for i in order]))
        for key, each in values.items():
            assert (each.shape, each.dtype) == ((queries,), np.float64)
            assert again[key] == pytest.approx(each[order], rel=1e-12)


def changes_no_hits(name: str) -> None:
    plugin = load(PACKAGE, name)
    rows = drawn(np.random.default_rng(5), 9)
    hits = Hits.of(rows, GALLERY, [distances(len(row)) for row in rows])
    arrays = (hits.best, hits.right, *hits.places())
    before = [array.tobytes() for array in arrays]
    plugin.measure(hits, options_of(name, {}))
    assert [array.tobytes() for array in arrays] == before


def is_finite_and_in_range(name: str) -> None:
    plugin = load(PACKAGE, name)
    draw = np.random.default_rng(1)
    for queries in range(1, 40):
        hits = hits_for(plugin, drawn(draw, queries))
        numbers = summary(name, hits)
        assert all(type(number) is float for number in numbers.values())
        best = perfect(plugin, hits)
        for key, each in per_query(name, hits).items():
            low, high = (1, GALLERY) if plugin.PERFECT[key] == 1 else (0, 100)
            for number in (*each, numbers[key]):
                assert math.isfinite(number)
                assert low <= number <= high
            lower = key in declared(plugin)
            assert (each >= best[key]).all() if lower else (each <= best[key]).all()


def declared(plugin: ModuleType) -> frozenset[str]:
    """The values whose lower numbers are the better."""
    names: frozenset[str] = getattr(plugin, "LOWER_IS_BETTER", frozenset())
    return names


def says_which_way_is_better(name: str) -> None:
    plugin = load(PACKAGE, name)
    rows = [[1], [1, 2], [1, 2, 3]]
    worst = [[1 + GALLERY - rank for rank in reversed(row)] for row in rows]
    here, there = (per_query(name, hits_for(plugin, each)) for each in (rows, worst))
    for key in plugin.PERFECT:
        sign = 1 if key in declared(plugin) else -1
        assert (sign * there[key] > sign * here[key]).all()


def is_never_better_when_a_right_answer_moves_down(name: str) -> None:
    plugin = load(PACKAGE, name)
    draw = np.random.default_rng(2)
    for step in range(200):
        rows = drawn(draw, 9)
        worse = moved_down(rows, draw, best_too=step % 2 == 0)
        good, bad = hits_for(plugin, rows), hits_for(plugin, worse)
        best = perfect(plugin, good)
        top = summed(name, best)
        for key in plugin.PERFECT:
            here, there = per_query(name, good)[key], per_query(name, bad)[key]
            assert (abs(there - best[key]) >= abs(here - best[key]) - 1e-9).all()
            first, then = summary(name, good)[key], summary(name, bad)[key]
            assert abs(then - top[key]) >= abs(first - top[key]) - 1e-9


def is_moved_by_what_it_says_it_uses(name: str) -> None:
    """Each value changes when the ranks that the file uses do: the best, or also only others."""
    plugin = load(PACKAGE, name)
    draw = np.random.default_rng(3)
    unmoved = set(plugin.PERFECT)
    for _ in range(200):
        rows = drawn(draw, 9)
        if plugin.USES == "best":
            worse = [[min(row[0] + 9, GALLERY)] for row in rows]
        else:
            worse = moved_down(rows, draw, best_too=False)
            assert [row[0] for row in worse] == [row[0] for row in rows]
        here, there = (per_query(name, hits_for(plugin, r)) for r in (rows, worse))
        unmoved -= {key for key in unmoved if not np.array_equal(here[key], there[key])}
    assert unmoved == set()


def has_a_true_worked_example(name: str) -> None:
    plugin = load(PACKAGE, name)
    given = {**vars(plugin)}
    found = doctest.DocTestFinder(recurse=False).find(plugin.measure, "measure", globs=given)
    assert any("measure(" in example.source for test in found for example in test.examples)
    runner = doctest.DocTestRunner(verbose=False)
    assert [runner.run(test).failed for test in found] == [0]


def refuses_unknown_options(name: str) -> None:
    with pytest.raises(SettingError, match=f"measure {name}: unknown key 'nonsense'"):
        options_of(name, {"nonsense": 1})


def summarises_what_it_measures(name: str) -> None:
    plugin = load(PACKAGE, name)
    assert set(getattr(plugin, "SUMMARY", {})) <= set(plugin.PERFECT)


CONTRACT: list[Callable[[str], None]] = [
    says_what_it_uses,
    is_perfect_on_perfect_hits,
    gives_one_value_a_query_whatever_the_order,
    changes_no_hits,
    is_finite_and_in_range,
    says_which_way_is_better,
    is_never_better_when_a_right_answer_moves_down,
    is_moved_by_what_it_says_it_uses,
    has_a_true_worked_example,
    refuses_unknown_options,
    summarises_what_it_measures,
]


@pytest.mark.parametrize("clause", CONTRACT, ids=lambda clause: clause.__name__)
@pytest.mark.parametrize("name", MEASURES)
def test_a_measure(name: str, clause: Callable[[str], None]) -> None:
    clause(name)


def test_no_two_measures_share_a_key() -> None:
    keys = [key for name in MEASURES for key in load(PACKAGE, name).PERFECT]
    assert keys
    assert len(keys) == len(set(keys))


WRONG = '''
"""Average precision, wrong."""
import numpy as np
from core.settings import Settings
from evaluate.hits import Hits

PERFECT = {{"wrong_map": 100.0}}
{uses}


def measure(hits, options):
    """``wrong_map``.

    Example:
        >>> measure(Hits.of([[2]], gallery=10), Settings())
        {{'wrong_map': array([50.])}}
    """
    {body}
    return {{"wrong_map": 100 * values}}
'''
EVERY = "ranks, offsets = hits.places(); first = offsets[:-1]; "
NUMBER = "number = np.arange(1, len(ranks) + 1) - np.repeat(first, hits.right); "
AS_SAID = "values = np.add.reduceat(number / ranks, first) / hits.right"


@pytest.fixture
def plug_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """Writes a measure into a folder of its own, beside those of the house; gives its name."""
    monkeypatch.setattr(evaluate.metrics, "__path__", [*evaluate.metrics.__path__, str(tmp_path)])

    def write(uses: str, body: str) -> str:
        name = f"wrong_{tmp_path.name}"
        (tmp_path / f"{name}.py").write_text(WRONG.format(uses=uses, body=body))
        return name

    return write


def broken(name: str) -> set[str]:
    """The clauses that a measure does not keep."""
    found = set()
    for clause in CONTRACT:
        try:
            clause(name)
        except (AssertionError, AttributeError):
            found.add(clause.__name__)
    return found


def test_the_right_one_as_a_plug_in_keeps_the_contract(plug_in: Callable[..., str]) -> None:
    assert broken(plug_in('USES = "all"', EVERY + NUMBER + AS_SAID)) == set()


@pytest.mark.parametrize(
    ("uses", "body", "clause"),
    [
        # The obvious one, from the best right answer alone.
        ('USES = "all"', "values = 1 / hits.best", "is_moved_by_what_it_says_it_uses"),
        # All of them, while it says that it needs none.
        ('USES = "best"', EVERY + NUMBER + AS_SAID, "is_perfect_on_perfect_hits"),
        # The reciprocal rank of each right answer, without its number.
        (
            'USES = "all"',
            EVERY + "values = np.add.reduceat(1 / ranks, first) / hits.right",
            "is_perfect_on_perfect_hits",
        ),
        # Divided by those found among the first ten: one that falls out is forgotten.
        (
            'USES = "all"',
            EVERY
            + NUMBER
            + "inside = ranks <= 10; found = np.add.reduceat(inside.astype(float), first); "
            + "values = np.add.reduceat(number / ranks * inside, first) / np.maximum(found, 1)",
            "is_never_better_when_a_right_answer_moves_down",
        ),
        # Better the further down the best one stands.
        (
            'USES = "all"',
            EVERY + "values = 1 - (ranks[offsets[1:] - 1] - hits.right) / hits.best / 40",
            "is_never_better_when_a_right_answer_moves_down",
        ),
        ("", "values = 1 / hits.best", "says_what_it_uses"),
        (
            'USES = "all"; LOWER_IS_BETTER = frozenset({"wrong_map"})',
            EVERY + NUMBER + AS_SAID,
            "says_which_way_is_better",
        ),
        ('USES = "best"', "values = (1 / hits.best).mean(keepdims=True)", "gives_one_value_a"),
        ('USES = "best"', "hits.best.sort(); values = 1 / hits.best", "changes_no_hits"),
    ],
)
def test_a_wrong_average_precision_is_caught(
    plug_in: Callable[..., str], uses: str, body: str, clause: str
) -> None:
    assert any(name.startswith(clause) for name in broken(plug_in(uses, body)))
