"""`compare RUN1 RUN2 ...`: what is asked, joined, grouped, tested, told and refused."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.sealed import check_sealed, read_sealed
from evaluate.queries import Queries, read_queries
from pipeline.asked import posed
from pipeline.stages import compare as stage
from tests.e2e.conftest import SMALL, Chain, Said, Type, typed
from tests.e2e.test_bad_input import one_line

BIASED = ("--set", "gallery.bias=true", "--set", "bank=30")
RECALLS = [f"{way}_r{k}" for way, k in product(("i2t", "t2i"), (1, 5, 10))]
Make = Callable[..., Path]
ROOT = Path(__file__).resolve().parents[2]
CHILD = """
import sys
from pipeline.cli import main
try:
    main(sys.argv[1:])
finally:
    print(not sys.modules.keys().isdisjoint({"torch", "matplotlib"}), file=sys.stderr)
"""


@pytest.fixture(scope="module")
def make(chain: Chain, tmp_path_factory: pytest.TempPathFactory) -> Make:
    """A run of other settings or of another seed, made once."""
    work = tmp_path_factory.mktemp("others")
    made: dict[tuple[object, ...], Path] = {}

    def trained(*words: object, cache: Path = chain.cache, data: Path = chain.data) -> Path:
        key = (*words, cache, data)
        if key not in made:
            made[key] = Path(typed("train", cache, "--data", data, *words, "--work", work))
        return made[key]

    return trained


@pytest.fixture(scope="module")
def seeds(make: Make) -> list[Path]:
    """Two seeds of the usual recipe, and two of it with other settings."""
    return [
        make(*SMALL, *more, "--seed", seed)
        for more in ((), ("--set", "margin=0.4"))
        for seed in (1, 2)
    ]


def as_json(said: Said) -> dict[str, Any]:
    assert said.code == 0, said.err
    told: dict[str, Any] = json.loads(said.out)
    return told


def values(run: Path, split: str = "test") -> dict[str, Queries]:
    return {each.way: each for each in read_queries(run / f"eval-{split}")}


def by_picture(first: dict[str, Queries], other: dict[str, Queries]) -> dict[str, np.ndarray]:
    """What each picture adds to the difference of rsum and of each recall, in a slow loop."""
    pictures = sorted(set(first["i2t"].picture.tolist()))
    shares = {name: np.zeros(len(pictures)) for name in RECALLS}
    for name in RECALLS:
        way, _, value = name.partition("_")
        there = dict(zip(other[way].id, other[way].values[value], strict=True))
        here = zip(first[way].id, first[way].picture, first[way].values[value], strict=True)
        for query, picture, mine in here:
            apart = mine - there[query]
            shares[name][pictures.index(picture)] += apart / len(first[way].id)
    return {"rsum": sum(shares.values()), **shares}  # type: ignore[dict-item]


def test_two_runs_are_asked_and_tested(
    tencrop: Type, chain: Chain, seeds: list[Path], tmp_path: Path
) -> None:
    other = seeds[2]
    told = as_json(tencrop("compare", chain.run, other, "--json", "--out", tmp_path / "kept"))
    kept = tmp_path / "kept/comparison.json"
    assert check_sealed(kept)
    assert read_sealed(kept) == told
    (pair,) = told["pairs"]
    shares = by_picture(values(chain.run), values(other))
    assert set(pair["tests"]) == {*shares, "i2t_mean_rank", "t2i_mean_rank"}
    flips = np.array(list(product((1.0, -1.0), repeat=12)))  # all that 12 pictures have
    for name, share in shares.items():
        test = pair["tests"][name]
        assert test["difference"] == pytest.approx(share.sum())
        exact = (np.abs(flips @ share) >= abs(share.sum()) - 1e-9).mean()
        assert test["p"] == pytest.approx(exact, abs=0.02)
        assert test["smallest"] == pytest.approx(2.80158 * share.std(ddof=1) * 12**0.5, rel=1e-5)
        assert test["low"] - 1e-9 <= test["difference"] <= test["high"] + 1e-9
        assert test["p"] <= test["holm"] <= 1
        assert (test["mcnemar"] is None) == (name == "rsum")
        assert test["independent"] == name.startswith("i2t")
    rows = {row["number"]: row["numbers"] for row in told["rows"]}
    for name in ("rsum", "i2t_r5", "t2i_mean_rank"):
        apart = rows[1][name]["mean"] - rows[2][name]["mean"]
        assert apart == pytest.approx(pair["tests"][name]["difference"])
    assert told["pairs"][0]["pictures"] == told["images"] == 12
    page = (tmp_path / "kept/report.html").read_text()
    assert told["pairs"][0]["said"] in page
    assert page.count("data:image/svg") == 4  # two of differences, two of trainings
    assert page.count("data:image/jpeg") > 2
    assert len(re.findall("<q ", page)) > 2


def test_the_page_says_it_and_a_second_one_asks_nobody(
    tencrop: Type, chain: Chain, seeds: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("compare", chain.run, seeds[2])
    first = tencrop(*words)
    assert first.code == 0
    told = as_json(tencrop(*words, "--json"))
    page = first.out.splitlines()
    assert page[0] == "test, 12 images, 60 captions; protocol retrieval"
    assert page[1] == f"1 vse++w, margin=0.2, seed 0: {chain.run.name}"
    rsum = told["rows"][0]["numbers"]["rsum"]["mean"]
    assert any(re.match(rf"1 vse\+\+w.* {rsum:.1f}[* ]?$", line) for line in page)
    assert any(re.fullmatch(r"loss\.hardest\.margin +0\.2 +0\.4", line) for line in page)
    (said,) = [pair["said"] for pair in told["pairs"]]
    assert said in page
    size, sees = (abs(told["pairs"][0]["tests"]["rsum"][key]) for key in ("difference", "smallest"))
    assert f"the difference of {size:.1f} rsum is " in said
    assert said.endswith(f"this test set sees {sees:.1f} or more")
    assert "to take the best of them is to choose on test" in page[-1]
    assert page[-len(told["notes"]) :] == told["notes"]
    monkeypatch.setattr(posed.Posed, "predicted", None)
    assert tencrop(*words).out == first.out


def test_what_is_known_is_compared_without_torch(
    chain: Chain, seeds: list[Path], tmp_path: Path
) -> None:
    (tmp_path / "known").mkdir()
    places = ("--work", tmp_path / "known", "--out", tmp_path / "out")
    words = map(str, ("compare", chain.run, seeds[2], *places))
    child = [sys.executable, "-c", CHILD, *words]
    told = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = [subprocess.run(child, env=told, capture_output=True, text=True) for _ in range(2)]
    assert [each.returncode for each in ended] == [0, 0]
    assert [each.stderr.splitlines()[-1] for each in ended] == ["True", "False"]
    assert ended[0].stdout == ended[1].stdout


def test_seeds_of_one_recipe_are_one_row_of_each_querys_mean(
    tencrop: Type, seeds: list[Path]
) -> None:
    # In any order: what belongs together is told by what the runs are.
    told = as_json(tencrop("compare", *(seeds[n] for n in (0, 2, 1, 3)), "--json"))
    members = [[each["run"] for each in group["members"]] for group in told["groups"]]
    assert members == [[run.name for run in each] for each in (seeds[:2], seeds[2:])]
    numbers = [read_sealed(run / "eval-test/report.json") for run in seeds]
    row = told["rows"][1]["numbers"]["t2i_r5"]
    assert row["each"] == [each["t2i"]["r5"] for each in numbers[2:]]
    assert row["mean"] == pytest.approx(np.mean(row["each"]))
    assert row["deviation"] == pytest.approx(np.std(row["each"], ddof=1))
    (pair,) = told["pairs"]
    each = [by_picture(values(a), values(b)) for a, b in product(seeds[:2], seeds[2:])]
    for name in ("rsum", *RECALLS):
        share = sum(shares[name] for shares in each) / 4
        test = pair["tests"][name]
        assert test["difference"] == pytest.approx(share.sum(), abs=1e-9)
        assert test["smallest"] == pytest.approx(2.80158 * share.std(ddof=1) * 12**0.5, rel=1e-5)
        assert test["mcnemar"] is None
        assert test["deviations"] == [row["numbers"][name]["deviation"] for row in told["rows"]]
    assert set(told["settings"]) == {"loss.all.margin", "loss.hardest.margin"}
    page = tencrop("compare", *seeds).out
    assert f"{row['mean']:.1f} ± {row['deviation']:.1f}" in page
    assert "seeds ±" in page


def test_seeds_alone_are_compared_one_by_one(tencrop: Type, seeds: list[Path]) -> None:
    told = as_json(tencrop("compare", *seeds[:2], "--json"))
    assert [len(group["members"]) for group in told["groups"]] == [1, 1]
    assert told["settings"] == {"seed": [1, 2]}
    assert [group["called"] for group in told["groups"]] == ["1 vse++w", "2 vse++w"]
    rsum = [row["numbers"]["rsum"]["mean"] for row in told["rows"]]
    spread = f"rsum {np.mean(rsum):.1f} ± {np.std(rsum, ddof=1):.1f}"
    assert any(f"all are seeds of one recipe, {spread}" in note for note in told["notes"])


def test_like_is_compared_with_like_where_the_gallerys_bias_is(
    tencrop: Type, chain: Chain, make: Make
) -> None:
    biased = [
        make(*SMALL, *BIASED, "--seed", seed, "--set", f"margin={margin}")
        for seed, margin in ((1, 0.2), (2, 0.4))
    ]
    told = as_json(tencrop("compare", chain.run, *biased, "--json"))
    assert [(row["number"], row["rule"]) for row in told["rows"]] == [
        *((1, "plain"), (2, "plain"), (3, "plain"), (2, "biased"), (3, "biased")),
    ]
    assert [(p["first"], p["other"], p["rule"]) for p in told["pairs"]] == [
        *((1, 2, "plain"), (1, 3, "plain"), (2, 3, "plain"), (2, 3, "biased")),
    ]
    report = read_sealed(biased[0] / "eval-test/report.json")
    numbers = {row["rule"]: row["numbers"] for row in told["rows"] if row["number"] == 2}
    assert numbers["biased"]["rsum"]["mean"] == report["rsum"]
    assert numbers["plain"]["rsum"]["mean"] == report["without"]["rsum"]
    kept = {each.way: each for each in read_queries(biased[0] / "eval-test")}
    assert kept["t2iwithout"].values["r5"].mean() == report["without"]["t2i"]["r5"]
    every = [test for pair in told["pairs"] for test in pair["tests"].values()]
    assert min(test["holm"] for test in every) == pytest.approx(
        min(1.0, len(every) * min(test["p"] for test in every))
    )
    page = tencrop("compare", chain.run, *biased).out
    assert "\n2 vse++w, bank=30, bias=True, seed 1: " in page
    assert page.count("\n2 vse++w + bias  ") == 3
    assert "less" not in page.partition("settings that differ")[2]  # four pairs: sentences alone


def test_an_average_and_what_has_no_phases_are_compared_too(
    tencrop: Type, chain: Chain, seeds: list[Path], make: Make, tmp_path: Path
) -> None:
    both = tmp_path / "both"
    assert tencrop("evaluate", *seeds[:2], "--out", both).code == 0
    cca = make("--recipe", "cca", "--set", "min_count=1")
    told = as_json(tencrop("compare", both, cca, chain.run, "--json"))
    report = read_sealed(both / "report.json")
    assert told["groups"][0]["members"][0]["run"] == report["run"]
    assert told["rows"][0]["numbers"]["rsum"]["mean"] == report["rsum"]
    assert {len(each) for each in told["settings"].values()} == {3}
    assert told["settings"]["task.name"] == [None, "cca", "paired"]
    page = tencrop("compare", both, cca, chain.run).out
    assert f"1 vse++w, 2 runs averaged: {both}\n" in page


def test_val_is_told_to_be_what_was_chosen_on(
    tencrop: Type, chain: Chain, seeds: list[Path]
) -> None:
    measures = ("--measures", "mean_rank,precision", "--set", "precision.k=3")
    said = tencrop("compare", chain.run, seeds[2], "--split", "val", *measures)
    assert said.code == 0, said.err
    assert said.out.splitlines()[-1].startswith("epochs were chosen on pictures of val")
    assert "\nrsum " in said.out
    assert "\nt2i P@3 " in said.out
    assert "R@1" not in said.out


def test_what_differs_in_more_than_the_run_is_refused_by_name(
    tencrop: Type, chain: Chain, seeds: list[Path], make: Make, tmp_path: Path
) -> None:
    run, other = chain.run, seeds[2]
    kept = tmp_path / "kept"
    assert tencrop("evaluate", other, "--split", "val", "--out", kept).code == 0
    copy = shutil.copytree(run, tmp_path / "copy")
    strange = tmp_path / "strange"
    strange.mkdir()
    (strange / "comparison.json").write_text("{}")
    data = tmp_path / "scenes"
    typed("scenes", data, "--train", 12, "--val", 6, "--test", 6, "--seed", 5)
    words = ("--backbone", "squeezenet1_1", "--weights", "random", "--crops", 1)
    cache = typed("features", data, *words, "--work", tmp_path / "work")
    elsewhere = make(*SMALL, cache=Path(cache), data=data)
    for given, why in (
        ((run,), "name another RUN beside it"),
        ((run, run), "is given twice; give it once"),
        ((run, copy), "are one model, given twice"),
        ((run, kept), "was asked with split 'val', not 'test'; compare with the same --split"),
        ((run, other, "--out", strange), "is no comparison of this program"),
        ((run, other, "--out", data / "scenes.json"), "choose another --out"),
        ((run, other, "--measures", "recal"), "did you mean 'recall'"),
        ((run, kept, "--split", "val", "--set", "recall.k=1,7"), "compare with the same --set"),
        ((run, chain.data), "is a folder of pictures"),
        ((run, elsewhere), f"{run.name} and {elsewhere.name} were asked about other pictures"),
    ):
        one_line(tencrop("compare", *given), why)
    assert (strange / "comparison.json").read_text() == "{}"


def test_who_could_read_less_is_refused_with_the_number(
    tencrop: Type, chain: Chain, seeds: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = stage.read_answer

    def fewer(*words: Any) -> Any:
        asked = real(*words)
        if asked.name == chain.run.name:
            return asked
        keep = slice(3, None)
        less = [
            Queries(q.way, q.id[keep], q.picture[keep], {n: v[keep] for n, v in q.values.items()})
            for q in asked.queries
        ]
        return type(asked)(asked.name, asked.report, less, asked.identity)

    monkeypatch.setattr(stage, "read_answer", fewer)
    said = tencrop("compare", chain.run, seeds[2])
    one_line(said, f"{chain.run.name} and {seeds[2].name} did not answer the same queries: 3 ")


def test_a_run_that_cannot_be_written_is_asked_into_out(
    tencrop: Type, chain: Chain, seeds: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fixed = shutil.copytree(seeds[2], tmp_path / "fixed")
    shutil.rmtree(fixed / "eval-test", ignore_errors=True)
    plain = os.access

    def writable(path: Path, mode: int) -> bool:
        return not (mode & os.W_OK and fixed in (path, *Path(path).parents)) and plain(path, mode)

    monkeypatch.setattr(os, "access", writable)
    monkeypatch.setattr(stage, "access", writable)
    one_line(tencrop("compare", chain.run, fixed), "name another folder with --out DIR")
    out = tmp_path / "out"
    assert tencrop("compare", chain.run, fixed, "--out", out).code == 0
    assert sorted(each.name for each in out.iterdir()) == [
        "comparison.json",
        "fixed",
        "report.html",
    ]
    assert not (fixed / "eval-test").exists()
    # and the folder is an answer that is taken as it is
    again = tencrop("compare", chain.run, out / "fixed")
    assert again.code == 0, again.err
    damaged = out / "fixed/queries.npz"
    damaged.write_bytes(damaged.read_bytes()[:-1])
    one_line(tencrop("compare", chain.run, out / "fixed"), "ask again with `evaluate RUN... --out")
