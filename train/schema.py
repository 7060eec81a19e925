"""What a recipe may say: its sections follow from its task, their options from the parts named.

epochs = 300                     # the last phase takes what the others leave
[task]                           # every section names its part: a file of a folder
name = "paired"
[loss.instance]                  # losses have names of their own
name = "instance"
[phase.one]                      # what a phase does not say, the top says
epochs = 240
loss = { instance = 1.0 }
[features.large]                 # a cache that it wants: options of stage one
backbone = "resnet152"
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any, Literal, NamedTuple, cast

from pydantic import Field, create_model

from core.errors import SettingError
from core.plugins import load
from core.settings import Settings

TASK = ("train.tasks", "paired")
STEPS = {"optimiser": ("train.optimisers", "adam"), "schedule": ("train.schedules", "step")}
"""What every task with a loss needs besides its own parts."""
APART = frozenset({"about", "features"})
"""What says nothing of the weights, and is in no identity and no name of a run."""
Precision = Literal["float32", "bfloat16"]
_Members = tuple[tuple[str, type[Settings]], ...]
"""The sections of a schema, by name."""


class PhaseSettings(Settings):
    """So many epochs, and the losses that count in them."""

    epochs: int | None = Field(None, ge=1, description="so many; the last phase takes the rest")
    loss: dict[str, float] = Field({}, description="loss -> weight; each with 1 if none is named")
    rates: dict[str, float] = Field(
        {}, description="pattern of weights -> share of the learning rate; 0 freezes"
    )


class GallerySettings(Settings):
    """Whether what training queries like too much is pushed down (``train.gallery``)."""

    bias: bool = Field(False, description="push down what training queries like, both ways")
    bank: int = Field(
        1000, ge=0, description="so many training pictures and their captions ask; 0 for all"
    )


class Recipe(Settings):
    """Everything that a recipe sets; the defaults are VSE++'s own (``vsepp:train.py``).

    Beside these fields it has the sections that its task asks for (``image``, ``text``, ``sampler``
    ...), ``loss.NAME`` and ``phase.NAME``, ``optimiser`` and ``schedule``.
    """

    about: str = Field("", description="one sentence for a person")
    epochs: int = Field(30, ge=0, description="passes over the training examples, in all phases")
    batch_size: int = Field(128, ge=1, description="examples a step")
    clip: float = Field(2.0, gt=0, description="largest global norm of the gradient")
    average: float = Field(
        0.0, ge=0, lt=1, description="decay of a moving average of the weights, kept as the model"
    )
    precision: Precision = Field(
        "float32", description="of the products of a training visit; what is predicted is float32"
    )
    guard: bool = Field(
        False, description="where all vectors become one, an epoch against every negative"
    )
    restval: bool = Field(False, description="train on the split restval too")
    phases: tuple[str, ...] = Field((), description="their order; by default the recipe's")
    gallery: GallerySettings = GallerySettings.model_validate({})
    features: dict[str, dict[str, str | int]] = Field(
        {}, description="the caches that it wants: name -> options of stage one"
    )
    task: Settings

    def section(self, path: str) -> Settings | None:
        """The section with this dotted name, such as ``loss.hardest``; None where there is none."""
        found: Any = self
        for part in path.split("."):
            found = getattr(found, part, None)
        return cast(Settings | None, found)

    def members(self, section: str) -> dict[str, Any]:
        """What ``loss`` or ``phase`` hold, by name."""
        found = self.section(section)
        return {n: getattr(found, n) for n in type(found).model_fields} if found else {}

    def parts(self) -> dict[str, str]:
        """Section -> the part that it names."""
        return {path: slot.name for path, slot in _slots_of(self).items()}

    def part(self, path: str) -> Any:
        """The module of the part that a section names."""
        return load(_slots_of(self)[path].package, name_of(self.section(path)))


class Slot(NamedTuple):
    """Where a section's part is a file, and which one it is."""

    package: str
    name: str


def name_of(section: Any) -> str:
    """The part that a section names."""
    return str(section.name)


def slots(raw: Mapping[str, Any]) -> dict[str, Slot]:
    """Section -> the part that the recipe ``raw`` puts there.

    Raises:
        SettingError: there is no such task, or something else stands where a section should.
    """
    found = {"task": Slot(TASK[0], _name(raw, "task", TASK[1]))}
    wanted = dict(load(*found["task"]).PARTS)
    losses = wanted.pop("loss", None)
    if losses:
        wanted |= STEPS
    for section, (package, default) in wanted.items():
        found[section] = Slot(package, _name(raw, section, default))
    for name in sorted(table(raw, "loss") or [losses[1]]) if losses else []:
        found[f"loss.{name}"] = Slot(losses[0], _name(raw, f"loss.{name}", losses[1]))
    for phase, section in _in_phases(raw) if losses else []:
        path = f"phase.{phase}.{section}"
        found[path] = Slot(STEPS[section][0], _name(raw, path, found[section].name))
    for path, slot in list(found.items()):
        found |= _inner(raw, path, slot)
    return found


def schema(raw: Mapping[str, Any]) -> type[Recipe]:
    """The schema that the recipe ``raw`` must fit; one and the same for the same parts."""
    found = slots(raw)
    made: dict[str, type[Settings]] = {}
    for path in sorted(found, key=lambda path: -path.count(".")):
        inner = {p.rpartition(".")[2]: m for p, m in made.items() if p.rpartition(".")[0] == path}
        slot = found[path]
        made[path] = _named(path, slot, load(*slot).Options, tuple(inner.items()))
    members = {p: made[p] for p in found if "." not in p}
    losses = {p.partition(".")[2]: made[p] for p in found if _is_loss(p)}
    if losses:
        phases = {n: _phase(n, made) for n in table(raw, "phase")}
        members |= {"loss": _group("loss", losses), "phase": _group("phase", phases)}
    return _recipe(tuple(members.items()), solved=not losses)


def table(raw: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    """The table at ``path``, empty where there is none.

    Raises:
        SettingError: something else stands there.
    """
    found: Any = raw
    for part in path.split("."):
        found = found.get(part, {}) if isinstance(found, Mapping) else found
    if not isinstance(found, Mapping):
        raise SettingError(f'{path} = {found!r}: write a section: {path} = {{ name = "..." }}')
    return found


def _slots_of(recipe: Recipe) -> dict[str, Slot]:
    return slots(recipe.model_dump(mode="json", exclude_none=True))


def _name(raw: Mapping[str, Any], path: str, default: str) -> str:
    return str(table(raw, path).get("name", default))


def _in_phases(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for phase in table(raw, "phase"):
        for section in STEPS:
            if section in table(raw, f"phase.{phase}"):
                yield phase, section


def _inner(raw: Mapping[str, Any], path: str, slot: Slot) -> dict[str, Slot]:
    """The sections of a part that has parts of its own, such as the sum of two encoders."""
    parts: dict[str, tuple[str, str]] = {}
    with suppress(SettingError):  # what is no part is refused where its options are asked for
        parts |= {} if path == "task" else getattr(load(*slot), "PARTS", {})
    found: dict[str, Slot] = {}
    for name, (package, usual) in parts.items():
        section = f"{path}.{name}"
        found[section] = Slot(package, _name(raw, section, usual))
        found |= _inner(raw, section, found[section])
    return found


def _is_loss(path: str) -> bool:
    return path.startswith("loss.") and path.count(".") == 1


@lru_cache(maxsize=512)
def _named(path: str, slot: Slot, options: type[Settings], inner: _Members) -> type[Settings]:
    text = f"a file of {slot.package.replace('.', '/')}/"
    label: Any = (Literal[slot.name], Field(slot.name, description=text))
    made: Any = create_model(
        f"{path}.{slot.name}", __base__=options, name=label, **_fields(dict(inner))
    )
    return cast(type[Settings], made)


def _phase(name: str, made: Mapping[str, type[Settings]]) -> type[Settings]:
    paths = {section: f"phase.{name}.{section}" for section in STEPS}
    own = tuple((section, made[path]) for section, path in paths.items() if path in made)
    return _joined(f"phase.{name}", PhaseSettings, own)


def _group(name: str, members: Mapping[str, type[Settings]]) -> type[Settings]:
    from torch import nn  # which the parts themselves have brought along

    for member in members:
        if not member.isidentifier():
            raise SettingError(f"{name}.{member}: choose a name of letters, digits and _")
        if hasattr(Settings, member) or hasattr(nn.ModuleDict(), member):
            raise SettingError(f"{name}.{member}: this word has a meaning; choose another name")
    return _joined(name, Settings, tuple(members.items()))


@lru_cache(maxsize=512)
def _joined(name: str, base: type[Settings], members: _Members) -> type[Settings]:
    return create_model(name, __base__=base, **_fields(dict(members)))


@lru_cache(maxsize=64)
def _recipe(members: _Members, *, solved: bool) -> type[Recipe]:
    fields = _fields(dict(members))
    if solved:
        fields["epochs"] = (Literal[0], Field(0, description="solved in closed form"))
    return create_model("Recipe", __base__=Recipe, **fields)


def _fields(members: Mapping[str, type[Settings]]) -> dict[str, Any]:
    """Each with its defaults, as pydantic takes them."""
    return {name: (model, model()) for name, model in members.items()}
