"""Studies: what is drawn, from what, and that a killed one goes on as one that never was."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import BusyError, SettingError
from core.lock import exclusive
from pipeline.sweeps.points import Grid, Point, Range
from pipeline.sweeps.study import begun, require_optuna, trials
from pipeline.sweeps.taken import Taken
from tests.interruption import Killed
from tests.unit.pipeline.sweep_fakes import made

pytest.importorskip("optuna")

GRID = Grid(
    name="study",
    recipes=("bag", "vse++w"),
    caches=((Path("f/a"),), (Path("f/a"), Path("f/b"))),
    settings={
        "lr": Range(1e-4, 1e-1, log=True),
        "dim": Range(8, 64, whole=True),
        "betas": ([0.9, 0.99], [0.8, 0.9]),
        "epochs": (3,),
    },
    seeds=(0, 1),
    trials=16,
)


def score(point: Point) -> float:
    """Best at lr = 0.01 with many dimensions; a seed is worth a hundredth."""
    told = dict(point.configuration.settings)
    return -abs(math.log10(told["lr"]) + 2) + told["dim"] / 64 + 0.01 * point.seed


def take(point: Point) -> Taken:
    return made(point.configuration, point.seed, score(point))


def test_each_trial_is_a_configuration_with_all_seeds_within_its_ranges(tmp_path: Path) -> None:
    taken = list(trials(GRID, 1, take, tmp_path))
    assert [each.point.seed for each in taken] == [0, 1] * 16
    found = [each.point.configuration for each in taken[::2]]
    assert found == [each.point.configuration for each in taken[1::2]]
    for each in found:
        told = dict(each.settings)
        assert list(told) == ["lr", "dim", "betas", "epochs"]
        assert 1e-4 <= told["lr"] <= 1e-1
        assert type(told["dim"]) is int
        assert 8 <= told["dim"] <= 64
        assert told["betas"] in ([0.9, 0.99], [0.8, 0.9])
        assert told["epochs"] == 3
    assert {each.recipe for each in found} == {"bag", "vse++w"}
    assert {each.caches for each in found} == set(GRID.caches)
    lrs = sorted(dict(each.settings)["lr"] for each in found)
    assert lrs[0] < 1e-3 < lrs[-1]  # drawn on a logarithmic scale: a tenth of it is below


def test_the_later_trials_are_drawn_from_what_the_earlier_ones_gave(tmp_path: Path) -> None:
    """Where all that is good is bad instead, the trials after the first ten are others."""
    up = [each.point for each in trials(GRID, 1, take, tmp_path / "up")]

    def worse(point: Point) -> Taken:
        return made(point.configuration, point.seed, -score(point))

    down = [each.point for each in trials(GRID, 1, worse, tmp_path / "down")]
    assert up[:20] == down[:20]
    assert up[20:] != down[20:]


def test_one_seed_draws_the_same_and_another_seed_others(tmp_path: Path) -> None:
    def drawn(folder: str, seed: int) -> list[Point]:
        grid = replace(GRID, trials=3, sampler_seed=seed)
        return [each.point for each in trials(grid, 1, take, tmp_path / folder)]

    assert drawn("a", 0) == drawn("b", 0)
    assert drawn("a", 0) != drawn("c", 1)


@pytest.mark.parametrize("stop", [1, 6, 23, 31])
def test_a_killed_study_goes_on_as_one_that_was_not(tmp_path: Path, stop: int) -> None:
    whole = [each.point for each in trials(GRID, 1, take, tmp_path / "whole")]
    seen: list[Point] = []

    def killed(point: Point) -> Taken:
        seen.append(point)
        if len(seen) == stop:
            raise Killed
        return take(point)

    with pytest.raises(Killed):
        list(trials(GRID, 1, killed, tmp_path / "cut"))
    log = tmp_path / "cut/study.log"
    with log.open("ab") as stream:  # a line that was cut
        stream.write(b'{"op_code":')
    listed = begun(GRID, 1, tmp_path / "cut")
    assert listed == [point.configuration for point in whole[: stop + 1 : 2]][: len(listed)]
    assert len(listed) == (stop + 1) // 2
    assert [each.point for each in trials(GRID, 1, take, tmp_path / "cut")] == whole
    # All that is done is taken again, where it is found, and nothing is drawn.
    before = log.read_bytes()
    assert [each.point for each in trials(GRID, 1, take, tmp_path / "cut")] == whole
    assert log.read_bytes().count(b"\n") <= before.count(b"\n") + 1


def test_what_failed_for_good_is_told_and_what_may_come_is_taken_again(tmp_path: Path) -> None:
    grid = replace(GRID, trials=2, seeds=(0,))
    first = [each.point for each in trials(grid, 1, take, tmp_path / "whole")]

    def failing(point: Point) -> Taken:
        return Taken(point, failed="no", for_good=point == first[0])

    found = list(trials(grid, 1, failing, tmp_path / "own"))
    assert [each.point for each in found] == first
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    def states() -> list[str]:
        storage = JournalStorage(JournalFileBackend(str(tmp_path / "own/study.log")))
        study = optuna.load_study(study_name="study 1", storage=storage)
        return [trial.state.name for trial in study.trials]

    assert states() == ["FAIL", "RUNNING"]
    assert len(list(trials(grid, 1, take, tmp_path / "own"))) == 2
    assert states() == ["FAIL", "COMPLETE"]


def test_two_studies_of_a_file_are_two(tmp_path: Path) -> None:
    grid = replace(GRID, trials=2)
    list(trials(grid, 1, take, tmp_path))
    assert begun(grid, 2, tmp_path) == []
    assert len(begun(grid, 1, tmp_path)) == 2
    assert begun(grid, 1, tmp_path / "nowhere") == []


def test_nobody_else_draws_meanwhile(tmp_path: Path) -> None:
    with exclusive(tmp_path), pytest.raises(BusyError):
        next(trials(GRID, 1, take, tmp_path))


def test_without_optuna_a_study_is_refused_with_the_way_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "optuna", None)
    with pytest.raises(SettingError, match="make setup EXTRAS=1, or write a"):
        require_optuna()
