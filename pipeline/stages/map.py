"""A run's map of classes: asked about a split, as ``evaluate`` asks, and drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import RunError, SettingError
from pipeline.asked.corpus_labels import BY_LABEL
from pipeline.asked.posed import pose
from pipeline.mapped.five import five, require_some_label
from pipeline.memory.once import Once
from pipeline.memory.whereabouts import corpus_of
from pipeline.plots.five_panels import draw_five
from pipeline.stages.terms import CorpusAt, Question, Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class MapTerms:
    """What is drawn: a split, by which method, of how many items of each side at most, and where.

    ``out`` is a file; None is one in the run that is named after the split.
    """

    split: str
    by: str
    most: int
    out: Path | None = None


def draw_map(
    run: Path,
    wanted: MapTerms,
    *,
    terms: Terms,
    data: CorpusAt | None = None,
    caches: Sequence[Path] = (),
) -> Path:
    """Draw the five panels of a run and a split; the file.

    Raises:
        RunError: there is no run, or the file cannot be written.
        SettingError: ``out`` has another ending than ``.png``, or as ``pipeline.mapped.five.five``.
        InputError: as there.
    """
    if wanted.out and wanted.out.suffix.lower() != ".png":
        raise SettingError(f"--out {wanted.out}: the map is a PNG; end its name in .png")
    once = Once(terms.work)
    given = once.opened(run).config["given"]
    at = data or CorpusAt(corpus_of(run, given), given["data_format"])
    whole = once.corpus(at.path, at.data_format)
    require_some_label(whole.split(wanted.split))  # before features are made
    question = Question(split=wanted.split, protocol=BY_LABEL, page=False)
    posed = pose(run, question, terms=terms, data=data, caches=caches, once=once)
    _, prediction, _ = posed.predicted(once)
    found = five(prediction, posed.judged, posed.sources, by=wanted.by, most=wanted.most)
    name = "-".join(filter(None, ["map", wanted.split, posed.other]))
    file = wanted.out or run / f"{name}.png"
    title = f"{posed.opened.run.name}, {wanted.split} of {posed.part.name}"
    try:
        draw_five(file, title, found)
    except OSError as error:
        raise RunError(
            f"{file} cannot be written ({error.strerror}); name another file with --out"
        ) from error
    return file
