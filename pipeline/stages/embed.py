"""A run's vectors of a corpus, or of sentences, as files for other programs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.files import json_sha256
from core.vectors import Vectors
from core.wording import counted
from pipeline.said.progress import bar, say
from pipeline.searched.collection import Collection
from pipeline.searched.lines import Line
from pipeline.searched.sentences import refuse_silent
from pipeline.searched.written import written
from pipeline.stages.terms import Terms
from train.seen import captions_by_split

AT_ONCE = 2048  # sentences
NAMED = 5  # sentences with unknown words that are told


def embed_corpus(
    run: Path, collection: Collection, splits: Sequence[str], out: Path | None, terms: Terms
) -> Path:
    """Write ``images.npy`` and, where there are captions, ``captions.npy``; return the folder.

    Args:
        run: of ``collection``.
        collection: the vectors of every split.
        splits: those that are wanted; all, where none is named.
        out: the folder; in the work folder, unless given.
        terms: where the work folder is.

    Raises:
        InputError: a split without pictures; or ``out`` holds something else.
        RunError: it cannot be written.
    """
    among = collection.pictures_of(splits)
    part = collection.corpus if among is None else collection.corpus.select(among)
    sides = {"images": _side(collection, collection.images, among)}
    if part.captions and collection.captions is not None:
        owned = None if among is None else among[collection.corpus.owner]
        sides["captions"] = _side(collection, collection.captions, owned)
    facts = {
        "corpus": {"name": part.name, "sha256": json_sha256(captions_by_split(part))},
        "splits": sorted(splits),
        "similarity": collection.similarity,
    }
    return written(run, sides, facts, [part.name, *sorted(splits)], out, terms)


def embed_texts(run: Path, lines: Sequence[Line], out: Path | None, terms: Terms) -> Path:
    """Write the vectors of sentences as ``captions.npy``, their ids the numbers of the lines.

    Raises:
        InputError: the run knows no word of a line, which is named; or ``out`` holds
            something else.
        RunError: it cannot be written.
    """
    from pipeline.searched.embedder import load

    embedder = load(run, device=terms.device, work=terms.work)
    unknown: dict[str, list[str]] = {}
    for line in lines:
        refuse_silent(line.text, line.name, embedder.heard)
        if words := embedder.unknown(line.text):
            unknown[str(line.number)] = list(words)
    _say_unknown(unknown)
    blocks = []
    with bar("sentences", len(lines), "sentence") as reach:
        for start in range(0, len(lines), AT_ONCE):
            reach(start, len(lines))
            blocks.append(embedder.text([each.text for each in lines[start : start + AT_ONCE]]))
        reach(len(lines), len(lines))
    ids = np.array([str(line.number) for line in lines])
    found = Vectors(ids, np.concatenate(blocks))
    texts = {"texts": [line.text for line in lines], "unknown": unknown}
    facts = {**texts, "similarity": embedder.similarity}
    bias = embedder.trained.bias("caption", found)
    return written(run, {"captions": (found, bias)}, facts, ["texts"], out, terms)


def _side(collection: Collection, side: Vectors, among: Any) -> tuple[Vectors, Any]:
    """The rows that are wanted, without the bias, and the bias."""
    rows = slice(None) if among is None else among
    value = side.value[rows]
    found = Vectors(side.id[rows], value[:, : collection.dim])
    return found, value[:, -1] if collection.biased else None


def _say_unknown(unknown: Mapping[str, Sequence[str]]) -> None:
    if unknown:
        told = [f"line {line}: {', '.join(words)}" for line, words in unknown.items()]
        more = f"; and {len(told) - NAMED:,} more" if len(told) > NAMED else ""
        many = counted(len(told), "sentence has words", "sentences have words")
        say(f"{many} that the run does not know ({'; '.join(told[:NAMED])}{more})")
