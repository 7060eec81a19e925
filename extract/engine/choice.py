"""Which engine computes a network, and the network that it computes with."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.errors import SettingError
from extract.backbone import Calls, Network
from extract.engine.fusing import fuse
from extract.engine.operators import missing, near
from extract.engine.tracing import traced
from extract.settings import SCORES

AUTO, PLAIN = "auto", "plain"
FUSED = "fused/1"
"""The pass and its version, as cache.json names it: another pass has other last digits."""
SAME = 1e-2  # of the norm; an error of the pass changes all of it, rounding a thousandth at most


@dataclass(frozen=True)
class Engine:
    """What computes.

    Attributes:
        name: ``PLAIN`` or ``FUSED``.
        network: of the same numbers, beyond rounding, as the one that was given.
        why: why it is the plain one although the fused one was asked for; else empty.
    """

    name: str
    network: Network
    why: str = ""


class Unfit(Exception):
    """A network that the pass cannot rewrite; the message is for a person."""


def engine(
    wanted: str,
    *,
    network: Network,
    device: torch.device,
    crop: int,
    calls: Calls,
    layers: Sequence[str],
) -> Engine:
    """The engine that is wanted, or plain torch where it cannot be had and ``auto`` is wanted.

    Args:
        wanted: ``auto``, ``fused``, ``plain``, or what a cache says.
        network: on ``device`` already, in the memory format in which it is called.
        device: the fused engine is one for CPUs.
        crop: S of the crops.
        calls: crops a call.
        layers: those that are wanted; what they do not need is left as it is.

    Raises:
        SettingError: ``fused`` is wanted and cannot be had.
    """
    if wanted == PLAIN or (wanted == AUTO and device.type != "cpu"):
        return Engine(PLAIN, network)
    why = _unknown(wanted) or _elsewhere(device) or missing()
    if not why:
        try:
            return Engine(FUSED, fused(network, crop=crop, calls=calls, layers=layers))
        except Unfit as unfit:
            why = str(unfit)
    if wanted != AUTO:
        raise SettingError(f"the fused engine cannot be used: {why}; use --engine auto")
    return Engine(PLAIN, network, why)


def _unknown(wanted: str) -> str:
    known = wanted in (AUTO, "fused", FUSED)
    return "" if known else f"{wanted} is another version of it, and here is {FUSED}"


def _elsewhere(device: torch.device) -> str:
    return "" if device.type == "cpu" else f"it is for a CPU, and the device is {device}"


def fused(network: Network, *, crop: int, calls: Calls, layers: Sequence[str]) -> Network:
    """``network`` rewritten, and held against itself on two crops of noise.

    One crop would not tell its maps from tensors of the network's own that are the same for all.

    ``network`` is left as it is; weights of convolutions are in memory twice while both live.

    Raises:
        Unfit: it cannot be traced, has no convolution, or came out wrong.
    """
    noise = torch.randn(2, 3, crop, crop, generator=torch.Generator().manual_seed(0))
    noise = noise.contiguous(memory_format=torch.channels_last)
    trunk, maps = _fused(network.trunk, noise, calls.trunk)
    head, classifier, taken = network.head, network.classifier, maps
    if network.needs_head(layers):
        head, vectors = _fused(head, maps, calls.head)
        taken = vectors if network.classifies == "pooled" else maps
    if SCORES in layers and classifier is not None:
        classifier = _fused(classifier, taken, calls.head)[0]
    return Network(trunk, head, network.calls, classifier=classifier, classifies=network.classifies)


def _fused(module: nn.Module, few: Tensor, rows: int) -> tuple[nn.Module, Tensor]:
    try:
        graph, expected = traced(module, few)
        fuse(graph, rows)
        with torch.inference_mode():
            found = graph(few.clone())
    except Exception as error:  # a graph may fail to be traced or run in any way that Python can
        said = str(error).partition("\n")[0]
        raise Unfit(f"it cannot be traced ({type(error).__name__}: {said})") from error
    if not near(found.nan_to_num(), expected.nan_to_num(), SAME):
        raise Unfit("it came out with other numbers")
    return graph, expected
