"""Runs of imported vectors: of new pictures, new sentences or both nothing here makes others."""

from pathlib import Path

from core.errors import RunError
from core.sealed import read_sealed
from core.sources import IMPORTED, each_view, of_captions
from pipeline.asked.captions_like import captions_like
from pipeline.asked.like import what_made
from train.record import CONFIG


def unseen(run: Path) -> bool:
    """Whether nothing here makes of a new picture what ``run`` reads.

    Raises:
        RunError: as ``pipeline.asked.like.what_made``.
    """
    return any(made.get("backbone") == IMPORTED for made in what_made(run))


def unheard(run: Path) -> bool:
    """Whether nothing here makes of a new sentence what ``run``, a sound one, reads."""
    sources = read_sealed(run / CONFIG)["sources"].values()
    views = [view for origin in sources for view in each_view(origin)]
    stored = [view for view in views if of_captions(view["made_by"])]
    return len(captions_like(run, stored)) < len(stored)


def refuse_unheard(run: Path) -> None:
    """Refuse new sentences, where nothing here makes of one what ``run``, a sound one, reads.

    Raises:
        RunError: so it is.
    """
    if unheard(run):
        raise RunError(
            f"{run} reads stored vectors of captions, and does not say what encodes a new sentence "
            f"so; {otherwise(run, 'search with a picture')}"
        )


def otherwise(run: Path, way_out: str) -> str:
    """``way_out``, or, where ``run`` knows neither new pictures nor sentences, what is left."""
    if not (unseen(run) and unheard(run)):
        return way_out
    return "`embed RUN` writes the vectors that it has, for other programs"
