"""``features``: stage one."""

from pathlib import Path
from typing import Any

import click

from core.corpora import formats
from extract.backbones import names as backbones
from pipeline import options
from pipeline.progress import show
from pipeline.stages.features import features

EPILOG = "\n\n".join(
    [
        f"\b\nBackbones: {', '.join(backbones())}.",
        "\b\nFormats:\n" + "\n".join(f"  {name:15}{needs}" for name, needs in formats().items()),
        "\b\nExamples:\n"
        "  python -m pipeline features my-pictures --backbone resnet152\n"
        "  python -m pipeline features flickr8k --backbone mobilenet_v2 --crops 1 "
        "--weights mobilenet_v2.safetensors",
    ]
)


@click.command("features", epilog=EPILOG)
@options.data_argument
@options.data_format
@click.option("--backbone", default="resnet152", show_default=True, help="Which CNN.")
@click.option(
    "--weights",
    default="DEFAULT",
    show_default=True,
    help="DEFAULT or an enum name such as IMAGENET1K_V1 (fetched by torchvision), the path of a "
    ".safetensors or .pth state dict, or `random` (seeded).",
)
@click.option(
    "--layer",
    type=click.Choice(["pooled", "grid"]),
    default="pooled",
    show_default=True,
    help="One vector a crop, or the last feature map itself.",
)
@click.option(
    "--crops",
    type=click.Choice(["1", "5", "10"]),
    default="10",
    show_default=True,
    help="Centre; four corners and centre; those five and their mirror images.",
)
@click.option(
    "--keep",
    type=click.Choice(["mean", "all"]),
    default="mean",
    show_default=True,
    help="The mean over the crops, or every crop.",
)
@click.option(
    "--dtype", type=click.Choice(["float32", "float16"]), default="float32", show_default=True
)
@click.option(
    "--shard-size",
    type=click.IntRange(min=1),
    default=1024,
    show_default=True,
    help="Pictures a shard: what an interruption can cost.",
)
@click.option(
    "--batch-size",
    type=click.IntRange(min=1),
    default=None,
    help="Crops a call of the network; by default what is fast on the device.",
)
@options.max_errors
@options.device
@options.work
def command(path: Path, data_format: str, crops: str, **given: Any) -> None:
    """Run a frozen CNN over every picture of DATA, once, and cache what it computes.

    A cache is found by its key: the same command again reuses it, an interrupted one goes on, and
    anything that would change a number makes another cache. The last line printed is its directory.
    """
    cache, problem = features(path, data_format, crops=int(crops), **given)
    show(str(cache))
    if problem:
        raise problem
