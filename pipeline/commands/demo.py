"""``demo``: the whole chain on drawn pictures, without a network."""

import shlex
from collections.abc import Sequence
from pathlib import Path

import click

from extract.settings import FeatureSettings
from pipeline.memory.once import Once
from pipeline.said.closing import to_look
from pipeline.said.progress import say, show
from pipeline.scenes import drawn
from pipeline.stages.all import Asked, chain
from pipeline.stages.terms import CorpusAt, Lesson, Terms
from pipeline.typed import options
from pipeline.typed.by_make import as_typed
from pipeline.typed.called import called

FEATURES = FeatureSettings(
    backbone=drawn.SUITED["backbone"], weights=drawn.SUITED["weights"], crops=1
)


EPILOG = "\b\nExamples:\n  python -m pipeline demo\n  python -m pipeline demo --work elsewhere"


@click.command("demo", epilog=EPILOG)
@options.device
@options.work
def command(device: str, work: Path) -> None:
    """Draw pictures, cache their features, train, and print recall: all three stages in minutes.

    The backbone is a light one with seeded random weights, so that nothing is downloaded; with
    trained weights the same commands do better. A second demo reuses what the first one made.
    Nothing of it is remembered.
    """
    counts = [word for name, many in drawn.COUNTS.items() for word in (f"--{name}", many)]
    _announce(("scenes", drawn.place(work), *counts))
    asked = Asked(
        to="evaluate",
        data=CorpusAt(drawn.draw(work), "scenes"),
        caches=[FEATURES],
        lesson=Lesson(recipe=drawn.SUITED["recipe"]),
        terms=Terms(work=work, device=device, max_errors=0.0),
    )
    done = chain(asked, Once(work), before=_announce)
    assert done.answer is not None
    assert done.run is not None
    show(done.answer.text)
    show(f"the run is {done.run}")
    own = as_typed("all that-folder", make="eval DATA=that-folder")
    show(f"next: put pictures and captions.csv in a folder and type  {own}")
    show(f"or search these in a browser:  {to_look(done.run, work)}")


def _announce(words: Sequence[object]) -> None:
    say(f"$ {called()} " + shlex.join(str(word) for word in words))
