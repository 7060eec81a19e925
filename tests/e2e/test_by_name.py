"""A cache or a run is named as `list` prints it."""

import shutil
from pathlib import Path

import pytest

from core.work_folder import FEATURES
from pipeline.memory.whereabouts import RUNS
from pipeline.typed.by_make import ASKED_BY
from tests.e2e.conftest import SMALL, Chain, Type
from tests.e2e.test_bad_input import one_line


@pytest.fixture
def work(chain: Chain, tmp_path: Path) -> Path:
    """What the chain has made, in `work` where one stands."""
    shutil.copytree(chain.work, tmp_path / "work")
    return Path("work")


def words_of(chain: Chain) -> list[tuple[str, list[object], str]]:
    """What is named, in which words, and where it is in a work folder."""
    run, cache = chain.run.name, chain.cache.name
    return [
        (run, ["evaluate", run], RUNS),
        (run, ["run", "info", run], RUNS),
        (run, ["run", "verify", run], RUNS),
        (run, ["features", chain.data, "--like", run], RUNS),
        (run, ["all", "--run", run], RUNS),
        (cache, ["train", cache, "--data", chain.data, *SMALL], FEATURES),
        (cache, ["cache", "info", cache], FEATURES),
        (cache, ["cache", "verify", cache], FEATURES),
        (cache, ["evaluate", chain.run.name, "--cache", cache], FEATURES),
    ]


@pytest.mark.parametrize("number", range(9))
@pytest.mark.parametrize("folder", ["work", "my work"])
def test_a_name_is_looked_up_in_the_work_folder(
    chain: Chain, tencrop: Type, work: Path, number: int, folder: str
) -> None:
    work.rename(folder)
    name, words, kind = words_of(chain)[number]
    said = tencrop(*words, *(["--work", folder] if folder != "work" else []))
    assert said.code == 0, said.err
    assert f"{name} is taken as {Path(folder) / kind / name}\n" in said.err


@pytest.mark.usefixtures("work")
def test_make_takes_a_name_as_run(
    chain: Chain, tencrop: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ASKED_BY, "make")
    by_path = tencrop("all", "--run", Path("work", RUNS, chain.run.name))
    assert by_path.code == 0, by_path.err
    assert "is taken as" not in by_path.err
    assert tencrop("all", "--run", chain.run.name).out == by_path.out


def test_a_beginning_is_enough_that_only_one_has(chain: Chain, tencrop: Type, work: Path) -> None:
    assert f"is taken as {work / RUNS / chain.run.name}\n" in tencrop("run", "info", "scen").err
    shutil.copytree(chain.run, work / RUNS / "scenery")
    one_line(tencrop("run", "info", "scen"), "'scen' begins 2 names: ", "give more of one")
    assert tencrop("run", "info", "scenery").code == 0


@pytest.mark.usefixtures("work")
def test_a_path_that_is_there_wins(chain: Chain, tencrop: Type) -> None:
    name = chain.run.name
    shutil.copytree(chain.run, name)
    said = tencrop("run", "verify", name)
    assert said.out == f"{name}: every file is as it was written\n"
    assert said.err.startswith(f"{name} is taken as the path from here, not as work/runs/{name}\n")
    Path("work", RUNS, name).rename("elsewhere")
    assert "is taken as" not in tencrop("run", "verify", name).err


@pytest.mark.usefixtures("work")
def test_what_no_name_begins_with_is_not_there_and_the_nearest_is_named(
    chain: Chain, tencrop: Type
) -> None:
    wrong = chain.run.name.replace("scenes", "scense")
    one_line(tencrop("run", "info", wrong), "is not there; in work/runs: did you mean 'scenes")
    one_line(
        tencrop("run", "info", f"nowhere/{chain.run.name}"),
        "is not there; in work/runs: did you mean",
    )


def test_of_many_the_nearest_are_named_and_the_list_shows_all(tencrop: Type, work: Path) -> None:
    [run] = (work / RUNS).iterdir()
    for number in range(6):
        shutil.copytree(run, work / RUNS / f"{number}-one-with-a-long-name-nosuch-0123456789")
    said = tencrop("run", "info", "nosuch")
    named = [f"'{number}-one-with-a-long-name-nosuch-0123456789'" for number in range(3)]
    one_line(said, f"in work/runs: did you mean {' or '.join(named)}? ")
    assert "`python -m pipeline list` shows all 7; or make a run" in said.err
    none = tencrop("run", "info", "zzz")
    one_line(none, "zzz is not there; in work/runs: `python -m pipeline list` shows all 7; or make")


@pytest.mark.usefixtures("work")
def test_make_names_the_nearest_too(
    chain: Chain, tencrop: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ASKED_BY, "make")
    said = tencrop("all", "--run", chain.run.name.replace("scenes", "scense"))
    one_line(said, "is not there; in work/runs: did you mean 'scenes")
    assert said.err.endswith("; or make a run with `make train`\n")
    one_line(tencrop("all", "--run", chain.cache), "is a feature cache, not a run")
