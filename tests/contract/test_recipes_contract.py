"""Every recipe resolves, takes a step on a tiny corpus, is saved, read back and judged."""

import pytest

from evaluate.judge import judge
from pipeline import recipe_files
from tests.interruption import metrics
from tests.tiny import CPU, fit, narrow, world
from train.phases import build_phases
from train.recipe import resolve
from train.trained import load

NAMES = recipe_files.names()
ONE_STEP = ("epochs=1", "batch_size=512")


@pytest.fixture(params=NAMES)
def recipe(request):
    """The recipe, cut to one step of its first phase; as it is, where it is solved."""
    raw = recipe_files.read(request.param)
    return resolve(raw, (*ONE_STEP, *narrow(raw)) if resolve(raw).epochs else ())


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_is_and_resolves_to_itself(name):
    recipe = resolve(recipe_files.read(name))
    assert recipe.about
    assert "\n" not in recipe.about
    stored = recipe.model_dump(mode="json")
    assert resolve(stored).model_dump(mode="json") == stored
    assert sum(phase.epochs for phase in build_phases(recipe)) == recipe.epochs


def test_it_takes_a_step_and_its_run_is_judged(recipe, tmp_path):
    run, steps = tmp_path / "run", []
    outcome = fit(recipe, tmp_path, run, progress=lambda epoch, step, *_, **__: steps.append(step))
    assert steps == ([1] if recipe.epochs else [])
    assert [row["epoch"] for row in metrics(run)] == [recipe.epochs]
    corpus, sources, modules = world(recipe, tmp_path)
    trained = load(run, CPU, modules)
    prediction = trained.predict(corpus.split("val"), sources)
    prediction.save(tmp_path / "eval")
    assert len(list((tmp_path / "eval").iterdir())) == 1
    assert judge(prediction).scores() == pytest.approx(outcome.best)


@pytest.mark.parametrize("name", [n for n in NAMES if resolve(recipe_files.read(n)).epochs])
def test_each_of_its_phases_can_be_built(name, tmp_path):
    """A pattern of rates that fits no weight is refused, in whichever phase it stands."""

    def stop(*_, **__):
        raise KeyboardInterrupt

    raw = recipe_files.read(name)
    with pytest.raises(KeyboardInterrupt):
        fit(resolve(raw, narrow(raw)), tmp_path, tmp_path / "run", progress=stop)
