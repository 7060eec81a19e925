"""A recipe, merged and checked: defaults <- recipe <- ``--set key=value``."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from core.errors import SettingError
from core.settings import keys, parse_assignments, shown, validate
from train.elsewhere import refuse_of_others
from train.keys import MOVED, fitting, unknown
from train.schema import STEPS, Recipe, schema, slots, table

SIDES = ("image", "text")
"""Where recipes without phases said ``encoder`` for ``name``."""
WANTED = "features"


def resolve(recipe: Mapping[str, Any], assignments: Sequence[str] = ()) -> Recipe:
    """Merge the defaults, a recipe and ``key=value`` assignments, the later winning.

    A key is dotted (``loss.hardest.margin``); as little of it will do as tells it apart. A section
    itself stands for its ``name``. A part that an assignment puts in the place of the recipe's
    begins with its own defaults.

    Raises:
        SettingError: an unknown part, key or value; the message names the accepted ones.
    """
    raw: dict[str, Any] = {key: _plain(key, value) for key, value in recipe.items()}
    _refuse_former(raw)
    changes = parse_assignments(assignments)
    _refuse_features(changes)
    for key in sorted(changes, key=lambda key: (not key.startswith("task"), key.count("."))):
        if paths := _parts_named(raw, key):
            _replace(raw, paths, str(changes.pop(key)))
    raw.setdefault("phases", list(table(raw, "phase")))
    made = schema(raw)
    accepted = [key for key in keys(made) if key != WANTED]
    for key, value in changes.items():
        if key.rpartition(".")[2] not in MOVED:
            refuse_of_others(key, slots(raw), accepted)
        for path in _entry(key, accepted) or [full.split(".") for full in fitting(key, accepted)]:
            _set(raw, path, value)
    _hand_down(raw)
    _refuse_epochs(raw, made)
    return _galleried(_checked(validate(made, raw, "recipe")))


def _plain(key: str, value: Any) -> Any:
    """A copy in JSON's values; TOML knows dates and times besides."""
    if isinstance(value, Mapping):
        return {str(name): _plain(f"{key}.{name}", inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(key, inner) for inner in value]
    if value is None or isinstance(value, str | int | float):
        return value
    raise SettingError(
        f"recipe: {key} = {value}: a {type(value).__name__} is no value here; write a number, "
        "true or false, or text in quotes"
    )


def _refuse_former(raw: Mapping[str, Any]) -> None:
    """Refuse a recipe without phases, in which a loss had no name of its own."""
    sections = {name: value for name, value in raw.items() if isinstance(value, Mapping)}
    former = [key for key in raw if key in MOVED]
    former += [f"{side}.encoder" for side in SIDES if "encoder" in sections.get(side, {})]
    if former:
        raise unknown("recipe", former[0], ())
    if "name" in sections.get("loss", {}):
        raise SettingError("recipe: a loss has a name of its own: write [loss.NAME] for [loss]")


def _refuse_features(changes: Mapping[str, Any]) -> None:
    """Refuse to set what a training does not follow from: its caches are made by then."""
    for key in changes:
        if key.partition(".")[0] == WANTED:
            raise SettingError(
                f"--set {key}: [features.NAME] holds options of stage one; give them as such (as "
                "--crops 2), which goes before the recipe, or write them in one of your own"
            )


def _parts_named(raw: Mapping[str, Any], key: str) -> list[str]:
    """The sections whose part ``key`` chooses; none where it is the key of an option."""
    there, path = slots(raw), key.removesuffix(".name")
    if path in there or _of_a_phase(raw, path):
        return [path]
    if path == "loss":
        return [section for section in there if section.startswith("loss.")]
    if key.rpartition(".")[2] != "name":
        return []
    return [name.removesuffix(".name") for name in fitting(key, [f"{p}.name" for p in there])]


def _of_a_phase(raw: Mapping[str, Any], path: str) -> bool:
    """Whether this may be a section of a phase that is there."""
    first, _, rest = path.partition(".")
    phase, _, section = rest.partition(".")
    return first == "phase" and section in STEPS and phase in table(raw, "phase")


def _replace(raw: dict[str, Any], paths: Sequence[str], name: str) -> None:
    """Put the part ``name`` into the sections, with its own defaults if it is another."""
    before = slots(raw)
    for path in paths:
        if path not in before or before[path].name != name:
            _set(raw, path.split("."), {"name": name})
    if "task" in paths:
        _leave_former_sections(raw, set(before))


def _leave_former_sections(raw: dict[str, Any], before: Collection[str]) -> None:
    """Drop what the task before had and this one has no use for."""
    now = {path.partition(".")[0] for path in slots(raw)}
    gone = {path.partition(".")[0] for path in before} - now
    if "loss" in gone:  # solved in closed form
        gone |= {"phase", "phases", "epochs"}
    for section in gone:
        raw.pop(section, None)


def _hand_down(raw: dict[str, Any]) -> None:
    """Give a phase's own optimiser or schedule what it does not say of the same part at the top."""
    found = slots(raw)
    for path in [path for path in found if path.startswith("phase.")]:
        top = path.rpartition(".")[2]
        if found[path] == found[top]:
            _set(raw, path.split("."), {**table(raw, top), **table(raw, path)})


def _refuse_epochs(raw: Mapping[str, Any], made: type[Recipe]) -> None:
    """Refuse epochs of a task that takes no step."""
    if raw.get("epochs") and "loss" not in made.model_fields:
        raise SettingError(
            f"recipe: epochs = {shown(raw['epochs'])}: this task is solved in closed form and has "
            "none; leave epochs out"
        )


def _entry(key: str, accepted: Sequence[str]) -> list[list[str]]:
    """The path of an entry of a table with free keys, such as ``phase.one.rates.image.*``."""
    for name in accepted:
        if name.startswith("phase.") and key.startswith(f"{name}."):
            return [[*name.split("."), key.removeprefix(f"{name}.")]]
    return []


def _set(raw: dict[str, Any], path: Sequence[str], value: Any) -> None:
    inner = raw
    for part in path[:-1]:
        inner = inner.setdefault(part, {})
        if not isinstance(inner, dict):
            raise SettingError(f"--set {'.'.join(path)}: {part} is a value, not a section")
    inner[path[-1]] = value


def _checked(recipe: Recipe) -> Recipe:
    """What no field can tell by itself."""
    losses, phases = recipe.members("loss"), recipe.members("phase")
    if sorted(recipe.phases) != sorted(phases):
        raise SettingError(f"phases = {list(recipe.phases)}: name each of {sorted(phases)} once")
    for number, name in enumerate(recipe.phases, start=1):
        phase, last = phases[name], number == len(phases)
        for loss in phase.loss.keys() - losses.keys():
            raise unknown(f"phase.{name}.loss", loss, sorted(losses))
        weights = list(phase.loss.values())
        if weights and (min(weights) < 0 or not max(weights)):
            raise SettingError(
                f"phase.{name}.loss = {phase.loss}: weights are 0 or more, and one is above 0"
            )
        if last != (phase.epochs is None):
            way = "takes what the others leave of epochs: leave its own out (--set: null)"
            if not last:
                way = "is not the last: say how many epochs it has"
            raise SettingError(f"phase.{name} {way}")
    counting = {loss for phase in phases.values() for loss in phase.loss or losses}
    for loss in losses.keys() - counting if phases else ():
        raise SettingError(f"loss.{loss} counts in no phase: name it in one, or leave it out")
    if losses and not recipe.epochs:
        raise SettingError("epochs = 0: a task with losses needs at least 1")
    return recipe


def _galleried(recipe: Recipe) -> Recipe:
    """Refuse a bias that no vector can hold; what a task predicts is looked at when it is built."""
    similarity = getattr(recipe.task, "similarity", "inner")
    if recipe.gallery.bias and similarity != "inner":
        raise SettingError(
            f"gallery.bias = true: it is part of an inner product, and task.similarity = "
            f"{similarity}; set gallery.bias=false"
        )
    return recipe
