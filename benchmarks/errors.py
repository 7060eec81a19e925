"""The fused engine's error against float64, beside plain torch's: a row of a table a backbone.

    python -m benchmarks.errors [--pictures DIR] [--weights DIR] [--backbones NAME ...]
                                [--images 16] [--threads 1]

Of the pooled features of the centre crops of DIR's first pictures (generated ones where none is
named). ``NAME.safetensors`` in the weights' folder is used where it is there; else weights are
random, and batch norms are calibrated on these crops: fresh ones would let the values of a deep
network grow or vanish. Each number is the root mean square over the pictures of the norm of the
error over the norm of the features; the ratio is fused : plain, with so many crops a call.
"""

import argparse
import copy
import tempfile
from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image as Pillow
from torch import Tensor, nn

from benchmarks.extraction import draw
from extract.backbone import Backbone, Network
from extract.catalogue import build
from extract.engine.choice import fused
from extract.families import names
from extract.images import crops

SIZES = (16, 10, 1)
"""Crops a call; ``features`` gives ten a call to most networks."""
AT_ONCE = 4  # of float64, which takes twice the memory


def calibrate(network: Network, batch: Tensor) -> None:
    """Give the batch norms random affine maps and the statistics of a batch.

    Args:
        network: left in eval mode.
        batch: (N, 3, S, S) float32, normalised.
    """
    norms = [part for part in network.modules() if isinstance(part, nn.BatchNorm2d)]
    drawn = torch.Generator().manual_seed(1)
    for norm in norms:
        norm.weight.copy_(torch.rand(norm.weight.shape, generator=drawn) + 0.5)
        norm.bias.copy_(torch.randn(norm.bias.shape, generator=drawn) * 0.2)
        norm.momentum, norm.training = None, True
        norm.reset_running_stats()
    network(batch, "pooled")
    for norm in norms:
        norm.eval()


def errors(found: Tensor, exact: Tensor) -> Tensor:
    """The norm of the error of each row over the norm of the row: (N,) float64."""
    wrong: Tensor = torch.linalg.vector_norm((found.double() - exact).flatten(1), dim=1)
    return wrong.div(torch.linalg.vector_norm(exact.flatten(1), dim=1))


def measure(backbone: Backbone, batch: Tensor, sizes: Sequence[int]) -> dict[int, list[float]]:
    """Crops a call -> the errors of plain torch and of the fused engine.

    Args:
        backbone: float32, in eval mode.
        batch: (N, 3, S, S) float32, normalised.
        sizes: crops a call.
    """
    exact = copy.deepcopy(backbone.module).double()
    expected = _pooled(exact, batch.double(), AT_ONCE)
    batch = batch.contiguous(memory_format=torch.channels_last)
    plain = backbone.module.to(memory_format=torch.channels_last)
    own = fused(plain, crop=batch.shape[-1], calls=plain.calls, layers=("pooled",))
    return {
        size: [_error(_pooled(network, batch, size), expected) for network in (plain, own)]
        for size in sizes
    }


def _pooled(network: Network, batch: Tensor, size: int) -> Tensor:
    starts = range(0, len(batch), size)
    return torch.cat([network(batch[start : start + size], "pooled") for start in starts])


def _error(found: Tensor, expected: Tensor) -> float:
    return float(errors(found, expected).square().mean().sqrt())


def line(name: str, weights: Path | None, files: Sequence[Path]) -> str:
    """The row of one backbone."""
    file = weights / f"{name}.safetensors" if weights else None
    real = file is not None and file.is_file()
    backbone = build(name, str(file) if real else "random")
    pictures = [Pillow.open(path).convert("RGB") for path in files]
    batch = torch.cat([crops(picture, backbone.transform, 1) for picture in pictures])
    if not real:
        calibrate(backbone.module, batch)
    found = measure(backbone, batch, SIZES)
    told = [f"{error:.1e}" for error in found[SIZES[0]]]
    told += [f"{own / plain:.2f}" for plain, own in found.values()]
    return f"| {name} | {'real' if real else 'random'} | {' | '.join(told)} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=Path, help="a folder of .jpg files")
    parser.add_argument("--weights", type=Path, help="a folder of NAME.safetensors")
    parser.add_argument("--backbones", nargs="+", default=names(), choices=names(), metavar="NAME")
    parser.add_argument("--images", type=int, default=SIZES[0])
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    with tempfile.TemporaryDirectory() as drawn:
        folder = options.pictures or Path(drawn)
        if not options.pictures:
            draw(folder, options.images)
        files = sorted(folder.glob("*.jpg"))[: options.images]
        if len(files) < options.images:
            parser.error(f"{folder} has {len(files)} .jpg files; name another with --pictures")
        sizes = " | ".join(f"ratio, {size} a call" for size in SIZES)
        print(f"| | weights | plain, {SIZES[0]} a call | fused | {sizes} |")
        print(f"|{'---|' * (4 + len(SIZES))}", flush=True)
        with torch.inference_mode():
            for name in options.backbones:
                print(line(name, options.weights, files), flush=True)


if __name__ == "__main__":
    main()
