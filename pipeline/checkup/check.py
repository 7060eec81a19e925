"""Looking at a corpus: everything that is found, in the order of what it costs."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from core.corpora import Recognised, explain, read_corpus
from core.records import Corpus
from extract.settings import FeatureSettings
from pipeline.checkup.counts import Counts
from pipeline.checkup.mend import lacking, mend
from pipeline.checkup.odd_names import OddNames
from pipeline.checkup.report import Files, Report
from pipeline.checkup.trial import Estimate, estimate
from pipeline.leaks.copies import alike, same_files
from pipeline.leaks.kept import kept
from pipeline.leaks.looks import Look, look_at
from pipeline.leaks.words import unseen_words
from pipeline.said.progress import bar, say


def recognise(path: Path, data_format: str) -> Recognised:
    """What is at ``path``; a format that was given is taken for what it is."""
    found = explain(path)
    if data_format == "auto":
        return found
    return Recognised(found.path, (data_format,), found.seen, "")


def check(
    recognised: Recognised,
    data_format: str,
    settings: Sequence[FeatureSettings],
    *,
    max_errors: float,
    device: str,
    work: Path,
) -> Report:
    """Read the corpus and each of its pictures; nothing is extracted but for a trial.

    Raises:
        InputError: the corpus cannot be read.
        SettingError: unknown settings or an unknown device.
    """
    corpus = read_corpus(recognised.path, data_format)
    looks = _looks(corpus, work)
    with bar("words", len(corpus.captions), "caption") as progress:
        words = unseen_words(corpus, progress)
    files, names = Files.of(corpus, looks), OddNames.of([image.id for image in corpus.images])
    same, near = same_files(corpus.images, looks), alike(corpus.images, looks)
    return Report(
        corpus,
        recognised,
        Counts.of(corpus),
        files,
        names,
        tuple(same),
        tuple(near),
        words,
        tuple(_estimates(corpus, looks, settings, device)),
        tuple(mend(corpus, files, names, same, near)),
        lacking(corpus, looks, max_errors),
    )


def _looks(corpus: Corpus, work: Path) -> list[Look]:
    with kept(work) as hashes, bar("pictures", len(corpus.images), "picture") as progress:
        return look_at(corpus.images, hashes.known, progress, hashes.add)


def _estimates(
    corpus: Corpus, looks: list[Look], settings: Sequence[FeatureSettings], device: str
) -> Iterator[Estimate]:
    readable = [row for row, look in enumerate(looks) if look.hash is not None]
    for each in settings if readable else ():
        say(f"timing a few pictures with {each.backbone}, which is built with random weights ...")
        with bar("trial", 0, "picture") as progress:
            yield estimate(corpus, readable, each, device, progress)
