"""The parts that a recipe may name, and the options of those that it names and of the others."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from core.errors import SettingError
from core.plugins import about, load, names, summary
from evaluate import judge, measures
from extract.settings import FeatureSettings
from pipeline import recipe_files
from pipeline.recipe_features import OPTIONS, SECTION
from pipeline.said.explain import Row, either, rows
from train.schema import STEPS, TASK, PhaseSettings, Recipe, Slot, slots

LOSS = "loss"
JUDGED = {"Measures": measures.PACKAGE, "Protocols": judge.PACKAGE}
"""What stage three is asked for by name, by its title in a help."""


class Kind(NamedTuple):
    """A section of recipes, and the package of the parts that it may name."""

    section: str
    package: str

    @property
    def title(self) -> str:
        """For a person: ``train.encoders.image`` holds ``Image encoders``."""
        return " ".join(reversed(self.package.split(".")[1:])).capitalize()


class Section(NamedTuple):
    """A section of a recipe: its dotted path, the part that it names, and its keys."""

    path: str
    about: str
    rows: list[Row]


def kinds() -> list[Kind]:
    """The kinds of parts that recipes name: what the tasks ask for, and what every step needs."""
    found = [Kind("task", TASK[0])]
    for task in names(TASK[0]):
        with suppress(SettingError):  # what is broken is listed as that
            parts = load(TASK[0], task).PARTS.items()
            found += [Kind(name, package) for name, (package, _) in parts]
    found += [Kind(name, package) for name, (package, _) in STEPS.items()]
    return list(dict.fromkeys(found))


def listed(package: str) -> list[tuple[str, str]]:
    """Each part of a package with its one line."""
    return [(name, about(package, name)) for name in names(package)]


def of_measures() -> Iterator[Row]:
    """Each option of each measure at its default, as ``MEASURE.OPTION``."""
    for name in names(measures.PACKAGE):
        with suppress(SettingError):  # what is broken is listed as that
            yield from rows(measures.schema_of(name), prefix=f"{name}.")


def recipes() -> list[tuple[str, str]]:
    """Each recipe with the line that it says of itself."""
    told = [(name, str(recipe_files.read(name).get("about", ""))) for name in recipe_files.names()]
    return [(name, " ".join(about.split())) for name, about in told]


def sections(recipe: Recipe) -> list[Section]:
    """Every key of a recipe with its value, by section; what stands at the top comes first."""
    raw = recipe.model_dump(mode="json", exclude_none=True)
    there, usual = slots(raw), slots(_unnamed(raw))
    found: dict[str, list[Row]] = {"": []}
    for row in rows(type(recipe), recipe):
        path, _, last = row.key.rpartition(".")
        if row.key == SECTION:  # see `caches`
            continue
        kept = found.setdefault(path, [])
        if last == "name" and path in there:
            accepted = either(names(there[path].package))
            slot = usual.get(path) or slots(_unnamed_at(raw, path))[path]
            kept.insert(0, row._replace(accepted=accepted, default=slot.name))
        else:
            kept.append(row)
    return [Section(path, _about(there.get(path)), kept) for path, kept in found.items()]


def caches(recipe: Recipe) -> list[Section]:
    """The caches that a recipe wants, each with every option of stage one; None is left out."""
    about = "a cache that it wants; what is left out is as typed, or stage one's default"
    return [
        Section(
            f"{SECTION}.{name}",
            about,
            [
                row._replace(key=f"{SECTION}.{name}.{row.key}", value=table.get(row.key))
                for row in rows(FeatureSettings)
                if row.key in OPTIONS
            ],
        )
        for name, table in recipe.features.items()
    ]


def others(recipe: Recipe) -> Iterator[Section]:
    """The options, at their defaults, of the parts that the recipe does not name."""
    used = set(slots(recipe.model_dump(mode="json", exclude_none=True)).values())
    for kind in kinds():
        path = "loss.NAME" if kind.section == LOSS else kind.section
        for name in names(kind.package):
            options: list[Row] = []
            with suppress(SettingError):
                options += rows(load(kind.package, name).Options, prefix=f"{path}.")
            if options and Slot(kind.package, name) not in used:
                yield Section(f"{path} = {name}", summary(kind.package, name), options)
    if recipe.members(LOSS) and not recipe.members("phase"):
        about = "a section of a recipe's file"
        yield Section("phase.NAME", about, list(rows(PhaseSettings, prefix="phase.NAME.")))


def _about(slot: Slot | None) -> str:
    return summary(*slot) if slot else ""


def _unnamed_at(raw: dict[str, Any], path: str) -> dict[str, Any]:
    """The recipe without the name of one part, which a part of the recipe's own asks for."""
    first, _, rest = path.partition(".")
    inner = raw[first]
    if rest:
        return {**raw, first: _unnamed_at(inner, rest)}
    return {**raw, first: {key: value for key, value in inner.items() if key != "name"}}


def _unnamed(raw: dict[str, Any], path: str = "") -> dict[str, Any]:
    """The recipe without the names of its parts, so that each section has the usual one."""
    kept = {}
    for key, value in raw.items():
        inner = f"{path}{key}"
        if isinstance(value, dict):
            kept[key] = value if inner == "task" else _unnamed(value, f"{inner}.")
        elif key != "name":
            kept[key] = value
    return kept
