"""Pictures through a CNN that learns too, and captions, in one space (VSE++, fine-tuned)."""

from typing import Any, Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from core.errors import SettingError
from train.ahead import ahead
from train.distinct import each_once
from train.examples.pairs import Batch, Pairs
from train.examples.table import Tables
from train.examples.visits import Visits
from train.measured import Measured
from train.ranks.chance import each_picture
from train.schema import Recipe
from train.start import CNN
from train.task import Modules
from train.tasks import paired
from train.tasks._embedding import encoded, prepare

PARTS = {
    "image": ("train.encoders.image", "linear"),
    "text": ("train.encoders.text", "gru"),
    "loss": ("train.losses", "hinge"),
    "sampler": ("train.samplers", "pictures"),
}
PIXELS = 3
"""So many dimensions has a picture (3, S, S); features have two (crops, F), or four."""
SEEN_BATCH = 32
measure = paired.measure


class Options(paired.Options):
    """The options of the tuned task: those of the paired one, of pictures as they are."""

    least_area: float = Field(
        0.08, gt=0, le=1, description="share of a picture that a training visit sees at least"
    )
    layer: Literal["pixels"] = Field("pixels", description="the pictures themselves")
    each_picture: Literal["once"] = Field(
        "once", description="a picture that stands in a batch twice is seen and encoded once"
    )


class Tuned(paired.Paired):
    """A CNN under the image encoder of the paired task.

    Attributes:
        cnn: pixels (P, 3, S, S) -> (P, F); None in a run that was read back to be asked with the
            features of its CNN.
        image: features (P, crops, F) -> (P, D).
    """

    examples = Visits

    def __init__(
        self,
        options: Options,
        measured: Measured,
        *,
        image: nn.Module,
        text: nn.Module,
        cnn: nn.Module | None,
    ):
        """Use ``build``."""
        super().__init__(options, measured, image=image, text=text)
        self.cnn = cnn
        if cnn is None:
            self.register_load_state_dict_pre_hook(_without_cnn)  # type: ignore[no-untyped-call]

    def begin(self, data: Pairs) -> None:
        """Let each encoder measure its side, the image encoder what the CNN gives at first."""
        with torch.no_grad():
            prepare(self.image, (self._seen(*b) for b in data.features.blocks(SEEN_BATCH)))
        prepare(self.text, data.tokens.blocks(SEEN_BATCH))

    def _pictures(self, batch: Batch) -> tuple[Tensor, Tensor | None]:
        with each_picture():
            return self.image(*self._seen(*batch.features)), each_once(batch.image)[1]

    def _images(self, features: Tables, batch_size: int) -> Tensor:
        if self.cnn is None:
            return super()._images(features, batch_size)
        blocks = ahead(features.blocks(min(batch_size, SEEN_BATCH)))
        return encoded(lambda pixels: self.image(*self._seen(pixels)), blocks, self._device)

    def _seen(self, *pictures: Tensor) -> tuple[Tensor, ...]:
        """(P, 3, S, S) as the one crop that the CNN makes of it, (P, 1, F); features as they are.

        It computes where its weights are.
        """
        if self.cnn is None:
            return pictures
        return tuple(self.cnn(pixels.to(self._device)).unsqueeze(1) for pixels in pictures)


def sources(options: Options) -> dict[str, str]:
    """The pictures themselves."""
    return {"image": options.layer}


def build(recipe: Recipe, measured: Measured, modules: Modules) -> Tuned:
    """The task; the weights come from torch's generator, but those of ``modules["cnn"]``.

    Raises:
        SettingError: what is read are pixels, and there is no CNN.
    """
    options, cnn = recipe.task, modules.get(CNN.rstrip("."))
    assert isinstance(options, Options), "the recipe's task is this one"
    shapes = [_shape(shape, cnn) for shape in measured.shapes.values()]
    sides = paired.sides(recipe, measured, shapes, options.embed_dim)
    return Tuned(options, measured, **sides, cnn=cnn)


def _shape(shape: tuple[int, ...], cnn: nn.Module | None) -> tuple[int, ...]:
    """Of features as it is; of pixels that of what the CNN gives, as of one crop."""
    if len(shape) != PIXELS:
        return shape
    if cnn is None:
        raise SettingError("this task sees pixels through a CNN; give its module as modules['cnn']")
    with torch.no_grad():
        place = next(cnn.parameters())
        return (1, *cnn.eval()(place.new_zeros(1, *shape)).shape[1:])


def _without_cnn(module: nn.Module, state: dict[str, Any], prefix: str, *_: object) -> None:
    """Take what is a CNN's out of the weights that a task without one is given."""
    for name in [name for name in state if name.startswith(prefix + CNN)]:
        del state[name]
