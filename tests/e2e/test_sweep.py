"""A sweep as it is typed: every point once, killed and resumed, and who is asked about test."""

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.sealed import check_sealed, read_sealed
from pipeline.stages.sweep import sweep
from pipeline.stages.terms import Terms
from pipeline.sweeps import examined, taken
from pipeline.sweeps.file import read_sweep
from tests.e2e.conftest import SMALL, Chain, Type
from tests.interruption import Killed, fail_at

SETTINGS = "set.epochs = 2\nset.embed_dim = 32\nset.word_dim = 16\n"


@pytest.fixture
def asked(chain: Chain, tmp_path: Path) -> Path:
    """A file of four points, one of which is the run of `chain`."""
    file = tmp_path / "mine.toml"
    file.write_text(
        f'data = "{chain.data}"\n[grid]\nrecipe = "vse++w"\ncache = "{chain.cache.name}"\n'
        f"seed = [0, 1]\n{SETTINGS}set.text = ['gru', 'lstm']\n",
        encoding="utf-8",
    )
    return file


@pytest.fixture
def work(chain: Chain, tmp_path: Path) -> Path:
    """A work folder with the cache of `chain`, and no run."""
    (tmp_path / "own/features").mkdir(parents=True)
    (tmp_path / "own/features" / chain.cache.name).symlink_to(chain.cache)
    return tmp_path / "own"


@pytest.fixture
def evaluated(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the runs that are asked about test."""
    names: list[str] = []
    real = examined.evaluate

    def spy(run: Path, *words: Any, **more: Any) -> Any:
        names.append(run.name)
        return real(run, *words, **more)

    monkeypatch.setattr(examined, "evaluate", spy)
    return names


def content(folder: str) -> dict[str, Any]:
    """What ``sweep.json`` says but for times and for where things are."""
    found = read_sealed(Path(folder) / "sweep.json")
    for point in found["points"]:
        point["run"] = Path(point["run"] or "").name
        del point["train_seconds"]
    for row in found["configurations"]:
        row["validation"].pop("seconds", None)
    for test in found["test"]:
        del test["reports"]
    return found


def test_every_point_is_trained_once_as_train_would_and_found_the_next_time(
    tencrop: Type, asked: Path, work: Path, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    # By hand before: the sweep finds it.
    words = (chain.cache, "--data", chain.data, *SMALL, "--set", "text=lstm", "--seed", 1)
    by_hand = Path(tencrop("train", *words, "--work", work).last)
    listed = tencrop("sweep", asked, "--dry-run", "--work", work)
    assert listed.code == 0
    assert [line.split()[2:4] for line in listed.out.splitlines()[1:]] == [
        *(["0", "to"], ["1", "to"], ["0", "to"], ["1", "there"])
    ]
    assert [each.name for each in (work / "runs").iterdir()] == [by_hand.name]
    first = tencrop("sweep", asked, "--work", work)
    assert first.code == 0, first.err
    runs = {each.name: (each / "last.json").read_bytes() for each in (work / "runs").iterdir()}
    assert len(runs) == 4
    assert [word for line in listed.out.splitlines()[1:] for word in line.split()[-1:]] == [
        *(point["run"].replace("../..", str(work)) for point in read_points(first.last))
    ]
    monkeypatch.setattr("pipeline.fitting.fit", None)  # nothing is trained any more
    again = tencrop("sweep", asked, "--work", work)
    assert (again.code, again.out) == (0, first.out)
    assert runs == {
        each.name: (each / "last.json").read_bytes() for each in (work / "runs").iterdir()
    }


def read_points(folder: str) -> list[dict[str, Any]]:
    points: list[dict[str, Any]] = read_sealed(Path(folder) / "sweep.json")["points"]
    return points


def test_what_is_kept_is_the_table_sealed_and_drawn(
    tencrop: Type, asked: Path, chain: Chain
) -> None:
    said = tencrop("sweep", asked, "--work", chain.work)
    folder = Path(said.last)
    assert (folder.parent, said.code) == (chain.work / "sweeps", 0)
    assert sorted(each.name for each in folder.iterdir()) == [
        "sweep.csv",
        "sweep.json",
        "sweep.png",
    ]
    assert check_sealed(folder / "sweep.json")
    rows = said.out.splitlines()
    assert len(rows) == 1 + 2 + 1
    assert [row.startswith("* ") for row in rows] == [False, True, False, False]
    kept = read_sealed(folder / "sweep.json")
    for point in kept["points"]:
        record = json.loads((folder / point["run"] / "last.json").read_text())
        assert point["validation"] == record["best"]
    means = [row["validation"]["score"]["mean"] for row in kept["configurations"]]
    assert means == sorted(means, reverse=True)
    assert kept["test"] == []
    with Image.open(folder / "sweep.png") as drawn:
        assert drawn.size[0] > 500


@pytest.mark.parametrize("nth", [3, 40, 90])
def test_a_sweep_that_is_killed_goes_on_as_one_that_was_not(
    tencrop: Type, asked: Path, work: Path, chain: Chain, nth: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = content(tencrop("sweep", asked, "--work", chain.work).last)
    with monkeypatch.context() as patched:
        fail_at(patched, nth)
        with pytest.raises(Killed):
            sweep(read_sweep(asked), terms=Terms(work=work), save_every=0.0)
    done = tencrop("sweep", asked, "--work", work)
    assert done.code == 0, done.err
    assert content(done.last) == whole


def test_nobody_is_asked_about_test_unless_told_so_and_then_only_what_was_chosen(
    tencrop: Type, asked: Path, chain: Chain, evaluated: list[str]
) -> None:
    plain = tencrop("sweep", asked, "--work", chain.work)
    assert (evaluated, plain.code) == ([], 0)
    done = tencrop("sweep", asked, "--test", "--work", chain.work)
    kept = read_sealed(Path(done.last) / "sweep.json")
    (best,) = kept["chosen"]
    settings = best["settings"]
    chosen = [point for point in kept["points"] if point["settings"] == settings]
    assert evaluated == [Path(point["run"]).name for point in chosen]
    others = [row for row in kept["configurations"] if row["settings"] != settings]
    scores = [row["validation"]["score"]["mean"] for row in kept["configurations"]]
    assert len(others) == 1
    assert max(scores) != others[0]["validation"]["score"]["mean"] or min(scores) == max(scores)
    (test,) = kept["test"]
    reports = [read_sealed(Path(done.last) / each / "report.json") for each in test["reports"]]
    assert len(reports) == 2
    mean = sum(each["i2t"]["r5"] for each in reports) / 2
    assert test["measures"]["i2t_r5"]["mean"] == pytest.approx(mean)
    assert f"{sum(each['rsum'] for each in reports) / 2:.1f} ± " in done.out


def test_one_of_each_recipe_is_chosen_where_the_file_says_so(
    tencrop: Type, asked: Path, chain: Chain, evaluated: list[str]
) -> None:
    text = asked.read_text().replace('"vse++w"', '["vse++w", "vse++"]')
    asked.write_text(f'choose = "recipe"\n{text}', encoding="utf-8")
    done = tencrop("sweep", asked, "--test", "--work", chain.work)
    kept = read_sealed(Path(done.last) / "sweep.json")
    assert sorted(each["recipe"] for each in kept["test"]) == ["vse++", "vse++w"]
    assert len(evaluated) == 4
    for test in kept["test"]:
        rows = [row for row in kept["configurations"] if row["recipe"] == test["recipe"]]
        best = max(rows, key=lambda row: row["validation"]["score"]["mean"])
        assert test["settings"] == best["settings"]


def test_what_does_not_fit_is_told_before_and_after_and_the_others_go_on(
    tencrop: Type, asked: Path, chain: Chain
) -> None:
    asked.write_text(f"{asked.read_text()}set.margin = [0.2, -1.0]\n", encoding="utf-8")
    listed = tencrop("sweep", asked, "--dry-run", "--work", chain.work)
    assert listed.out.count("refused") == 4
    done = tencrop("sweep", asked, "--test", "--work", chain.work)
    assert done.code == 1
    assert "mine: 8 points: 4 to train, 4 refused" in done.err or "4 refused" in done.err
    assert done.err.splitlines()[-1].startswith("error: 4 of 8 points failed, the first with: ")
    assert "margin" in done.err.splitlines()[-1]
    kept = read_sealed(Path(done.last) / "sweep.json")
    assert [row["failed"] for row in kept["configurations"]] == [0, 0, 2, 2]
    assert len(kept["test"]) == 1  # what never fits is never the best


def test_while_a_point_may_yet_be_the_best_nobody_is_asked_about_test(
    tencrop: Type,
    asked: Path,
    chain: Chain,
    evaluated: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = taken.train

    def full(*words: Any, **more: Any) -> Path:
        if 'text="lstm"' in words[2].assignments and words[2].seed == 1:
            raise OSError(28, "No space left on device", "x")
        return real(*words, **more)

    monkeypatch.setattr(taken, "train", full)
    done = tencrop("sweep", asked, "--test", "--work", chain.work)
    assert (done.code, evaluated) == (1, [])
    assert "nothing is asked about test: 1 point without a run might be the best" in done.err
    assert "failed: the disk is full" in done.err
    assert "1 of 4 points failed" in done.err.splitlines()[-1]
    monkeypatch.setattr(taken, "train", real)
    assert tencrop("sweep", asked, "--test", "--work", chain.work).code == 0
    assert len(evaluated) == 2


def test_a_picture_that_cannot_be_drawn_costs_nothing(
    tencrop: Type, asked: Path, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.plots.sweep.save", lambda drawn, file: 1 / 0)
    done = tencrop("sweep", asked, "--work", chain.work)
    assert done.code == 0
    assert "sweep.png was not drawn" in done.err


def test_a_cache_that_is_none_is_told_of_each_point(
    tencrop: Type, asked: Path, chain: Chain
) -> None:
    asked.write_text(asked.read_text().replace(chain.cache.name, "nowhere"), encoding="utf-8")
    done = tencrop("sweep", asked, "--work", chain.work)
    assert done.code == 1
    assert "4 of 4 points failed" in done.err.splitlines()[-1]
    assert "nowhere is not there" in done.err


def test_caches_that_a_recipe_wants_and_was_not_given_are_said_once(
    tencrop: Type, asked: Path, chain: Chain, work: Path
) -> None:
    (work / "features" / "other").symlink_to(chain.cache)
    text = asked.read_text().replace("vse++w", "bag").replace("set.word_dim = 16\n", "")
    text = text.partition("set.text")[0].replace("seed = [0, 1]\n", "")
    both = f'cache = ["{chain.cache.name}", "other"]'
    asked.write_text(text.replace(f'cache = "{chain.cache.name}"', both), encoding="utf-8")
    done = tencrop("sweep", asked, "--work", work)
    assert done.code == 0, done.err
    assert "point 2 of 2: bag other" in done.err
    (line,) = (each for each in done.err.splitlines() if each.startswith("bag wants "))
    assert " in the place of cache makes and takes them all" in line
    assert 'weights = "random"' in line


def test_caches_that_the_recipe_wants_are_made_once_and_found(
    tencrop: Type, chain: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = tmp_path / "own.toml"
    recipe.write_text(
        f"epochs = 1\n[task]\nname = 'cca'\n{WHOLE}".replace("epochs = 1\n", ""), encoding="utf-8"
    )
    file = tmp_path / "mine.toml"
    file.write_text(
        f'data = "{chain.data}"\n[grid]\nrecipe = "own.toml"\nset.ridge = [0.1, 0.2, -1.0]\n'
        "features = { backbone = 'squeezenet1_1', weights = 'random' }\n",
        encoding="utf-8",
    )
    work = tmp_path / "own"
    before = tencrop("sweep", file, "--dry-run", "--work", work)
    states = [line.split()[3:5] for line in before.out.splitlines()[1:]]
    assert states == [["caches", "first"]] * 2 + [["refused", "-"]]
    made = "on squeezenet1_1 crops=2 keep=all weights=random, made where they are not there"
    assert [line.endswith(made) for line in before.out.splitlines()[1:]] == [True, True, False]
    assert not (work / "features").exists()
    done = tencrop("sweep", file, "--work", work)
    assert done.err.splitlines()[-1].startswith("error: 1 of 3 points failed")
    (cache,) = (work / "features").iterdir()
    assert "2crop-all" in cache.name
    points = read_points(done.last)
    assert [bool(point["run"]) for point in points] == [True, True, False]
    config = json.loads((Path(done.last) / points[0]["run"] / "config.json").read_text())
    assert Path(config["given"]["cache"]).name == cache.name
    monkeypatch.setattr("pipeline.stages.features._extracted", None)  # nothing is extracted
    monkeypatch.setattr("pipeline.fitting.fit", None)
    assert tencrop("sweep", file, "--work", work).out == done.out
    assert "to train" not in tencrop("sweep", file, "--dry-run", "--work", work).out


WHOLE = "[features.whole]\ncrops = 2\nkeep = 'all'\n"
