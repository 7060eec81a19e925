"""Stage two: caches, a corpus and a recipe to a run."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.files import json_sha256, plain_name
from core.store import FeatureCache
from pipeline.asked.renamed import under_its_name
from pipeline.asked.sources import open_sources
from pipeline.corpus import holds_captions, of_pictures, require_pictures
from pipeline.memory.journal import journaled
from pipeline.memory.machine import machine
from pipeline.memory.once import Once
from pipeline.memory.outlines import outline_of
from pipeline.memory.whereabouts import RUNS, given_of
from pipeline.plots.curves import keep_curves
from pipeline.plots.events import events, require_tensorboard
from pipeline.refusals.ahead import TRAINED, require_splits
from pipeline.refusals.doubts import doubts, shared_pictures
from pipeline.said import opening
from pipeline.said.closing import best
from pipeline.said.progress import say
from pipeline.stages.terms import CorpusAt, Lesson, Terms
from train.finished import finished
from train.identity import read_config, read_run
from train.plan import Plan
from train.record import Record

if TYPE_CHECKING:
    from train.ranks.ranks import Ranks
    from train.task import Modules

_READABLE = {"backbone": "", "crops": "crop", "keep": ""}
"""What of a cache stands in a run's name, and what follows each."""


@journaled("train", lambda run: (run, read_run(run)[1].epoch))
def train(
    cache_paths: Sequence[Path],
    data: CorpusAt,
    lesson: Lesson,
    *,
    terms: Terms,
    once: Once | None = None,
    ranks: "Ranks | None" = None,
) -> Path:
    """The run's directory; a finished run is found and an interrupted one goes on.

    What the caches hold is told by ``open_sources``; their order changes nothing.
    ``once`` is what earlier stages of this process have read; ``ranks`` this process, where it is
    rank 0 of several (see ``pipeline.stages.follow``). Where the run is finished, nothing is
    loaded that computes.
    """
    once = once or Once(terms.work)
    computing = machine(terms.device, once.known)
    if lesson.tensorboard:
        require_tensorboard()
    outline = outline_of(lesson.recipe, lesson.assignments, once.known)
    for note in outline.notes:
        say(note)
    corpus = once.corpus(data.path, data.data_format)
    require_splits(corpus, TRAINED)
    caches = _opened(cache_paths, once)
    sample = min(once.sample(corpus, cache) for cache in caches)
    require_pictures(corpus, caches, terms.max_errors, sample=sample, work=terms.work)
    plan = Plan.of(corpus, open_sources(outline, caches), outline, lesson.seed)
    for note in (
        *plan.notes,
        *doubts(plan),
        *shared_pictures(corpus, of_pictures(caches)[0], plan.seen.splits),
    ):
        say(note)
    place = _place(caches, lesson, plan, terms.work)
    said = {"data_format": data.data_format, "recipe": lesson.recipe}
    given = given_of(place, data.path, caches, **said)
    given |= {"word_files": plan.outline.files} if plan.outline.files else {}
    carried_out(plan, place, given, lesson, device=computing.device, once=once, ranks=ranks)
    return place


def carried_out(
    plan: Plan,
    place: Path,
    given: Mapping[str, Any],
    lesson: Lesson,
    *,
    device: str,
    once: Once,
    modules: Callable[[], "Modules"] = dict,
    ranks: "Ranks | None" = None,
) -> Record:
    """The record of the finished run in ``place``: found, or trained with these ``modules``."""
    done = finished(place, plan, given)
    with events(place, wanted=lesson.tensorboard) as counted:
        if done:
            say(opening.begun(place, done, plan.outline))
            once.whole(place, done)
            if ranks:
                ranks.agreed(json_sha256(plan.identity), 0)
        else:
            from pipeline.fitting import fit
            from train.how import How

            fit(
                plan,
                place,
                given,
                device=device,
                save_every=lesson.save_every,
                counted=counted,
                modules=modules(),
                ranks=ranks,
                how=How(deterministic=lesson.deterministic, compile=lesson.compiles),
            )
            done = read_run(place)[1]
        counted(done)
    once.trained_by_former(place, read_config(place), plan.outline, plan.sources, makes=True)
    keep_curves(place, done)
    say(best(done, plan.outline))
    return done


def place_of(
    cache_paths: Sequence[Path], data: CorpusAt, lesson: Lesson, *, terms: Terms, once: Once
) -> tuple[Path, Plan]:
    """Where ``train`` would train this, and what; nothing is written, and no doubt is said.

    Raises:
        TencropError: the recipe, the corpus and the caches do not fit.
    """
    outline = outline_of(lesson.recipe, lesson.assignments, once.known)
    corpus = once.corpus(data.path, data.data_format)
    caches = _opened(cache_paths, once)
    require_splits(corpus, TRAINED)
    plan = Plan.of(corpus, open_sources(outline, caches), outline, lesson.seed)
    return _place(caches, lesson, plan, terms.work), plan


def _opened(cache_paths: Sequence[Path], once: Once) -> list[FeatureCache]:
    return sorted(map(once.cache, cache_paths), key=lambda cache: cache.key)


def _place(caches: Sequence[FeatureCache], lesson: Lesson, plan: Plan, work: Path) -> Path:
    """That which was asked for, or the one of this training's name."""
    named = _name(plan.parts[0].name, caches, Path(lesson.recipe).stem, plan)
    return lesson.run or under_its_name(work / RUNS / named, plan.identity)


def _name(corpus: str, caches: Sequence[FeatureCache], recipe: str, plan: Plan) -> str:
    """Readable, and unique by a digest of everything that the run's weights follow from."""
    parts = [corpus, *_made(caches), recipe, f"seed{plan.seed}"]
    return plain_name("-".join(parts)) + f"-{plan.key[:8]}"


def _made(caches: Sequence[FeatureCache]) -> list[str]:
    """What of the caches stands in a run's name; of several, how many there are."""
    if texts := [str(c.manifest["fields"]["encoder"]) for c in caches if holds_captions(c)]:
        return [*_made(of_pictures(caches)), "+".join(sorted(texts))]
    told = [{k: str(c.manifest["fields"].get(k, "")) for k in _READABLE} for c in caches]
    if len(caches) == 1:
        return [told[0][key] + unit for key, unit in _READABLE.items() if told[0][key]]
    backbones = sorted({each["backbone"] for each in told} - {""})
    return [*(["+".join(backbones)] if backbones else []), f"{len(caches)}caches"]
