"""What a command goes on with: what is given, what is remembered, and what suits drawn scenes."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import InputError, RunError, SettingError
from extract.settings import FREE
from pipeline import recipe_files
from pipeline.memory.lost_run import gone
from pipeline.memory.moved import finds_its_pictures, require_there, same_pictures, with_work
from pipeline.memory.remembered import Damaged, Memory, Values, absolute, read
from pipeline.scenes import drawn
from pipeline.typed import recognised
from pipeline.typed.by_make import as_typed, retyped, variable
from pipeline.typed.by_name import by_name
from pipeline.typed.several import WEIGHTS, paths
from pipeline.wanted import own_backbones
from train.record import read_record

DATA, RUN = "path", "run"
ASKED_ANYWAY = frozenset({"max_errors", "device"})
"""Remembered, and asked of a run that is there too."""
SAME_RUN = ASKED_ANYWAY | FREE | {"save_every", DATA, RUN}
"""Given anew, they do not make another run of the same pictures."""

Options = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Course:
    """What is to be done.

    ``values`` are all options, ``kept`` those of them to be remembered, ``lines`` what to say
    first. ``made`` tells what was made with the same options before; ``judged`` is a run to be
    asked as it is; ``draws`` says that the generated scenes are meant.
    """

    values: Options
    kept: Options = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    made: Memory = field(default_factory=Memory)
    judged: Path | None = None
    draws: bool = False


def go_on(
    typed: Values, *, to: str, work: Path, questions: Collection[str], usual: Mapping[str, str]
) -> Course:
    """Join what was typed to what is remembered in ``work``.

    Args:
        typed: the options that were given; an empty value is the default again.
        to: the last stage.
        work: where it is remembered.
        questions: the options that are never remembered.
        usual: the defaults of the others, as one would type them; empty where there is none.

    Raises:
        InputError: DATA is empty, or what is remembered of it is not there any more.
        Damaged: what is remembered cannot be read, and DATA is not given.
    """
    given = {name: values for name, values in typed.items() if name not in questions}
    asked = {name: values for name, values in typed.items() if name in questions}
    if not _some(given.get(DATA, ("not given",))):
        example = as_typed("all photos", make="eval DATA=photos")
        raise InputError(f"DATA is empty; name a folder: {example}")
    making = given.keys() - ASKED_ANYWAY
    if to == "evaluate" and making == {RUN} and _some(given[RUN]):
        judged, line = by_name(Path(given[RUN][-1]), work, recognised.RUN)
        return Course({**asked, **given}, lines=[line] if line else [], judged=judged)
    memory, lines = _recall(work, given, usual)
    taken, same, more = _taken(memory, given, work, usual)
    joined = {**taken, **given}
    kept = {name: joined[name] for name in usual if _some(joined.get(name, ()))}
    made = Memory(caches=memory.caches, run=memory.run) if same else Memory()
    lines = [*([said(taken, work)] if taken else []), *lines, *more]
    run = made.made_run(work)
    if to == "evaluate" and not making and run and _is_finished(run) and finds_its_pictures(run):
        lines.append(f"asking the run that was made last, {run}")
        return Course({**kept, **asked}, kept, lines, made, judged=run)
    lines += gone(run, work) if to != "features" else []
    if not _is_drawn(kept, work):
        require_there(taken.get(DATA, (".",))[-1], to, work)
        return Course({**kept, **asked}, kept, lines, made)
    scenes, line = _scenes(kept, work)
    return Course({**scenes, **kept, **asked}, kept, [*lines, line], made, draws=True)


def _recall(work: Path, given: Values, known: Collection[str]) -> tuple[Memory, list[str]]:
    """What is remembered of the pictures that are meant, and what to say where it is of others."""
    try:
        memory = read(work, known) or Memory()
    except Damaged as error:
        if DATA in given:
            return Memory(), [f"{error}: nothing is gone on with"]
        way = _forget(work)
        raise Damaged(f"{error}; name the pictures with DATA, or type {way}") from None
    then = memory.places.get(DATA) or absolute(str(drawn.place(work)))
    if DATA not in given or absolute(given[DATA][-1]) == then:
        return memory, []
    shape = {**memory.given, **given}.get("data_format", ("auto",))[-1] or "auto"
    if holds := same_pictures(memory, work, given[DATA][-1], shape):
        return memory, [f"the same pictures as in {then}: {holds}"]
    others = {name: values for name, values in memory.options().items() if name not in given}
    lines = [f"other pictures than before: not gone on with {retyped(others)}"] if others else []
    return Memory(), lines


def _taken(
    memory: Memory, given: Values, work: Path, usual: Mapping[str, str]
) -> tuple[Options, bool, list[str]]:
    """What is taken of what is remembered; whether it is the same run; what to say else."""
    known = memory.options()
    taken = {name: values for name, values in known.items() if name not in given}
    before, now = (_settled(each, work, usual) for each in (known, {**taken, **given}))
    changed = [name for name in now if name not in SAME_RUN and before.get(name) != now[name]]
    lines = []
    if "backbone" in changed and _are_of_it(memory, taken):
        lines.append(_not_taken(taken, "weights", ["backbone"]))
    if changed and RUN in taken:
        lines.append(_not_taken(taken, RUN, changed))
    return taken, not changed and before.get(RUN) == now.get(RUN), lines


def _are_of_it(memory: Memory, taken: Values) -> bool:
    """Whether weights that are taken are those of one backbone, or one for each of several."""
    several = len(paths(taken[WEIGHTS][-1])) > 1 if WEIGHTS in taken else False
    return several or WEIGHTS in taken.keys() & memory.places.keys()


def _not_taken(taken: Options, name: str, others: Collection[str]) -> str:
    """Take an option away again, and say why."""
    told = " and ".join(map(variable, others))
    return f"not gone on with {retyped({name: taken.pop(name)})}: it is of another {told}"


def _settled(options: Values, work: Path, usual: Mapping[str, str]) -> Options:
    """All options, those that are not given too, and the backbones that the recipe has chosen."""
    some = {name: values for name, values in options.items() if _some(values)}
    defaults = {name: (value,) for name, value in usual.items() if value}
    scenes = _scenes(some, work)[0] if _is_drawn(some, work) else {}
    own = _of_recipe({**defaults, **scenes, **some})
    return {**defaults, **own, **scenes, **some}


def _of_recipe(options: Values) -> Options:
    """The backbones that the recipe wants; none where it is none, which is said later."""
    backbones: list[str] = []
    with suppress(SettingError):
        backbones = own_backbones(recipe_files.features(options["recipe"][-1]))
    return {"backbone": (",".join(backbones),)} if backbones else {}


def _is_drawn(options: Values, work: Path) -> bool:
    place = absolute(str(drawn.place(work)))
    return DATA not in options or absolute(options[DATA][-1]) == place


def _scenes(options: Values, work: Path) -> tuple[Options, str]:
    """The options that the generated scenes add, and what to say of them."""
    suited: Options = {name: (value,) for name, value in drawn.suited(options).items()}
    line = f"the generated scenes in {drawn.place(work)}"
    if suited:
        line += f" with {retyped(suited)}"
    if DATA not in options:
        own = as_typed("all photos", make="eval DATA=photos")
        line = f"no DATA is given: {line}; with your own pictures: {own}"
    return suited, line


def _is_finished(run: Path) -> bool:
    try:
        return read_record(run).done
    except RunError:
        return False


def said(taken: Values, work: Path) -> str:
    """What is told of options that are ``taken`` from what is remembered in ``work``."""
    return f"going on with {retyped(taken)} ({_forget(work)} forgets it)"


def _forget(work: Path) -> str:
    words = with_work("forget", work)
    return as_typed(words, make=words)


def _some(values: Collection[str]) -> bool:
    return any(values)
