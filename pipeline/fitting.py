"""A training as a person follows it: how it begins, how far it is, how each epoch is judged."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from core.predictions import Prediction
from evaluate.judge import judge
from evaluate.report import of_ranks
from pipeline.asked.corpus_labels import with_labels
from pipeline.device import judging, resolve
from pipeline.leaving import leaving
from pipeline.said import opening
from pipeline.said.progress import TrainingBar, say
from train.checkpoint import Counted
from train.how import How
from train.phases import build_phases
from train.plan import Plan
from train.ranks.ranks import ALONE, Ranks
from train.record import Record
from train.schema import Recipe
from train.task import Modules
from train.training import Begun, Outcome, train


def fit(
    plan: Plan,
    run: Path,
    given: Mapping[str, Any],
    *,
    device: str,
    save_every: float,
    counted: Counted = lambda record: None,
    modules: Modules | None = None,
    ranks: Ranks | None = None,
    how: How | None = None,
) -> Outcome:
    """Train, go on, or mend a finished run (see ``train.training.train``).

    Args:
        plan: what is trained.
        run: the directory to write.
        given: what the command was given, ``recipe`` too, which is what it is called.
        device: where to compute.
        save_every: seconds between two states inside an epoch.
        counted: told each record of the run once it counts.
        modules: networks from outside whose weights learn too.
        ranks: this process, which is rank 0 of several; None where it is alone.
        how: how a new run is computed; by default as torch does.
    """
    chosen = resolve(device)
    phases = _phases(plan.recipe)
    drawn = TrainingBar(plan.outline.epochs, phases)

    def begin(begun: Begun) -> None:
        if not (begun.record and begun.record.done):
            say(opening.parts(plan, begun.words))
            computing = opening.on(str(chosen), begun.threads, begun.ranks)
            say(opening.training(given["recipe"], plan, phases, computing))
        say(opening.begun(begun.run, begun.record, plan.outline))
        left.waits = True

    def validate(prediction: Prediction) -> dict[str, float]:
        report = judge(with_labels(prediction, plan.parts[1]), device=judging(chosen))
        drawn.validated(report.headline())
        return report.scores()

    def with_bias(prediction: Prediction) -> dict[str, float]:
        found = judge(with_labels(prediction, plan.parts[1]), device=judging(chosen))
        return of_ranks(found.scores())

    def kept(record: Record) -> None:
        counted(record)
        left.saved(record)

    with leaving(heard=(ranks or ALONE).asked) as left, closing(drawn):
        return train(
            plan,
            run,
            device=chosen,
            validate=validate,
            progress=drawn,
            save_every=save_every,
            begun=begin,
            say=say,
            score=with_bias,
            given=given,
            counted=kept,
            wanted=left.wanted,
            modules=modules,
            ranks=ranks or ALONE,
            how=how,
        )


def _phases(recipe: Recipe) -> dict[int, str]:
    """Each phase with the losses that count in it, by the number of its first epoch."""
    return {
        phase.first: f"{phase.name} (loss {' + '.join(phase.losses)})"
        for phase in build_phases(recipe)
    }
