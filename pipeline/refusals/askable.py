"""What a recipe, a run's folder or a question would be refused for, before there are features."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from core.errors import SettingError
from extract.settings import FeatureSettings
from pipeline.asked.answers import require_writable
from pipeline.memory.once import Once
from pipeline.memory.outlines import outline_of
from pipeline.typed.by_make import option
from train.identity import LostConfig, read_config, refuse_other
from train.record import CONFIG


def require_trainable(
    recipe: str,
    assignments: Sequence[str],
    features: FeatureSettings,
    run: Path | None,
    seed: int,
    once: Once,
) -> None:
    """Refuse what a training on such features would be refused for, whatever the pictures are.

    Args:
        recipe: by name, or the path of a .toml file.
        assignments: ``key=value``, over the recipe.
        features: how the features will be made.
        run: where one would train; what is no sound run is left to ``train``.
        seed: of the training.
        once: what is known of recipes.

    Raises:
        SettingError: there is no such recipe or setting, or it reads another layer.
        RunError: ``run`` was begun with other settings, or is no run's folder.
    """
    outline = outline_of(recipe, assignments, once.known)
    layers = set(outline.sources.values())
    if layers and features.layer not in layers:
        wanted = " and ".join(sorted(layers))
        raise SettingError(
            f"{recipe} reads the layer {wanted!r}, and these features would be of the layer "
            f"{features.layer!r}; give {option('layer', wanted)}, or another recipe"
        )
    if run is None:
        return
    with suppress(LostConfig):  # training mends it
        there = read_config(run)["identity"] if (run / CONFIG).exists() else {}
        refuse_other(run, {**there, "settings": outline.settings, "seed": seed})


def require_answerable(protocol: str | None, measures: Sequence[str], out: Path | None) -> None:
    """Refuse a question that stage three does not know, or that it could not write down.

    Raises:
        SettingError: an unknown protocol or measure.
        RunError: ``out`` cannot be written.
    """
    if protocol or measures:
        from core.plugins import load
        from evaluate import judge
        from evaluate.measures import options_of

        if protocol:
            load(judge.PACKAGE, protocol)
        for name in measures:
            options_of(name, {})
    if out:
        require_writable(out)
