"""The last line of each stage: what to type next, as make or as a command, whichever asked."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.records import Corpus
from core.wording import counted
from core.work_folder import WORK
from pipeline.refusals.ahead import TRAINED
from pipeline.said.opening import epochs_of
from pipeline.typed.by_make import as_typed, retyped

if TYPE_CHECKING:
    from train.outline import Outline
    from train.record import Record


def after_features(
    caches: Sequence[Path], corpus: Corpus, data: Path, data_format: str, work: Path
) -> str:
    """Caches are trained on, where pictures to train and to choose on have captions."""
    if lack := _lack(caches[0], corpus):
        return lack
    words = ["train", *map(str, caches), "--data", str(data)]
    if corpus.wordless:
        labelled = any(image.labels for image in corpus.images)
        words += ["--recipe", "dscmr" if labelled else "adapters-light"]
    words += ["--format", data_format] if data_format != "auto" else []
    return f"next: {as_typed(shlex.join([*words, *_work(work)]), make='train')}"


def after_texts(cache: Path, data: Path, data_format: str, work: Path) -> str:
    """Vectors of captions are trained on beside features of their pictures."""
    words = ["--data", str(data), "--recipe", "adapters-light"]
    words += ["--format", data_format] if data_format != "auto" else []
    told = as_typed(shlex.join(["train", "PICTURECACHE", str(cache), *words, *_work(work)]))
    return f"next, with a cache of the pictures: {told}"


def after_label(data: Path, work: Path) -> str:
    """Labels are learnt from, by features that the pictures may have already."""
    words = ["PICTURECACHE", "--data", str(data), "--recipe", "dscmr-words", *_work(work)]
    return f"next, with a cache of the pictures: {as_typed(shlex.join(['train', *words]))}"


def after_all(to: str, caches: Sequence[Path], corpus: Corpus, work: Path) -> str:
    """What was given is gone on with, so that the next stage needs no more than its name."""
    if lack := _lack(caches[0], corpus):
        return lack
    words = retyped({"work": [str(work)]}) if _work(work) else ""
    then, make = {"features": ("all --to train", "train"), "train": ("all", "eval")}[to]
    return f"next: {as_typed(f'{then} {words}'.strip(), make=f'{make} {words}'.strip())}"


def _lack(cache: Path, corpus: Corpus) -> str:
    """What to look at where there is nothing to train on; empty where there is."""
    told = {corpus.images[owner].split for owner in set(corpus.owner.tolist())}
    if "restval" in told:  # a recipe may train on it
        told.add("train")
    if missing := [name for name in TRAINED if name not in told]:
        here = "no captions" if not told else f"no captions in {' and '.join(missing)}"
        info = as_typed(shlex.join(["cache", "info", str(cache)]))
        return f"next: {here}, so nothing to train on; {info} tells what there is"
    return ""


def best(done: "Record", outline: "Outline") -> str:
    """What became of a training; with the gallery's bias where one was chosen."""
    score = f"validation score {done.best['score']:.1f}"
    if done.gallery and done.gallery["strength"]:
        score += f", with the gallery's bias {done.gallery['validation']['score']:.1f}"
    elif done.gallery:
        score += ", the gallery's bias chosen: none"
    if not outline.losses:
        return f"{epochs_of(outline)}: {score}"
    return f"best of {counted(done.epoch, 'epoch')}: epoch {done.best_epoch}, {score}"


def to_look(run: Path, work: Path) -> str:
    """How a run is searched in a browser."""
    words = retyped({"work": [str(work)]}) if _work(work) else ""
    typed = shlex.join(["serve", str(run), *_work(work)])
    return as_typed(typed, make=f"serve RUN={shlex.quote(str(run))} {words}".strip())


def after_train(run: Path, work: Path) -> str:
    """A run is asked about the split that nothing of it has seen."""
    return f"next: {as_typed(shlex.join(['evaluate', str(run), *_work(work)]), make='eval')}"


def after_tune(run: Path, work: Path) -> str:
    """As after another training; make is told which run, since it remembers none of these."""
    words = retyped({"run": [str(run)], **({"work": [str(work)]} if _work(work) else {})})
    typed = as_typed(shlex.join(["evaluate", str(run), *_work(work)]), make=f"eval {words}")
    return f"next: {typed}"


def after_evaluate(run: Path, work: Path) -> str:
    """A run is asked about other pictures."""
    words = as_typed(shlex.join(["evaluate", str(run), *_work(work), "--data"]))
    return f"next, of other pictures: {words} OTHER"


def after_average(runs: Sequence[Path], work: Path) -> str:
    """Several runs are asked about other pictures, for an answer beside."""
    words = as_typed(shlex.join(["evaluate", *map(str, runs), *_work(work), "--data"]))
    return f"next, of other pictures: {words} OTHER --out DIR"


def after_matrices(matrices: Sequence[Path], work: Path) -> str:
    """Matrices are asked something else, for an answer beside."""
    words = [word for path in matrices for word in ("--from-similarity", str(path))]
    typed = as_typed(shlex.join(["evaluate", *words, *_work(work), "--measures"]))
    return f"next, by other measures: {typed} A,B --out DIR"


def _work(work: Path) -> list[str]:
    return [] if str(work) == WORK else ["--work", str(work)]
