"""Stage two: a cache, a corpus and a recipe to a run."""

from collections.abc import Sequence
from pathlib import Path

from core.files import plain_name
from core.predictions import Prediction
from core.store import FeatureCache
from core.wording import counted
from evaluate.judge import judge
from pipeline import opening, recipe_files
from pipeline.ahead import TRAINED, require_splits
from pipeline.corpus import read, require_pictures
from pipeline.device import judging, resolve
from pipeline.doubts import doubts, shared_pictures
from pipeline.journal import journaled
from pipeline.progress import TrainingBar, say
from pipeline.sources import open_sources
from pipeline.whereabouts import told
from train import recipe as recipes
from train.identity import read_run
from train.phases import build_phases, cut_phases
from train.plan import Plan
from train.schema import Recipe
from train.states import SAVE_EVERY
from train.training import Begun
from train.training import train as fit

_READABLE = {"backbone": "", "crops": "crop", "keep": ""}
"""What of a cache stands in a run's name, and what follows each."""


@journaled("train", lambda run: (run, read_run(run)[1].epoch))
def train(
    cache_path: Path,
    data: Path,
    data_format: str,
    *,
    recipe: str,
    assignments: Sequence[str],
    run: Path | None,
    seed: int,
    max_errors: float,
    device: str,
    work: Path,
    save_every: float = SAVE_EVERY,
) -> Path:
    """The run's directory; a finished run is found and an interrupted one goes on.

    ``save_every`` is in seconds.
    """
    settings = recipes.resolve(recipe_files.read(recipe), assignments)
    for note in cut_phases(settings):
        say(note)
    corpus = read(data, data_format)
    require_splits(corpus, TRAINED)
    cache = FeatureCache(cache_path)
    require_pictures(corpus, cache, max_errors, work=work)
    plan = Plan.of(corpus, open_sources(settings, cache), settings, seed)
    for note in (*doubts(plan), *shared_pictures(corpus, cache, plan.seen.splits)):
        say(note)
    chosen = resolve(device)
    place = run or work / "runs" / _name(corpus.name, cache, Path(recipe).stem, plan)
    phases = _phases(settings)
    drawn = TrainingBar(settings.epochs, phases)

    def begin(begun: Begun) -> None:
        if not (begun.record and begun.record.done):
            say(opening.parts(plan, begun.words))
            say(opening.training(recipe, plan, phases, str(chosen), begun.threads))
        say(opening.begun(begun.run, begun.record))

    def validate(prediction: Prediction) -> dict[str, float]:
        report = judge(prediction, device=judging(chosen))
        drawn.validated(report.headline())
        return report.scores()

    try:
        outcome = fit(
            plan,
            place,
            device=chosen,
            validate=validate,
            progress=drawn,
            save_every=save_every,
            begun=begin,
            say=say,
            given=told(place, data, cache, data_format=data_format, recipe=recipe),
        )
    finally:
        drawn.close()
    best = f"score {outcome.best['score']:.1f}"
    many = counted(outcome.epochs, "epoch")
    say(f"best of {many}: epoch {outcome.best_epoch}, validation {best}")
    return outcome.run


def _phases(recipe: Recipe) -> dict[int, str]:
    """Each phase with the losses that count in it, by the number of its first epoch."""
    return {
        phase.first: f"{phase.name} (loss {' + '.join(phase.losses)})"
        for phase in build_phases(recipe)
    }


def _name(corpus: str, cache: FeatureCache, recipe: str, plan: Plan) -> str:
    """Readable, and unique by a digest of everything that the run's weights follow from."""
    fields = cache.manifest["fields"]
    made = [str(fields[k]) + unit for k, unit in _READABLE.items() if k in fields]
    return plain_name("-".join([corpus, *made, recipe, f"seed{plan.seed}"])) + f"-{plan.key[:8]}"
