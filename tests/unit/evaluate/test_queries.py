"""One value a query, kept beside the report."""

from pathlib import Path

import numpy as np
import pytest

from core.ensemble import Ensemble
from core.errors import InputError
from core.predictions import Embeddings, Vectors
from evaluate.judge import judge
from evaluate.protocols.retrieval import example
from evaluate.queries import QUERIES, Queries, read_queries, save_queries


def test_what_is_kept_of_each_query_has_the_means_of_the_report(tmp_path: Path) -> None:
    report = judge(example(), {"measures": ["mean_rank", "average_precision"]})
    save_queries(tmp_path, report.queries())
    found = read_queries(tmp_path)
    assert [each.way for each in found] == ["i2t", "t2i"]
    assert found[0].id.tolist() == found[0].picture.tolist() == ["a", "b"]
    assert found[1].id.tolist() == ["a0", "a1", "b0"]
    assert found[1].picture.tolist() == ["a", "a", "b"]
    for each in found:
        assert set(each.values) == {"r1", "r5", "r10", "mean_rank", "map"}
        for name in ("mean_rank", "map"):
            assert each.values[name].mean() == report.facts[each.way][name]
        assert each.values["r1"].mean() == report.scores()[f"{each.way}_r1"]


def test_a_picture_without_captions_asks_nothing() -> None:
    whole = example()
    assert whole.caption is not None
    last = Vectors(whole.caption.id[2:], whole.caption.value[2:])
    few = Embeddings(whole.image, last, np.array([1]))
    first, second = judge(few).queries()
    assert first.id.tolist() == second.picture.tolist() == ["b"]


def test_the_same_queries_are_the_same_bytes_and_of_several_the_average(tmp_path: Path) -> None:
    both = Ensemble.of({"one": example(), "two": example()})
    told = [save_queries(tmp_path, judge(each).queries()) for each in (example(), both)]
    assert told[0] == told[1] != {}
    assert save_queries(tmp_path / "none", []) == {}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"id": np.array(["a", "a"])}, "stands twice"),
        ({"picture": np.array(["a"])}, "not one value for each of 2 queries"),
        ({"values": {"r1": np.zeros(3)}}, "not one value for each of 2 queries"),
        ({"way": "i_t"}, "letters and digits"),
    ],
)
def test_what_cannot_be_joined_is_refused(change: dict[str, object], said: str) -> None:
    fields = {"way": "i2t", "id": np.array(["a", "b"]), "picture": np.array(["a", "b"])}
    with pytest.raises(InputError, match=said):
        Queries(**{**fields, "values": {}, **change})  # type: ignore[arg-type]


def test_a_damaged_file_says_what_to_do(tmp_path: Path) -> None:
    save_queries(tmp_path, judge(example()).queries())
    data = (tmp_path / QUERIES).read_bytes()
    for broken in (b"", data[:-9], data.replace(b"i2t_id", b"i2t_if")):
        (tmp_path / QUERIES).write_bytes(broken)
        with pytest.raises(InputError, match="run `evaluate` again"):
            read_queries(tmp_path)
