"""The keys of ``--set``: a dotted key, or as little of its end as tells it apart."""

from collections.abc import Sequence

from core.errors import SettingError, choices

MOVED = {
    "warmup_epochs": "phase.NAME.epochs, of a phase with a loss of its own",
    "lr_decay": "schedule.decay",
    "lr_decay_every": "schedule.every",
    "encoder": "SECTION.name",
}
"""What recipes said before they had phases, and where it is now."""


def fitting(key: str, accepted: Sequence[str]) -> list[str]:
    """The accepted keys that ``key`` means: one, or the same option of several losses.

    A key means those that it is contained in, part by part, with the same end: ``margin`` and
    ``loss.margin`` mean ``loss.hardest.margin``. What stands at the top serves every phase, so a
    key means an option of a phase only where it says so, or where there is no other.

    Raises:
        SettingError: several different options end so, or none does.
    """
    if key in accepted:
        return [key]
    parts = key.split(".")
    found = [name for name in accepted if _contains(name.split("."), parts)]
    above = [name for name in found if not name.startswith("phase.")]
    if above and parts[0] != "phase":
        found = above
    if len(found) > 1 and len({_without_loss(name) for name in found}) > 1:
        raise SettingError(f"--set {key}: write {' or '.join(found)}: several settings end so")
    if not found:
        raise unknown(f"--set {key}", key, accepted)
    return found


def unknown(where: str, key: str, accepted: Sequence[str]) -> SettingError:
    """The error for a key that is not accepted: where it is now, or the nearest ones."""
    section, _, last = key.rpartition(".")
    if last in MOVED:
        way = MOVED[last].replace("SECTION", section or "text")
        return SettingError(f"{where}: {key!r} is of recipes without phases; write {way}")
    return SettingError(f"{where}: unknown key {key!r}: {choices(key, accepted)}")


def _contains(name: Sequence[str], parts: Sequence[str]) -> bool:
    """Whether ``parts`` stand in ``name`` in this order, the last of both being the same."""
    left = iter(name)
    return name[-1] == parts[-1] and all(part in left for part in parts)


def _without_loss(name: str) -> str:
    head, _, rest = name.partition(".")
    return f"loss.*.{rest.partition('.')[2]}" if head == "loss" else name
