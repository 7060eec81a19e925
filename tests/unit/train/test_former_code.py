"""What trained a run is noted; a run that is not finished does not go on with another formula."""

from dataclasses import replace

import pytest
from train_fakes import make_world, rising

from core.errors import RunError
from core.sealed import read_sealed, write_sealed
from core.sources import CacheLayer
from tests.interruption import interrupted_at
from train.former import changed_since
from train.identity import CODE
from train.outline import FACES, Outline

HINGE, FAMILY = "train.losses.hinge", "extract.backbones.resnet"
SHORT = ("epochs=2", "batch_size=20")


@pytest.fixture
def world(tmp_path):
    return make_world(tmp_path)


@pytest.fixture
def edited(monkeypatch):
    """The code of the hinge, as it is from now on."""
    real = Outline.of

    def change(digest):
        def of(recipe):
            outline = real(recipe)
            return replace(outline, code=outline.code | {HINGE: digest})

        monkeypatch.setattr(Outline, "of", staticmethod(of))

    return change


def begun(world, run, moment=(2, 1)):
    with pytest.raises(KeyboardInterrupt):
        world.train(run, *SHORT, validate=rising, progress=interrupted_at(*moment))


def noted(run):
    return read_sealed(run / "config.json").get(CODE, {}).get("parts")


def test_the_code_of_all_parts_is_noted(world, tmp_path):
    world.train(tmp_path / "run", *SHORT, validate=rising)
    assert noted(tmp_path / "run") == world.plan(*SHORT).outline.code
    parts = {
        *("train.tasks.paired", "train.samplers.pairs", HINGE, "train.optimisers.adam"),
        *("train.encoders.image.linear", "train.encoders.text.gru", "train.schedules.step"),
    }
    helpers = {"train.encoders.text._words", "train.recurrent", "train.examples.pairs"}
    assert parts | helpers <= set(noted(tmp_path / "run"))
    assert set(noted(tmp_path / "run")).isdisjoint(FACES)


def test_an_unfinished_run_of_other_code_is_refused(world, tmp_path, edited):
    edited("then")
    begun(world, tmp_path / "run")
    edited("now")
    files = {file.name: file.read_bytes() for file in (tmp_path / "run").iterdir()}
    with pytest.raises(RunError) as caught:
        world.train(tmp_path / "run", *SHORT, validate=rising)
    assert "was begun with other code: train/losses/hinge.py has changed since" in str(caught.value)
    assert str(caught.value).endswith("; put back what it was, or train into another --run")
    assert {file.name: file.read_bytes() for file in (tmp_path / "run").iterdir()} == files
    edited("then")
    done = world.train(tmp_path / "run", *SHORT, validate=rising)
    edited("now")
    assert world.train(tmp_path / "run", *SHORT, validate=rising) == done
    assert noted(tmp_path / "run")[HINGE] == "then"


def test_where_nothing_is_trained_yet_the_code_is_that_of_today(world, tmp_path, edited):
    edited("then")
    begun(world, tmp_path / "run", (1, 1))
    assert noted(tmp_path / "run")[HINGE] == "then"
    edited("now")
    world.train(tmp_path / "run", *SHORT, validate=rising)
    assert noted(tmp_path / "run")[HINGE] == "now"


@pytest.mark.parametrize("moment", [(1, 1), (2, 1)])
def test_a_run_that_noted_nothing_goes_on_and_says_no_more_than_it_knows(world, tmp_path, moment):
    run = tmp_path / "run"
    begun(world, run, moment)
    config = read_sealed(run / "config.json")
    del config[CODE]
    write_sealed(run / "config.json", config)
    world.train(run, *SHORT, validate=rising)
    trained = moment != (1, 1)
    assert (noted(run) is None) == trained


def test_a_lost_config_does_not_make_up_what_it_cannot_know(world, tmp_path):
    run = tmp_path / "run"
    world.train(run, *SHORT, validate=rising)
    (run / "config.json").unlink()
    world.train(run, *SHORT, validate=rising)
    assert noted(run) is None


@pytest.mark.parametrize(("now", "refused"), [("then", False), ("now", True), (None, False)])
def test_features_of_other_code_are_not_gone_on_with(world, tmp_path, monkeypatch, now, refused):
    real, run = CacheLayer.__init__, tmp_path / "run"

    def noting(digest):
        def init(self, *given):
            real(self, *given)
            self.code = {FAMILY: digest} if digest else None

        monkeypatch.setattr(CacheLayer, "__init__", init)

    noting("then")
    begun(world, run)
    assert read_sealed(run / "config.json")[CODE]["features"] == {"image": {FAMILY: "then"}}
    noting(now)
    if refused:
        with pytest.raises(RunError, match="with other code: extract/backbones/resnet.py has"):
            world.train(run, *SHORT, validate=rising)
    else:
        world.train(run, *SHORT, validate=rising)


@pytest.mark.parametrize("then", [None, 7, {"parts": 7, "features": 7}, {"features": {"image": 7}}])
def test_what_no_one_can_have_meant_tells_nothing(world, then):
    plan = world.plan(*SHORT)
    plan.sources["image"].code = {FAMILY: "now"}
    assert changed_since(then, plan.outline, plan.sources) == []
