"""One case: a stage of which one operation fails, who reads what is left, and the same again."""

import json
import random
import re
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from core import plugins
from pipeline.cli import COMMANDS
from pipeline.plots.curves import CURVES
from tests.faults.child import in_child, typed
from tests.faults.contents import contents, differences, strangers
from tests.faults.injector import FAULTS, Operation, Watch, fail_once
from tests.faults.whole import Whole, World, watched
from tests.faults.world import run_of
from tests.forked import Ended
from train.record import read_record
from train.states import find_state

KILLED = -signal.SIGKILL


class Case(NamedTuple):
    """The fault ``fault`` (of ``FAULTS``) at the operation ``at``, from 1, of ``stage``."""

    stage: str
    at: int
    fault: str


@dataclass(frozen=True)
class Tried:
    """What came of a case; ``complaints`` is empty where all is well.

    ``outcome``: ``killed``, ``survived`` (exit code 0) or ``refused``; ``message``: its last line.
    """

    case: Case
    operation: Operation
    outcome: str
    message: str
    complaints: list[str]


def cases(world: World) -> list[Case]:
    """Every case, always in the same order; it is mixed, so that every 300th are of all kinds."""
    every = [
        Case(stage, at, fault)
        for stage, whole in world.wholes.items()
        for at in range(1, len(whole.operations) + 1)
        for fault in FAULTS
    ]
    random.Random(0).shuffle(every)
    return every


def attempt(world: World, case: Case) -> Tried:
    """Try one case."""
    whole = world.reset(case.stage)
    watch = Watch(world.root, fail_once(case.at, FAULTS[case.fault]))
    first = in_child(lambda: watched(whole.words, watch))
    complaints = [*_spoken(first), *_left(first, world, whole, case.fault)]
    complaints += [*_named(first, whole.operations[case.at - 1]), *_states(world, case.stage)]
    complaints += _readers(world, case.stage)
    second = in_child(typed(whole.words))
    again = [*_spoken(second), *_unlike(second, world, whole)]
    complaints += [f"the same command again: {each}" for each in again]
    outcome = {0: "survived", KILLED: "killed"}.get(first.code, "refused")
    return Tried(case, whole.operations[case.at - 1], outcome, _last(first.err), complaints)


def _spoken(ended: Ended) -> Iterator[str]:
    """What a person should not have been told, or has not been told."""
    said = ended.out + ended.err
    if found := re.search(r"Traceback|unexpected|Exception ignored", said):
        yield f"says {found[0]!r}: {_last(ended.err)}"
    if re.search(r"\bdelet", said):
        yield f"says to delete what is whole: {_last(ended.err)}"
    if ended.code in (0, KILLED):
        return
    errors = [line for line in ended.err.splitlines() if line.startswith("error: ")]
    if ended.code != 1 or errors != [_last(ended.err)]:
        yield f"ends with {ended.code} and not with one line: {_last(ended.err)}"


def _named(ended: Ended, operation: Operation) -> Iterator[str]:
    """A refusal says which file it was: it, or the folder or the thing that it belongs to."""
    place = Path(operation.path)
    names = {place.name, place.stem, place.parent.name, place.parent.parent.name}
    if ended.code == 1 and not any(name in _last(ended.err) for name in names):
        yield f"does not name {operation.path}: {_last(ended.err)}"


def _states(world: World, stage: str) -> Iterator[str]:
    """What the last record names is whole at any moment: no state of a training is lost."""
    run = run_of(world.root)
    if not stage.startswith("train") or not (run / "last.json").exists():
        return
    said: list[str] = []
    found = find_state(run, said.append)
    yield from (f"a state is lost: {note}" for note in said)
    if found != read_record(run):
        yield "the last state is not what last.json says"


def _left(first: Ended, world: World, whole: Whole, fault: str) -> Iterator[str]:
    """What the fault may not leave; what may lie about until the same command comes again does."""
    if (first.code == KILLED) != (fault == "death"):
        yield f"ended with {first.code}"
    if first.code == 0:
        found = (each for each in _unlike(first, world, whole) if "left over" not in each)
        yield from (each for each in found if not _undrawn(each, first))
    for path in strangers(contents(world.root), whole.known):
        yield f"holds what never was there: {path}"


def _undrawn(complaint: str, ended: Ended) -> bool:
    """Whether it is of a picture that was said not to be drawn: that costs no run."""
    return complaint.endswith(f"/{CURVES}") and f"{CURVES} was not drawn" in ended.err


def _unlike(ended: Ended, world: World, whole: Whole) -> Iterator[str]:
    """What differs from the stage that nothing interrupted."""
    if ended.code:
        yield f"ended with {ended.code}: {_last(ended.err)}"
    elif ended.out != whole.said:
        yield f"printed {ended.out!r}"
    there = contents(world.root)
    for how, path in differences(there, whole.end):
        usual = ".tmp-" in path or (path, there.get(path)) in whole.known
        yield f"{'has left over' if how == 'more' and usual else how}: {path}"


def _readers(world: World, stage: str) -> Iterator[str]:
    """Wrong numbers, or no plain refusal, for those who read what a fault has left."""
    if stage.startswith("features"):
        yield from _cache_verified(world)
        return
    if stage.startswith("train"):
        yield from _validated(world)
    if "run" in plugins.names(COMMANDS):
        ended = in_child(typed(["run", "verify", str(run_of(world.root))]))
        yield from (f"run verify {each}" for each in _spoken(ended))


def _cache_verified(world: World) -> Iterator[str]:
    cache = world.wholes["train"].words[1]
    ended = in_child(typed(["cache", "verify", cache]))
    yield from (f"cache verify {each}" for each in _spoken(ended))
    there = {p: told for p, told in contents(world.root).items() if ".tmp-" not in p}
    if not ended.code:
        for how, path in differences(there, world.wholes["features"].end):
            yield f"cache verify finds no fault, but {how}: {path}"


def _validated(world: World) -> Iterator[str]:
    """An unfinished run is asked for its validation, whose numbers are known."""
    run = run_of(world.root)
    words = ["evaluate", str(run), "--no-page", "--split", "val"]
    words += ["--work", str(world.root / "work")]
    ended = in_child(typed(words))
    yield from (f"evaluate {each}" for each in _spoken(ended))
    if not ended.code:
        report = json.loads((run / "eval-val" / "report.json").read_text(encoding="utf-8"))
        if report["rsum"] != world.rsums[report["epoch"]]:
            yield f"evaluate says rsum {report['rsum']} of epoch {report['epoch']}"
    shutil.rmtree(run / "eval-val", ignore_errors=True)


def _last(said: str) -> str:
    return next(iter(said.strip().splitlines()[::-1]), "")
