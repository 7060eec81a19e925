"""A foreign checkpoint to a run, or to what of it is of use."""

from pathlib import Path
from typing import Any

from core.errors import InputError
from core.sources import CacheLayer
from core.store import FeatureCache
from core.wording import counted
from pipeline.foreign.reading import read_foreign
from pipeline.foreign.vsepp import fitting
from pipeline.memory.once import Once
from pipeline.memory.outlines import outline_of
from pipeline.memory.whereabouts import given_of, noted
from pipeline.said.progress import say
from pipeline.stages.terms import CorpusAt

RECIPE, LAYER = "vse++", "pooled"
PARTS = (
    "written as tensors (weights.safetensors), facts (foreign.json) and, where it was given, the "
    "vocabulary (vocab.json), for programs of your own"
)


def convert(
    file: Path,
    *,
    vocabulary: Path | None,
    cache: Path | None,
    data: CorpusAt | None,
    out: Path,
    once: Once,
) -> bool:
    """Write into ``out`` what ``file`` holds; whether that is a run that `evaluate` takes.

    Args:
        file: what ``torch.save`` wrote.
        vocabulary: its words, pickled or in JSON.
        cache: features such as it was trained on: nothing in a checkpoint tells which.
        data: the corpus that the run shall be asked about where none is named.
        out: an empty folder, or none.
        once: what this process has read.

    Raises:
        InputError: it cannot be read, holds no tensors, or takes features of another width than
            those of ``cache``.
        RunError: ``out`` holds something.
        CacheError: ``cache`` has no such layer, or is damaged.
    """
    from pipeline.foreign.keeping import keep_parts, keep_run, require_empty

    require_empty(out)
    opened = once.cache(cache) if cache else None
    foreign = read_foreign(file, vocabulary)
    if not foreign.tensors:
        raise InputError(
            f"{file} holds no tensors: nothing of a model is in it; give the checkpoint that the "
            "training saved, such as VSE++'s model_best.pth.tar"
        )
    fit = fitting(foreign)
    say(f"{file}: {counted(len(foreign.tensors), 'tensor')}")
    why = fit.why or ("" if opened else "features such as it was trained on are not named: --cache")
    if why or opened is None:
        keep_parts(foreign, out)
        say(f"no run that `evaluate` takes: {why}; {PARTS}")
        return False
    source = CacheLayer(opened, LAYER)
    if source.shape[-1] != fit.width:
        raise InputError(
            f"{file} takes features of {fit.width:,} numbers, and {cache} holds "
            f"{source.shape[-1]:,}; give --cache features such as it was trained on"
        )
    outline = outline_of(RECIPE, fit.assignments, once.known)
    keep_run(foreign, fit, outline, source, _given(out, opened, data), out)
    say("what it was trained on is not known: whether it has seen what it is asked cannot be told")
    return True


def _given(run: Path, cache: FeatureCache, data: CorpusAt | None) -> dict[str, Any]:
    """Where its corpus and its features are, as a run notes it."""
    if data:
        there = given_of(run, data.path, [cache])
    else:
        there = {**noted(run, {"cache": cache.path}), "cache_key": cache.key}
    return {**there, "data_format": data.data_format if data else "auto", "recipe": RECIPE}
