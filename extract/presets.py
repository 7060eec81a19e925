"""Which transform belongs to weights: torchvision's own knows its own; the user may name another.

torchvision's files are named after their contents: ``resnet152-f82ba261.pth`` has a SHA-256 that
begins with these eight digits. So its files are known again under any name.
"""

import re
from dataclasses import replace
from typing import Any

from torchvision.models import get_model_weights

from core.errors import SettingError, choices
from extract.transform import Transform

MOST_RESIZE = 2048
_DIGITS = re.compile(r"-([0-9a-f]{8,64})\.pth$")


def preset(member: Any) -> Transform:
    """The transform of a member of one of torchvision's enums."""
    told = member.transforms()
    return Transform(
        resize=told.resize_size[0],
        crop=told.crop_size[0],
        interpolation=told.interpolation.value,
        mean=tuple(told.mean),
        std=tuple(told.std),
    )


def member_of(model: str, sha256: str) -> Any | None:
    """The member of ``model``'s enum whose file has this digest; None if it is no such file."""
    for member in get_model_weights(model):
        digits = _DIGITS.search(member.url)
        if digits and sha256.startswith(digits[1]):
            return member
    return None


def chosen(model: str, wanted: str, own: Transform) -> Transform:
    """The transform that a user names.

    Args:
        model: torchvision's name.
        wanted: a member of the model's enum, whose transform is taken; or ``RESIZE:CROP``.
        own: of the weights; its interpolation, mean and std stay with ``RESIZE:CROP``.

    Raises:
        SettingError: neither, or sizes that are not 1 <= crop <= resize <= ``MOST_RESIZE``.
    """
    members = get_model_weights(model).__members__
    if wanted in members:
        return preset(members[wanted])
    sizes = re.fullmatch(r"([0-9]{1,9}):([0-9]{1,9})", wanted)
    if not sizes:
        accepted = choices(wanted, (*members, "RESIZE:CROP"))
        raise SettingError(f"unknown transform {wanted!r} of {model}: {accepted}")
    resize, crop = map(int, sizes.groups())
    if not 1 <= crop <= resize <= MOST_RESIZE:
        raise SettingError(
            f"transform {wanted}: RESIZE (at most {MOST_RESIZE}) is at least CROP, and CROP at "
            f"least 1; {own.resize}:{own.crop} is that of the weights"
        )
    return replace(own, resize=resize, crop=crop)


def said(file: str, taken: Transform) -> str:
    """What a user is told of weights from a ``file`` that is not one of torchvision's."""
    return (
        f"{file} is no file of torchvision's for this model: pictures are resized to "
        f"{taken.resize} and cut to {taken.crop}; if it was trained otherwise, say how: "
        "--transform NAME|RESIZE:CROP"
    )
