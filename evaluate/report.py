"""Ranks -> a report: a dictionary, its JSON file, its table."""

from typing import Any

import torch

from core.embeddings import Embeddings
from core.plugins import load, names
from evaluate.ranking import Ranks, rank

PROTOCOL = (
    "whole split as gallery; inner product in float64; image to text takes the best-placed caption "
    "of the image; ties stand in the order of the SHA-256 of the ids; recall in percent"
)
MEASURES = "evaluate.metrics"


def report(
    embeddings: Embeddings, split: str, device: torch.device | str = "cpu"
) -> dict[str, Any]:
    """Rank ``embeddings`` and measure both directions.

    Returns:
        ``split, images, captions, protocol, i2t, t2i, rsum, tied_queries``; each direction holds
        ``queries`` and every measure of ``evaluate/metrics``; ``rsum`` is the sum of the six
        recalls, 0 to 600.
    """
    ranks = rank(embeddings, device)
    directions = {"i2t": _measure(ranks, "i2t"), "t2i": _measure(ranks, "t2i")}
    return {
        "split": split,
        "images": len(embeddings.image_id),
        "captions": len(embeddings.caption_id),
        "protocol": PROTOCOL,
        **directions,
        "rsum": sum(part[f"r{k}"] for part in directions.values() for k in (1, 5, 10)),
        "tied_queries": ranks.tied_queries,
    }


def table(facts: dict[str, Any]) -> str:
    """The report as a table for a person, without a final newline."""
    lines = [
        f"{facts['split']}: {facts['images']} images, {facts['captions']} captions",
        f"{'':16}{'R@1':>7}{'R@5':>7}{'R@10':>7}{'median':>8}{'mean':>8}",
    ]
    for key, title in (("i2t", "image to text"), ("t2i", "text to image")):
        part = facts[key]
        recalls = "".join(f"{part[f'r{k}']:7.1f}" for k in (1, 5, 10))
        lines.append(f"{title:16}{recalls}{part['median_rank']:8.0f}{part['mean_rank']:8.1f}")
    tied = facts["tied_queries"]
    lines.append(f"rsum {facts['rsum']:.1f}" + (f", tied queries: {tied}" if tied else ""))
    return "\n".join(lines)


def _measure(ranks: Ranks, direction: str) -> dict[str, float]:
    asked = getattr(ranks, direction)
    values: dict[str, float] = {"queries": len(asked)}
    for name in names(MEASURES):
        values |= load(MEASURES, name).measure(asked)
    return values
