"""A run that is done: found, and mended where one of its files is lost."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from core.errors import RunError, fault
from core.sealed import is_as_written
from train.identity import FREE, hold_run, read_config, read_run
from train.measured import VOCABULARY, Measured
from train.plan import Plan
from train.record import CONFIG, Record
from train.settled import settle, unsettled
from train.verify import verify_run

Say = Callable[[str], None]


def finished(run: Path, plan: Plan, given: Mapping[str, Any]) -> Record | None:
    """The record of the run, if ``train.training.train`` would find it finished and change nothing.

    Every byte of it is looked at, and what it says of itself is compared as it is written; nothing
    is built. None where anything is not as it would be left: to say what, and to mend it, is the
    affair of the training.

    Args:
        run: where one would train.
        plan: what one would train.
        given: what the command was given (see ``train.training.train``).
    """
    try:
        config, record = read_run(run)
        wanted = {"identity": plan.identity, "given": given, "about": plan.outline.about}
        same = all(config.get(key) == value for key, value in wanted.items())
        if not (same and record.done) or verify_run(run) or unsettled(run, record):
            return None
    except (RunError, OSError):
        return None
    return record


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
        with hold_run(run, config):
            settle(run, record)
    except OSError as error:
        say(f"{run} cannot be written ({error.strerror}); it is left as it is, its model is whole")


def _mend_words(run: Path, stored: Mapping[str, Any], plan: Plan, say: Say) -> None:
    try:
        words = Measured.read(run, stored)
        if words.words and not is_as_written(run / VOCABULARY):
            words.write_words(run)
    except RunError as error:
        measured = plan.measure()
        if measured.to_json() != stored:
            raise RunError(
                f"{error}, with the version of this program that made it: today's finds other "
                "words in the same captions"
            ) from error
        measured.write_words(run)
        say(f"{fault(error)}: written again from the training captions")
