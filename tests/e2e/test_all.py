"""`all`: one process for what three commands do, which goes on with what was given before."""

import json
import shlex
import shutil
import sys
from pathlib import Path

import click
import pytest

from core.plugins import load
from extract.settings import FeatureSettings
from pipeline.commands import demo
from pipeline.memory.remembered import NAME, Memory, read
from pipeline.scenes import drawn
from pipeline.typed.by_make import ASKED_BY, ENVIRONMENT
from tests.e2e.conftest import FEATURES, SMALL, Chain, Said, Type
from tests.e2e.test_bad_input import one_line

GIVEN = tuple(map(str, FEATURES))


@pytest.fixture
def work(chain: Chain, tmp_path: Path) -> Path:
    """What the three commands have made, by itself."""
    return Path(shutil.copytree(chain.work, tmp_path / "its work"))


def remembered(work: Path) -> dict[str, tuple[str, ...]]:
    return (read(work) or Memory()).options()


def cache_in(work: Path, chain: Chain) -> str:
    return str(work / "features" / chain.cache.name)


def run_in(work: Path, chain: Chain) -> str:
    return str(work / "runs" / chain.run.name)


def test_it_has_the_options_of_the_stages() -> None:
    def options(name: str) -> set[str]:
        command: click.Command = load("pipeline.commands", name).command
        return {word for each in command.params for word in each.opts if word.startswith("--")}

    ours = {"--like", "--need", "--into", "--data", "--cache", "--text", "--from", "--ties"}
    ours |= {"--similarity", "--from-similarity"}
    stages = options("features") | options("train") | options("evaluate")
    assert options("all") == (stages - ours) | {"--to"}


def test_it_finds_what_the_commands_made_and_goes_on(
    tencrop: Type, chain: Chain, work: Path
) -> None:
    first = tencrop("all", chain.data, *FEATURES, "--to", "features", "--work", work)
    assert first[:2] == (0, cache_in(work, chain) + "\n")
    where = f"--work '{work}'"
    assert first.err.splitlines()[-1] == f"next: python -m pipeline all --to train {where}"
    second = tencrop("all", "--to", "train", *SMALL, "--work", work)
    assert second.err.splitlines()[-1] == f"next: python -m pipeline all {where}"
    assert second[:2] == (0, run_in(work, chain) + "\n")
    told = f"going on with {chain.data} --backbone squeezenet1_1 --weights random --crops 1 ("
    assert second.err.startswith(told)
    third = tencrop("all", "--work", work)
    alone = tencrop("evaluate", run_in(work, chain), "--work", work)
    assert third[:2] == (0, alone.out)
    assert "--set epochs=2" in third.err.splitlines()[0]
    assert third.err.splitlines()[1] == f"asking the run that was made last, {run_in(work, chain)}"
    asked = tencrop("all", "--run", chain.run, "--split", "val", "--work", work)
    assert (asked.code, asked.out.startswith("val: 12 images")) == (0, True)
    assert "going on" not in asked.err
    at_two = tencrop("all", "--set-measure", "recall.k=2", "--work", work)
    assert at_two.out.splitlines()[1].split() == ["R@2", "median", "mean"]
    assert tencrop("all", "--work", work).out == third.out
    assert len(list((work / "runs").iterdir())) == len(list((chain.work / "runs").iterdir()))


def test_all_at_once_is_the_same(tencrop: Type, chain: Chain, work: Path) -> None:
    said = tencrop("all", *FEATURES, *SMALL, "--work", work, "--", chain.data)
    assert said[:2] == (0, tencrop("evaluate", run_in(work, chain), "--work", work).out)


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (("--backbone", "squeezenet1_2"), ("did you mean 'squeezenet1_1'",)),
        (("--recipe", "demmo"), ("did you mean 'demo'",)),
        (("--set", "margn=1"), ("did you mean",)),
        (("--split", "tset"), ("tset",)),
        (("--measures", "recal"), ("--measures recal: ", "did you mean 'recall'")),
        (("--set-measure", "recal.k=1"), ("recal.k=1", "did you mean 'recall'")),
        (("--protocol", "rankin"), ("rankin", "accepted")),
        (("--layer", "grid"), ("'pooled'", "'grid'", "--layer pooled")),
        (("--device", "cpuu"), ("--device",)),
        (("--format", "foldr"), ("folder",)),
        (("--crops", "3"), ("--crops",)),
        (("--sed", "3"), ("--seed",)),
    ],
)
def test_what_is_misspelt_is_refused_first_and_not_remembered(
    tencrop: Type, chain: Chain, tmp_path: Path, words: tuple[str, ...], parts: tuple[str, ...]
) -> None:
    said = tencrop("all", chain.data, *FEATURES, *words, "--work", tmp_path / "new")
    one_line(said, *parts)
    assert not (tmp_path / "new").exists()


def test_a_recipe_is_looked_at_even_where_it_is_only_remembered(
    tencrop: Type, chain: Chain, tmp_path: Path
) -> None:
    words = ("all", chain.data, *FEATURES, "--to", "features", "--work", tmp_path / "new")
    one_line(tencrop(*words, "--recipe", "demmo"), "did you mean 'demo'")
    assert not (tmp_path / "new").exists()


def test_a_run_of_other_settings_is_refused_before_stage_one(
    tencrop: Type, chain: Chain, tmp_path: Path
) -> None:
    words = ("all", chain.data, *FEATURES, "--work", tmp_path / "new", "--run")
    one_line(tencrop(*words, chain.run, *SMALL, "--seed", 3), "seed = 0 (now 3)", "--run")
    one_line(tencrop(*words, chain.run), "epochs = 2 (now ", "--run")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").touch()
    one_line(tencrop(*words, tmp_path / "full"), "not a run")
    one_line(tencrop(*words, tmp_path / "full" / "mine"), "is a file")
    assert not (tmp_path / "new").exists()


def test_events_are_written_where_asked_for_and_what_lacks_for_it_is_told_first(
    tencrop: Type, chain: Chain, work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("all", chain.data, *FEATURES, *SMALL, "--seed", 5, "--to", "train", "--tensorboard")
    with monkeypatch.context() as patched:
        patched.setitem(sys.modules, "torch.utils.tensorboard", None)
        one_line(tencrop(*words, "--work", tmp_path / "new"), "TensorBoard, which is not installed")
    assert not (tmp_path / "new").exists()
    pytest.importorskip("tensorboard")
    said = tencrop(*words, "--work", work)
    assert said.code == 0, said.err
    assert list(Path(said.last, "tensorboard").iterdir())
    assert "tensorboard" not in remembered(work)


def test_where_no_answer_can_be_written_is_refused_before_stage_one(
    tencrop: Type, chain: Chain, tmp_path: Path
) -> None:
    words = ("all", chain.data, *FEATURES, "--work", tmp_path / "new", "--out", "/dev/null/x")
    one_line(tencrop(*words), "/dev/null", "--out DIR")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("ended", [KeyboardInterrupt, OSError(28, "No space left", "there")])
def test_what_was_given_is_remembered_where_the_work_was_begun(
    tencrop: Type, chain: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ended: Exception
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ended

    monkeypatch.setattr("extract.run.extract", fails)
    said = tencrop("all", chain.data, *FEATURES, "--to", "features", "--work", tmp_path / "new")
    assert said.code
    assert remembered(tmp_path / "new")["backbone"] == ("squeezenet1_1",)


def test_what_cannot_be_remembered_ends_nothing(tencrop: Type, chain: Chain, work: Path) -> None:
    (work / NAME).mkdir()
    words = ("all", chain.data, *FEATURES, "--to", "features", "--work", work)
    said = tencrop(*words)
    assert said[:2] == (0, cache_in(work, chain) + "\n")
    assert "nothing is gone on with" in said.err
    assert "what was given is not remembered" in said.err
    one_line(tencrop("all", "--work", work), "name the pictures with DATA", "forget")


def test_pictures_left_out_end_stage_one_alone_after_its_name(
    tencrop: Type, chain: Chain, tmp_path: Path
) -> None:
    data = Path(shutil.copytree(chain.data, tmp_path / "data"))
    some = json.loads((data / "scenes.json").read_text())["pictures"][0]["file"]
    (data / some).write_bytes(b"no picture")
    words = ("all", data, *FEATURES, *SMALL, "--work", tmp_path / "work")
    alone = tencrop(*words, "--to", "features")
    assert alone.code == 2
    assert Path(alone.last).is_dir()
    more = tencrop(*words, "--to", "train")
    assert (more.code, more.out) == (2, "")
    accepted = tencrop("all", "--max-errors", 5, "--work", tmp_path / "work")
    assert accepted.code == 0, accepted.err
    assert "going on with" in tencrop("all", "--work", tmp_path / "work").err


def test_forget(tencrop: Type, chain: Chain, work: Path) -> None:
    assert tencrop("forget", "--work", work).err == "nothing is remembered\n"
    tencrop("all", chain.data, *FEATURES, "--to", "features", "--work", work)
    files = sorted(work.rglob("*"))
    said = tencrop("forget", "--work", work)
    assert said == Said(0, "", f"forgotten: {chain.data} {' '.join(GIVEN)}\n")
    assert sorted({*files} - {*work.rglob("*")}) == [work / NAME]
    (work / NAME).write_text("{")
    assert "forgotten: (" in tencrop("forget", "--work", work).err
    assert not (work / NAME).exists()


def test_what_make_took_from_the_environment_is_said_first(
    tencrop: Type, chain: Chain, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ASKED_BY, "make")
    monkeypatch.setenv(ENVIRONMENT, "SEED CROPS BATCH")
    words = ("all", chain.data, *FEATURES, "--seed", 3, "--to", "features", "--work", work)
    said = tencrop(*words)
    assert said.err.splitlines()[0] == "from the environment: CROPS=1 SEED=3"


def test_what_is_said_is_one_line_whatever_names_are(
    tencrop: Type, chain: Chain, tmp_path: Path
) -> None:
    data = tmp_path / "two\nlines"
    data.symlink_to(chain.data)
    work = tmp_path / "work"
    tencrop("all", data, *FEATURES, "--to", "features", "--work", work)
    said = tencrop("all", "--to", "features", "--work", work)
    assert said.err.startswith("going on with ")
    assert "two\\nlines' --backbone squeezenet1_1" in said.err.splitlines()[0]
    assert "two\\nlines" in tencrop("forget", "--work", work).err


@pytest.mark.slow
def test_without_data_it_is_the_demo(
    tencrop: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawn, "COUNTS", {"train": 24, "val": 10, "test": 10})
    light = {"backbone": "squeezenet1_1", "weights": "random"}
    monkeypatch.setattr(drawn, "SUITED", drawn.SUITED | light)
    monkeypatch.setattr(demo, "FEATURES", FeatureSettings(**light, crops=1))
    shown = tencrop("demo", "--work", tmp_path)
    assert shown.code == 0, shown.err
    assert not (tmp_path / NAME).exists()
    (run,) = (tmp_path / "runs").iterdir()
    words = shlex.join(["serve", str(run), "--work", str(tmp_path)])
    assert shown.last.startswith("or search these in a browser:  ")
    assert shown.last.endswith(f" {words}")
    first, second = tencrop("all", "--work", tmp_path), tencrop("all", "--work", tmp_path)
    assert first.err.startswith("no DATA is given: the generated scenes in ")
    assert second.err.startswith("asking the run that was made last, ")
    assert shown.out.startswith(first.out)
    assert first.out == second.out
    assert len(list((tmp_path / "runs").iterdir())) == 1
