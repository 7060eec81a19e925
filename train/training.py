"""Stage two as a function: from a plan to a run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch

from core.errors import RunError
from core.files import json_sha256
from core.text import SPECIALS
from train.building import Built, build, seeded, threads
from train.checkpoint import Checkpoints, Counted
from train.finished import mend
from train.former import changed_since, code_of
from train.gallery.ending import ending
from train.guard import Guard
from train.how import How, as_begun, common
from train.identity import (
    CODE,
    RANKS,
    config_sha256,
    hold_run,
    read_config,
    refuse_other,
    require_one_run,
)
from train.loop import Progress, Validate, fit
from train.plan import Plan
from train.ranks.processes import identity_of, ranks_of, thread_count
from train.ranks.ranks import ALONE, Ranks
from train.record import FORMAT, LAST, MODEL, Record
from train.restored import restore_config
from train.seen import FILE as SEEN
from train.states import SAVE_EVERY, find_state, unchanged
from train.task import Modules

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Begun:
    """What a training begins with: ``record`` is None of a new run, done of a finished one.

    ``words`` are those that the model tells apart, 0 where it reads none, and of a finished run;
    ``threads`` compute, in each of ``ranks`` processes.
    """

    run: Path
    record: Record | None
    words: int
    threads: int
    ranks: int = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """A finished run; ``best`` are the validation's scores at ``best_epoch``."""

    run: Path
    epochs: int
    best_epoch: int
    best: Mapping[str, float]


def train(
    plan: Plan,
    run: Path,
    *,
    device: torch.device,
    validate: Validate,
    progress: Progress,
    given: Mapping[str, Any],
    modules: Modules | None = None,
    save_every: float = SAVE_EVERY,
    begun: Callable[[Begun], None] = lambda begun: None,
    say: Say = lambda note: None,
    score: Validate | None = None,
    counted: Counted = lambda record: None,
    wanted: Callable[[], bool] = lambda: False,
    ranks: Ranks = ALONE,
    how: How | None = None,
) -> Outcome:
    """Train a model, go on with an interrupted run, or find the finished one.

    Nothing is written before everything that can be refused has been built.

    Args:
        plan: what is trained.
        run: the directory to write.
        device: where to compute.
        validate: the prediction of ``val`` -> scores; the highest ``score`` is kept.
        progress: told after every step.
        given: what the command was given, for who reads the run; not compared when it goes on.
        modules: networks from outside that the task takes a copy of; the weights that they begin
            with are part of what the run is.
        save_every: seconds between two states inside an epoch; 0 saves after every step.
        begun: called once, before the first step, or of a run that is finished.
        say: told sentences for a person.
        score: what ``validate`` gives and what of it counts with the gallery's bias, without a word
            to a person: asked again and again when all epochs are done, where the recipe has that.
            By default ``validate``.
        counted: told each record of the run once it counts: that which is gone on from, after each
            epoch, and at the end.
        how: how it is computed, of a new run; what is gone on with is computed as it was begun.
        wanted: asked after each step whether a state is wanted now, though none is due yet.

    Raises:
        BusyError: another process is writing the run.
        RunError: ``run`` was made with other settings, or is damaged; or it is not finished, and
            was begun with other code of its parts.
        SettingError, InputError, CacheError: the recipe, the corpus and the sources do not fit.
        NumberError: training met a number that is not finite.
    """
    identity = identity_of(plan, modules)
    config = _config(plan, identity, given)
    restore_config(run, config, plan, say)
    refuse_other(run, identity)
    record = _found(run, say)
    if record and record.done:
        ranks.agreed(json_sha256(identity), 0)
        mend(run, record, config, plan, say)
        begun(Begun(run, record, 0, torch.get_num_threads()))
        return Outcome(run, record.epoch, record.best_epoch, record.best)
    if record:
        _refuse_other_code(run, plan)
    many = ranks.agreed(json_sha256(identity), thread_count(run, plan, ranks.count, say))
    how = common(ranks, partial(as_begun, run, how or How(), say))
    with threads(many), how.within(), seeded(plan.seed, device):
        built = build(plan, modules or {}, device, ranks, how.compile)
        data = built.data
        fitting = built.learner.task.fitting(data.train, data.val, plan.parts)
        for note in (*data.train.notes, *data.val.notes, *fitting):
            say(note)
        if not record:
            for note in built.learner.begin(built.data.train, plan.outline.files, plan.start):
                say(note)
        config |= {"measured": built.measured.to_json(), "threads": many}
        config |= {RANKS: ranks_of(run) or ranks.count, **how.noted(run)}
        config |= {} if record else {CODE: code_of(plan.outline, plan.sources)}
        complete = ending(plan, built.learner.task, built.data, score or validate, say)
        with hold_run(run, config) as whole:
            _write_tables(run, whole, built, plan, say)
            words = len(built.measured.words or SPECIALS) - len(SPECIALS)
            begun(Begun(run, record, words, many, ranks.count))
            record = fit(
                built.learner,
                built.data,
                clip=plan.recipe.clip,
                validate=validate,
                progress=progress,
                checkpoints=_checkpoints(run, whole, record, save_every, counted, wanted),
                guard=Guard(built.learner.losses, say),
                complete=complete,
            )
    return Outcome(run, record.epoch, record.best_epoch, record.best)


def _found(run: Path, say: Say) -> Record | None:
    """What there is to go on from, or the finished run."""
    record = find_state(run, say)
    if record:
        require_one_run(run, read_config(run), record)
    elif (run / MODEL).exists() and not (run / LAST).exists():
        say(f"{run} has a model and no {LAST} that tells of it: training from the start")
    return record


def _refuse_other_code(run: Path, plan: Plan) -> None:
    """Refuse to go on with weights that another formula has made so far."""
    if files := changed_since(read_config(run).get(CODE), plan.outline, plan.sources):
        have = "has" if len(files) == 1 else "have"
        raise RunError(
            f"{run} was begun with other code: {', '.join(files)} {have} changed since, and what "
            "follows would be of another formula; put back what it was, or train into another --run"
        )


def _checkpoints(
    run: Path,
    config: Mapping[str, Any],
    before: Record | None,
    save_every: float,
    counted: Counted,
    wanted: Callable[[], bool],
) -> Checkpoints:
    """Those of the run, which is locked by now: what there was before must still be there."""
    if not unchanged(run, before):
        raise RunError(f"{run} was changed in the meantime; run the same command again")
    record = before or Record(config_sha256(config))
    return Checkpoints(run, record, save_every=save_every, counted=counted, wanted=wanted)


def _config(plan: Plan, identity: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """What ``config.json`` says before anything is measured."""
    return {
        "format": FORMAT,
        "about": plan.outline.about,
        "given": dict(given),
        "identity": dict(identity),
        "sources": plan.origins,
    }


def _write_tables(run: Path, config: Mapping[str, Any], built: Built, plan: Plan, say: Say) -> None:
    """The words and what is about to be seen, where they are not there yet or damaged."""
    if config["measured"] != built.measured.to_json():
        raise RunError(
            f"{run} was begun with another vocabulary of the same captions, by another version of "
            "this program; train into another --run"
        )
    built.measured.write_words(run)
    plan.seen.mend(run, say if (run / SEEN).exists() else lambda note: None)
