"""Stage two on pictures: a run, a corpus and a recipe to a run whose CNN learns too."""

from pathlib import Path
from typing import TYPE_CHECKING

from core.files import plain_name
from core.wording import counted
from pipeline.asked.renamed import under_its_name
from pipeline.memory.journal import journaled
from pipeline.memory.machine import machine
from pipeline.memory.once import Once
from pipeline.memory.whereabouts import RUNS, noted
from pipeline.plots.events import require_tensorboard
from pipeline.refusals.ahead import TRAINED, require_splits
from pipeline.refusals.doubts import doubts
from pipeline.said.progress import say
from pipeline.stages.follow import computed
from pipeline.stages.terms import CorpusAt, Lesson, Terms
from pipeline.stages.train import carried_out
from pipeline.tuned.backbone import keep_backbone
from pipeline.tuned.base import Base
from pipeline.tuned.pictures import pictures
from train.identity import read_run
from train.origins import BACKBONE
from train.plan import Plan

if TYPE_CHECKING:
    from train.ranks.ranks import Ranks
    from train.task import Modules


@journaled("train", lambda run: (run, read_run(run)[1].epoch))
def tune(
    run: Path,
    data: CorpusAt,
    lesson: Lesson,
    *,
    terms: Terms,
    ranks: "Ranks | None" = None,
) -> Path:
    """The directory of a run that begins with ``run``; what is there is found or gone on with.

    Its encoders and its words are those of ``run``, its CNN the backbone of that run's features.
    Once all epochs are done, ``backbone.safetensors`` is the CNN of the best. ``ranks`` is this
    process, where it is rank 0 of several.
    """
    once = Once(terms.work)
    computing = machine(terms.device, once.known)
    if lesson.tensorboard:
        require_tensorboard()
    base, plan = _planned(run, data, lesson, terms, once)
    for note in (*doubts(plan), *_unknown(base)):
        say(note)
    place = _place(base, lesson, plan, terms.work)
    given = noted(place, {"data": data.path, "from": run})
    given |= {"data_format": data.data_format, "recipe": lesson.recipe}
    done = carried_out(
        plan,
        place,
        given,
        lesson,
        device=computing.device,
        once=once,
        modules=lambda: _cnn(base),
        ranks=ranks,
    )
    if keep_backbone(place, done, once.known):
        say(f"{place / BACKBONE}: the CNN of epoch {done.best_epoch}")
    return place


def follow_tune(run: Path, data: CorpusAt, lesson: Lesson, *, terms: Terms, ranks: "Ranks") -> None:
    """Compute this rank's shares of what ``tune`` trains in rank 0 (``pipeline.stages.follow``)."""
    base, plan = _planned(run, data, lesson, terms, Once(terms.work, keeps=False))
    computed(plan, terms, ranks, modules=_cnn(base))


def _planned(
    run: Path, data: CorpusAt, lesson: Lesson, terms: Terms, once: Once
) -> tuple[Base, Plan]:
    """What is begun with, and what is trained."""
    base = Base.of(run, once)
    outline = base.outline(lesson.recipe, lesson.assignments, once.known)
    for note in outline.notes:
        say(note)
    corpus = once.corpus(data.path, data.data_format)
    require_splits(corpus, TRAINED)
    say(_begins(base))
    source = pictures(corpus, data, base, outline, terms, once.known)
    return base, Plan.of(corpus, {base.source: source}, outline, lesson.seed, base.start)


def _begins(base: Base) -> str:
    record, network = base.opened.record, base.late.stated
    return (
        f"begins with {base.opened.run}, epoch {record.best_epoch} with validation score "
        f"{record.best['score']:.1f} on its features: {network.name} with {network.weights}, whose "
        f"{counted(network.layers['pooled'][0], 'number')} a crop of {network.transform.crop} "
        "pixels it read, learns too"
    )


def _unknown(base: Base) -> list[str]:
    """A sentence where nobody knows what the run that is begun with has seen."""
    if base.opened.seen.known:
        return []
    return [
        f"what {base.opened.run} was trained on is not known, and a report on what begins with it "
        "does not count those pictures"
    ]


def _cnn(base: Base) -> "Modules":
    """The backbone, its weights as the run's features were made with."""
    from extract.learning import learning

    chosen = base.late.settings
    _, network = learning(chosen.backbone, chosen.weights, chosen.transform)
    return {"cnn": network}


def _place(base: Base, lesson: Lesson, plan: Plan, work: Path) -> Path:
    """That which was asked for, or the one of this training's name."""
    parts = [plan.parts[0].name, base.late.stated.name, Path(lesson.recipe).stem]
    named = plain_name("-".join([*parts, f"seed{plan.seed}"])) + f"-{plan.key[:8]}"
    return lesson.run or under_its_name(work / RUNS / named, plan.identity)
