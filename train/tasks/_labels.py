"""The labels of a task's training items: which are wrong on purpose, and whether they teach."""

from pydantic import Field

from core.errors import InputError
from core.records import Corpus
from core.settings import Settings
from train.examples.classed import OF_PAIRS, Uses, chosen_by, taught
from train.examples.joined import Joined
from train.layers import Layers
from train.measured import Measured


class LabelOptions(Settings):
    """The options of every task with labels."""

    layer: Layers = Field(
        "pooled",
        description="which layers of pictures are read, of each feature cache that has them: one, "
        "or several with a comma between",
    )
    label_noise: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="share of the labelled training items of which a label is another one, drawn "
        "by the seed; validation and test keep theirs",
    )


def require_classes(measured: Measured, part: Corpus) -> Measured:
    """The same, of a training part that a classifier can be trained on.

    Raises:
        InputError: no item has a label, or all have the same one.
    """
    if len(measured.classes) > 1:
        return measured
    found = f"only the label {measured.classes[0]!r}" if measured.classes else "no labels"
    raise InputError(
        f"{part.name}: the training items have {found}, and this task learns from two classes or "
        "more; add labels to the corpus, or choose a --recipe without, such as adapters-light"
    )


def fitting(
    train: Joined,
    val: Joined,
    parts: tuple[Corpus, Corpus],
    measured: Measured,
    *,
    uses: Uses = OF_PAIRS,
) -> list[str]:
    """What of both parts teaches or chooses nothing, in sentences for a person.

    ``uses`` says what a training item is for that lacks something.

    Raises:
        InputError: no training pair has a label, or nothing of validation shares one.
    """
    for data, part, lost in zip((train, val), parts, ("learn from", "choose by"), strict=True):
        if data.label is None or not data.label.any():
            raise InputError(
                f"{part.name}: no pair has a label of training's, so that there is nothing to "
                f"{lost}; give labels to its items, or split the corpus in another way"
            )
    classes = measured.classes
    return [*taught(train, parts[0], classes, uses), *chosen_by(val, parts[1], classes)]
