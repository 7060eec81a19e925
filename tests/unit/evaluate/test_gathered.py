"""What is measured part by part is what is measured of all queries at once."""

import numpy as np
import pytest

from core.errors import InputError, SettingError
from evaluate.gathered import gathered
from evaluate.hits import Hits
from evaluate.measures import options_of, per_query, summed
from evaluate.placed import PartHits

RANKS = [[1, 4], [2], [3, 5, 6], [2, 3]]
IDS = np.array(["a", "b", "nobody's", "c", "d"]), np.array(["A", "A", "B", "B", "C"])


def parts(*cuts: int) -> list[PartHits]:
    row = np.array([0, 1, 3, 4])
    edges = [0, *cuts, len(RANKS)]
    return [
        PartHits(row[a:b], Hits.of(RANKS[a:b], 9), np.arange(a, b) == 2, np.zeros(b - a))
        for a, b in zip(edges[:-1], edges[1:], strict=True)
    ]


@pytest.mark.parametrize("cuts", [(), (1,), (2, 3)])
def test_parts_are_as_one(cuts: tuple[int, ...]) -> None:
    measures = {
        "recall": options_of("recall", {"k": (1, 3)}),
        "median_rank": options_of("median_rank", {}),
    }
    found = gathered("i2t", parts(*cuts), IDS, measures, "average_precision")
    whole = Hits.of(RANKS, 9)
    precision = per_query("average_precision", whole)
    values = per_query("recall", whole, measures["recall"]) | per_query("median_rank", whole)
    assert found.asked == {
        "queries": 4,
        "gallery": 9,
        "positives": 2.0,
        **summed("recall", per_query("recall", whole, measures["recall"])),
        **summed("median_rank", per_query("median_rank", whole)),
    }
    assert found.always == summed("average_precision", precision)
    assert found.right.tolist() == [2, 1, 3, 2]
    assert found.tied == 1
    assert found.queries.id.tolist() == ["a", "b", "c", "d"]
    assert found.queries.picture.tolist() == ["A", "A", "B", "C"]
    kept = {name: each.tolist() for name, each in found.queries.values.items()}
    assert kept == {name: each.tolist() for name, each in (precision | values).items()}


def test_nobody_and_nothing_are_refused() -> None:
    with pytest.raises(InputError, match="i2t: no query has a right answer; choose another"):
        gathered("i2t", [], IDS, {}, "average_precision")
    with pytest.raises(SettingError, match="unheard"):
        gathered("i2t", parts(), IDS, {}, "unheard")
