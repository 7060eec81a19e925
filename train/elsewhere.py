"""An option that no part of a recipe has, and other parts do: which, and how to choose one."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress

from core.errors import SettingError
from core.plugins import load, names
from train.schema import Slot


def refuse_of_others(key: str, slots: Mapping[str, Slot], accepted: Collection[str]) -> None:
    """Refuse a key that means an option of parts that the recipe does not name.

    Nothing happens where an accepted key ends so, or no part has it.

    Args:
        key: as it was typed after ``--set``.
        slots: section -> the part that the recipe puts there.
        accepted: the dotted keys that it takes.

    Raises:
        SettingError: the parts of each section that have it, and how one is chosen.
    """
    *sections, option = key.split(".")
    if any(each.rpartition(".")[2] == option for each in accepted):
        return
    there = {name: slot for name, slot in slots.items() if {*sections} <= {*name.split(".")}}
    found = {name: have for name, slot in there.items() if (have := list(_having(option, slot)))}
    if not found:
        return
    told = "; ".join(f"as {name} {_listed(have)}" for name, have in found.items())
    section, have = next(iter(found.items()))
    raise SettingError(
        f"--set {key}: no part of this recipe has {option!r}; others have it, {told}; choose one "
        f"too, as with --set {section}={have[0]}"
    )


def _having(option: str, slot: Slot) -> Iterator[str]:
    for name in names(slot.package):
        with suppress(
            SettingError, AttributeError
        ):  # a broken one is refused where it is asked for
            if option in load(slot.package, name).Options.model_fields:
                yield name


def _listed(names: list[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
