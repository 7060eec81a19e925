"""``demo``: the whole chain on drawn pictures, without a network."""

import shlex
from pathlib import Path

import click

from extract.settings import FeatureSettings
from pipeline import options
from pipeline.progress import bar, say, show
from pipeline.scenes.write import write_scenes
from pipeline.stages.evaluate import evaluate
from pipeline.stages.features import features
from pipeline.stages.train import train

TRAIN, VAL, TEST = 2000, 300, 300
FEATURES = FeatureSettings(backbone="alexnet", weights="random", crops=1)
RECIPE = "demo"


@click.command("demo")
@options.device
@options.work
def command(device: str, work: Path) -> None:
    """Draw pictures, cache their features, train, and print recall: all three stages in minutes.

    The backbone is a light one with seeded random weights, so that nothing is downloaded; with
    trained weights the same commands do better. A second demo reuses what the first one made.
    """
    data = work / "scenes-demo"
    _announce("scenes", data, "--train", TRAIN, "--val", VAL, "--test", TEST)
    with bar("draw", TRAIN + VAL + TEST, "picture") as progress:
        write_scenes(data, train=TRAIN, val=VAL, test=TEST, seed=0, progress=progress)
    _announce("features", data, *_words(FEATURES))
    cache, problem = features(
        data, "scenes", FEATURES, like=None, max_errors=0.0, device=device, work=work
    )
    if problem:
        raise problem
    _announce("train", cache, "--data", data, "--recipe", RECIPE)
    run = train(
        cache,
        data,
        "scenes",
        recipe=RECIPE,
        assignments=(),
        run=None,
        seed=0,
        max_errors=0.0,
        device=device,
        work=work,
    )
    _announce("evaluate", run)
    answer = evaluate(
        run,
        split="test",
        data=None,
        data_format="auto",
        cache=None,
        max_errors=0.0,
        device=device,
        work=work,
    )
    show(answer.text)
    show(f"the run is {run}")
    show("next: put pictures and captions.csv in a folder and type  make eval DATA=that-folder")


def _words(settings: FeatureSettings) -> list[str]:
    chosen = settings.model_dump(include=settings.model_fields_set)
    return [word for name, value in chosen.items() for word in (f"--{name}", str(value))]


def _announce(*words: object) -> None:
    say("$ python -m pipeline " + shlex.join(str(word) for word in words))
