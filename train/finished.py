"""A run that is done: found, and mended where one of its files is lost."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from core.errors import RunError, fault
from core.sealed import is_as_written
from train.identity import CONFIG, FREE, open_run, read_config
from train.measured import VOCABULARY, Measured
from train.plan import Plan
from train.record import Record
from train.settled import settle, unsettled

Say = Callable[[str], None]


def mend(run: Path, record: Record, config: Mapping[str, Any], plan: Plan, say: Say) -> None:
    """Make every file of a finished run what it was, and note where its things are now.

    Nothing is written, and no lock is taken, where all is well: a finished run may lie on a disk
    that is only read. The model is known to be whole.

    Args:
        run: the run.
        record: its last one.
        config: what was asked for; its free keys are noted.
        plan: what was trained, for the words and for what was seen.
        say: told sentences for a person.

    Raises:
        RunError: the words are lost, and those of the same captions are others by now.
    """
    there = read_config(run)
    _mend_words(run, there["measured"], plan, say)
    plan.seen.mend(run, say)
    moved = any(there.get(key) != config[key] for key in FREE)
    if is_as_written(run / CONFIG) and not (moved or unsettled(run, record)):
        return
    try:
        with open_run(run, config):
            settle(run, record)
    except OSError as error:
        say(f"{run} cannot be written ({error.strerror}); it is left as it is, its model is whole")


def _mend_words(run: Path, stored: Mapping[str, Any], plan: Plan, say: Say) -> None:
    try:
        words = Measured.read(run, stored)
        if words.words and not is_as_written(run / VOCABULARY):
            words.write_words(run)
    except RunError as error:
        measured: Measured = plan.recipe.part("task").measure(
            plan.recipe.task, plan.parts[0], plan.sources
        )
        if measured.to_json() != stored:
            raise RunError(
                f"{error}, with the version of this program that made it: today's finds other "
                "words in the same captions"
            ) from error
        measured.write_words(run)
        say(f"{fault(error)}: written again from the training captions")
