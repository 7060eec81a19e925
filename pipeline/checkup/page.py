"""What was found of a corpus, for a person: a line a thing."""

from collections.abc import Iterator, Sequence

from core.wording import counted, lasting, one_line
from pipeline.checkup.report import Report
from pipeline.checkup.trial import Estimate
from pipeline.inventory.table import sized
from pipeline.leaks.copies import RADIUS, Copies
from pipeline.said.opening import thing

SHOWN = 5


def lines(report: Report) -> Iterator[str]:
    """The page; nothing in it breaks a line."""
    return map(one_line, _lines(report))


def _lines(report: Report) -> Iterator[str]:
    corpus, files = report.corpus, report.files
    kind = " and ".join(report.recognised.formats)
    pictures, captions = counted(len(corpus.images), thing(corpus)), len(corpus.captions)
    yield f"{corpus.name} ({kind}): {pictures}, {counted(captions, 'caption')}"
    yield from (f"  {line}" for line in _counts(report))
    yield from (f"note: {note}" for note in corpus.notes)
    faults = len(files.missing) + len(files.shut) + len(files.broken)
    state = f"{counted(faults, thing(corpus))} cannot be used" if faults else "all can be read"
    yield f"files: {sized(files.bytes)}, {state}"
    for group in (files.missing, files.shut, files.broken):
        yield from _some([f"{name!r}: {why}" for name, why in group])
    yield from _copies("the same numbers" if corpus.stored else "the same file", report.same)
    if not corpus.stored:
        yield from _copies(f"look alike ({RADIUS} of 64 bits or fewer apart)", report.alike)
    for split, words in report.words.items():
        most = f", most often {', '.join(words.most)}" if words.most else ""
        yield (
            f"words of {split}: {100 * words.share:.1f} % of {words.words:,} are not in train "
            f"({counted(words.distinct, 'word')}{most})"
        )
    yield from map(_time, report.estimates)
    yield from (f"to mend: {sentence}" for sentence in report.mend)
    if not report.lacking:
        yield "a training could begin"


def _counts(report: Report) -> Iterator[str]:
    counts = report.counts
    for split, part in counts.splits.items():
        bare = f", {part.bare:,} of the pictures without" if part.bare and part.captions else ""
        captions = counted(part.captions, "caption") if part.captions else "no captions"
        yield f"{split}: {counted(part.pictures, thing(report.corpus))}, {captions}{bare}"
    spread = counts.captions_a_picture
    if spread:
        yield (
            f"captions a picture: {spread['min']:g} to {spread['max']:g}, "
            f"median {spread['median']:g}"
        )
    if counts.labels:
        most = ", ".join(f"{_called(label)} {many:,}" for label, many in counts.most)
        more = ", ..." if counts.labels > len(counts.most) else ""
        pictures = counted(counts.labelled, "picture has one", "pictures have one or more")
        yield f"labels: {counts.labels:,}; {pictures} ({most}{more})"
    else:
        yield "no labels"


def _called(label: str) -> str:
    """A label in a list of some: quoted where it would be taken for two."""
    return repr(label) if "," in label else label


def _copies(what: str, copies: Sequence[Copies]) -> Iterator[str]:
    if not copies:
        yield f"{what}: none"
        return
    across = [each for each in copies if each.across]
    pictures = counted(sum(len(each.members) for each in copies), "picture")
    yield (
        f"{what}: {pictures} in {counted(len(copies), 'group')}, "
        f"{len(across) or 'none'} of these across splits"
    )
    yield from _some([_group(each) for each in [*across, *(c for c in copies if not c.across)]])


def _group(copies: Copies) -> str:
    shown = [f"{name!r} ({split})" for name, split in copies.members[:SHOWN]]
    more = f" and {len(copies.members) - SHOWN} more" if len(copies.members) > SHOWN else ""
    return f"{' = ' if not copies.bits else ' ~ '}".join(shown) + more


def _some(told: Sequence[str]) -> Iterator[str]:
    yield from (f"  {line}" for line in told[:SHOWN])
    if len(told) > SHOWN:
        yield f"  and {len(told) - SHOWN:,} more (--json lists all)"


def _time(found: Estimate) -> str:
    crops = counted(found.crops, "crop")
    threads = counted(found.threads, "thread")
    return (
        f"features with {found.backbone}, {crops}: about {lasting(found.seconds)} on this machine "
        f"({found.device}, {threads}), estimated from {counted(found.trial_pictures, 'picture')} "
        f"in {found.trial_seconds:.1f} s"
    )
