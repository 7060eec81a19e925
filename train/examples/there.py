"""A part's examples on the device that computes: put there once, batches gathered by their rows.

On an accelerator a step takes as long as a batch takes to be read and sent, so where the features
of the training part fit they are sent once, as they are stored, and with them the captions. The
batches are the same to the bit. What varies from visit to visit, such as pixels, is read as ever.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import torch
from torch import Tensor

from core.sources import Rows
from train.examples.table import Tables
from train.examples.tokens import Tokens

SHARE = 0.5
"""Of a device's free memory so much may be taken; a step needs the rest."""


class Movable(Protocol):
    """Examples that can be put on a device."""

    def resident_bytes(self) -> int | None:
        """What they take there; None where a training visit varies what it reads."""

    def reside(self, device: torch.device) -> None:
        """Put them there: from now on batches are gathered there."""


def free_bytes(device: torch.device) -> int:
    """What is free on a device for examples; nothing on a CPU, where they are already.

    Nothing on an Apple GPU either, whose memory is the CPU's.
    """
    return torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else 0


def settle(examples: Any, device: torch.device) -> bool:
    """Put examples on ``device`` if they can be and take at most ``SHARE`` of what is free there.

    Returns:
        Whether they are there now.

    Raises:
        NumberError: a value that was not read before is not finite.
    """
    room = SHARE * free_bytes(device)
    if not (room and hasattr(examples, "resident_bytes")):
        return False
    movable: Movable = examples
    size = movable.resident_bytes()
    if size is None or size > room:
        return False
    movable.reside(device)
    return True


class Numbers:
    """Whole numbers a row of a part, such as whose picture a caption is of, on a device."""

    def __init__(self, device: torch.device, **columns: Rows):
        """Each of ``columns`` is (n,) int64."""
        self._device = device
        self._columns = {name: torch.from_numpy(c).to(device) for name, c in columns.items()}

    def rows(self, rows: Rows) -> Tensor:
        """The rows themselves, (B,) int64, there."""
        return torch.from_numpy(rows).to(self._device)

    def of(self, name: str, rows: Tensor) -> Tensor:
        """(B,) int64, those of a column at ``rows`` (B,)."""
        return self._columns[name].index_select(0, rows)


class PicturesThere:
    """The pictures of captions on a device: their features, as they are stored, and numbers."""

    def __init__(self, features: Tables, owner: Rows, group: Rows, device: torch.device):
        """Read the features, a block at a time.

        Args:
            features: a row a picture.
            owner: (captions,) int64, the caption's picture as a row of ``features``.
            group: (captions,) int64, and as it is told from others.
            device: where they go.

        Raises:
            NumberError: a value is not finite.
        """
        self._features = features.on(device)
        self._columns = Numbers(device, owner=owner, group=group)

    def visit(self, rows: Rows) -> tuple[tuple[Tensor, ...], Tensor, Tensor]:
        """Of captions ``rows`` (B,): features (B, ...) float32 of each source, groups, rows.

        The last two are (B,) int64; all are on the device.
        """
        there = self._columns.rows(rows)
        owner = self._columns.of("owner", there)
        return taken(self._features, owner), self._columns.of("group", there), there


def taken(values: Sequence[Tensor], rows: Tensor) -> tuple[Tensor, ...]:
    """Rows (n,) of values (N, ...) of each source, as float32."""
    return tuple(each.index_select(0, rows).float() for each in values)


class TokensThere:
    """Encoded captions on a device, padded a batch at a time."""

    def __init__(self, tokens: Tokens, device: torch.device):
        """As one flat int32 array, as ``Tokens`` has them."""
        self._lengths = tokens.lengths
        self._flat = torch.from_numpy(tokens.flat).to(device)
        self._columns = Numbers(device, start=tokens.start, length=tokens.lengths)

    def padded(self, rows: Rows, there: Tensor) -> tuple[Tensor, Tensor]:
        """Tokens (B, T) int64, ``<pad>`` behind the end, and lengths (B,) int64.

        ``rows`` (B,) are on the CPU, where the longest is found, and ``there`` on the device.
        """
        place = torch.arange(int(self._lengths[rows].max(initial=1)), device=there.device)
        lengths = self._columns.of("length", there)
        inside = place < lengths[:, None]
        index = self._columns.of("start", there)[:, None] + place
        index = index.masked_fill(~inside, len(self._flat) - 1)
        return self._flat[index].long(), lengths
