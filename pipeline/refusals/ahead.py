"""What a training and its evaluation would lack, found before hours of stage one."""

import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.errors import InputError, RunError
from core.records import SPLITS, Corpus, refuse_unknown_split
from core.sources import of_layers, refuse_other_facts
from pipeline.asked.like import what_made
from pipeline.typed.by_make import as_typed, option
from train.identity import read_config
from train.seen import VAL, Seen

TRAINED = ("train", VAL)
"""The splits that a training needs, whatever is asked of it afterwards."""


def require_splits(corpus: Corpus, needed: Iterable[str]) -> None:
    """Refuse a corpus in which no picture of a needed split has a caption.

    For ``train`` pictures of ``restval`` will do, which a recipe may train on.

    Raises:
        InputError: the first such split; says how many pictures with captions the others have.
    """
    needed = list(needed)
    if needed:
        require_captions(corpus)
    told = Counter(corpus.images[owner].split for owner in set(corpus.owner.tolist()))
    for split in needed:
        refuse_unknown_split(split, told)
        if told[split] or (split == "train" and told["restval"]):
            continue
        there = ", ".join(f"{name} {many}" for name, many in sorted(told.items())) or "none"
        way = "put some into it (in a table: the column `split`)"
        if split not in TRAINED and told:
            other = next((name for name in reversed(SPLITS) if told[name]), max(told))
            way += f", or ask about another split with {option('split', other)}"
        raise InputError(
            f"{corpus.name}: no picture with a caption is in the split {split!r} (pictures with "
            f"captions: {there}); {way}"
        )


def require_captions(corpus: Corpus) -> None:
    """Refuse a corpus without any caption, of which only features can be made.

    Raises:
        InputError: says where captions may be written.
    """
    if not corpus.captions:
        raise InputError(
            f"{corpus.name} has no captions: `features` can be made of its pictures, but training "
            "and evaluating need sentences; put the pictures in images/ and write captions.csv "
            "beside it, with the first line image,caption, or a text a.txt beside each a.jpg"
        )


def require_looks(corpus: Corpus, data: Path) -> None:
    """Refuse a corpus of vectors where pictures are to be looked at.

    Raises:
        InputError: says what to type.
    """
    if corpus.stored:
        made = as_typed(shlex.join(["cache", "import", str(data)]))
        raise InputError(
            f"{data} holds vectors that are there already, and no pictures to make features of; "
            f"`{made}` makes a cache of them, which `train` takes and `evaluate` with --cache"
        )


def require_fitting_run(run: Path, corpus: Corpus, made_by: Mapping[str, Any]) -> None:
    """Refuse a run that is there, and was begun on other features, pictures or captions.

    Args:
        run: where one would train; what is no sound run is left to `train`, which says the way out.
        corpus: what one would train on.
        made_by: all that makes the features but the pictures.

    Raises:
        CacheError: its features were made in another way.
        RunError: its training or validation part was another.
    """
    try:
        each, seen = what_made(run), Seen.read(run, read_config(run)["identity"]["seen"])
    except RunError:
        return
    another = f"choose another {option('run', 'PATH')}"
    _refuse_none_of(each, made_by, f"features for {run}", f"give the same options, or {another}")
    if other := seen.changed(corpus):
        raise RunError(
            f"{run} was trained on other pictures or captions than {corpus.name} has in "
            f"{' and '.join(map(repr, other))}; {another}, or ask this one about them with "
            f"`evaluate {run} --data`"
        )


def _refuse_none_of(
    each: Sequence[Mapping[str, Any]], made_by: Mapping[str, Any], what: str, way_out: str
) -> None:
    """Refuse features that are made as none of ``each``; the most alike says how they differ."""
    now = [of_layers(made_by, then.get("layers", {})) for then in each]
    if not any(one == then for one, then in zip(now, each, strict=True)):
        pairs = zip(now, each, strict=True)
        one, then = max(pairs, key=lambda pair: sum(pair[0].get(k) == pair[1][k] for k in pair[1]))
        refuse_other_facts(what, then, one, way_out)
