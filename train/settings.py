"""What a recipe may say: the schema follows from the plug-ins that it names."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, Field, create_model

from core.errors import SettingError, choices
from core.plugins import load
from core.settings import Settings, keys, override, parse_assignments, validate

SECTIONS = {
    "image": ("encoder", "train.encoders.image", "linear"),
    "text": ("encoder", "train.encoders.text", "gru"),
    "loss": ("name", "train.losses", "hinge"),
    "sampler": ("name", "train.samplers", "pairs"),
}
"""Section -> the key that names its plug-in, the plug-ins' package, the default plug-in."""


class TrainSettings(Settings):
    """Everything that a recipe sets; the defaults are VSE++'s own (``vsepp:train.py``).

    ``image``, ``text``, ``loss`` and ``sampler`` hold the options of their plug-in, declared
    in its file, and the plug-in's name.
    """

    about: str = Field("", description="one sentence for a person")
    task: str = Field("paired", description="how examples are joined and embedded")
    layer: str = Field("pooled", description="which layer of the feature cache is read")
    epochs: int = Field(30, ge=1, description="passes over the training captions")
    warmup_epochs: int = Field(0, ge=0, description="of these, the first with the loss's warm-up")
    batch_size: int = Field(128, ge=1, description="captions a step")
    embed_dim: int = Field(1024, ge=1, description="width of the joint space")
    min_count: int = Field(4, ge=1, description="rarer training words are unknown")
    max_tokens: int = Field(256, ge=1, description="longer captions are cut to so many words")
    lr: float = Field(2e-4, gt=0, description="learning rate of Adam")
    lr_decay_every: int = Field(15, ge=1, description="epochs between two decays")
    lr_decay: float = Field(0.1, gt=0, le=1, description="what the rate is multiplied with then")
    clip: float = Field(2.0, gt=0, description="largest global norm of the gradient")
    restval: bool = Field(False, description="train on the split restval too")
    image: Settings
    text: Settings
    loss: Settings
    sampler: Settings

    def plugin(self, section: str) -> str:
        """The name of the plug-in that ``section`` uses."""
        return str(getattr(getattr(self, section), SECTIONS[section][0]))


def resolve(recipe: Mapping[str, Any], assignments: Sequence[str] = ()) -> TrainSettings:
    """Merge the defaults, a recipe and ``key=value`` assignments, the later winning.

    A key is dotted (``loss.margin``); its last part alone will do where only one setting ends so.
    A plug-in that an assignment puts in the place of the recipe's begins with its own defaults.

    Raises:
        SettingError: an unknown plug-in, key or value; the message names the accepted ones.
    """
    changes = parse_assignments(assignments)
    names = _plugins(recipe, changes)
    schema = _schema(names)
    full = {_full_key(key, list(keys(schema))): value for key, value in changes.items()}
    kept = {k: v for k, v in recipe.items() if k not in SECTIONS or _named(recipe, k) == names[k]}
    settings = validate(schema, override(kept, full), "training settings")
    load("train.tasks", settings.task)
    return settings


def accepted_keys() -> dict[str, str]:
    """Each dotted key under the default plug-ins, with its default and what it means."""
    return dict(_describe(_schema({section: name for section, (_, _, name) in SECTIONS.items()})))


def _plugins(recipe: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, str]:
    names = {section: _named(recipe, section) for section in SECTIONS}
    for section, (key, _, _) in SECTIONS.items():
        names[section] = str(changes.get(f"{section}.{key}", names[section]))
    return names


def _named(recipe: Mapping[str, Any], section: str) -> str:
    key, _, default = SECTIONS[section]
    options = recipe.get(section, {})
    if not isinstance(options, Mapping):
        raise SettingError(f'{section} = {options!r}: write a section: {{{key} = "{default}"}}')
    return str(options.get(key, default))


def _schema(names: Mapping[str, str]) -> type[TrainSettings]:
    fields: dict[str, Any] = {}
    for section, (key, package, _) in SECTIONS.items():
        name = names[section]
        options = load(package, name).Options
        text = f"a file of {package.replace('.', '/')}/"
        label: Any = (Literal[name], Field(name, description=text))
        named: Any = create_model(f"{section}.{name}", __base__=options, **{key: label})
        fields[section] = (named, named())
    return create_model("TrainSettings", __base__=TrainSettings, **fields)


def _full_key(key: str, accepted: Sequence[str]) -> str:
    fitting = [key] if key in accepted else [k for k in accepted if k.endswith(f".{key}")]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise SettingError(f"--set {key}: write {' or '.join(fitting)}: several settings end so")
    raise SettingError(f"--set {key}: unknown key {key!r}: {choices(key, accepted)}")


def _describe(schema: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, field in schema.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _describe(field.annotation, f"{prefix}{name}.")
        else:
            yield prefix + name, f"{field.description or name} (default {field.default!r})"
