"""The pictures of a training as pixels: read once before it, what cannot be read is listed."""

from typing import TYPE_CHECKING

from core.errors import InputError
from core.records import Corpus
from extract.found import digested, fields
from extract.stated import DECODER, EXIF
from extract.transform import Transform
from pipeline.memory.known import Known
from pipeline.refusals.failures import left_out, listed, require
from pipeline.refusals.shares import too_many_lost
from pipeline.said.progress import bar
from pipeline.stages.terms import CorpusAt, Terms
from pipeline.tuned.base import Base
from train.origins import INSTEAD
from train.outline import Outline
from train.seen import VAL

if TYPE_CHECKING:
    from extract.pixels import Pixels

UNREAD = "pictures could not be read"


def pictures(
    corpus: Corpus, data: CorpusAt, base: Base, outline: Outline, terms: Terms, known: Known
) -> "Pixels":
    """The pixels of what is trained and chosen on, as the backbone of ``base`` takes them.

    Which files cannot be read is ``known`` the second time: they are hashed, and not decoded.

    Raises:
        InputError: the corpus holds no pictures.
        TooManyFailures: more pictures or captions than ``terms`` allow cannot be read.
    """
    if corpus.stored:
        raise InputError(
            f"{data} holds vectors that are there already, and a CNN is tuned on pictures; give "
            "the folder of the pictures with --data"
        )
    part = corpus.split("train", *(["restval"] if outline.restval else []), VAL)
    least = outline.settings["task"]["least_area"]
    found = _looked_at(part, base.late.stated.transform, known, least)
    found.settings = {INSTEAD: dict(base.origin)}
    lines = [f"{name}: {why}" for name, why in found.failures.items()]
    listed("picture", "could not be read", lines, left_out(terms.work, corpus.name, "unreadable"))
    require(too_many_lost(part, found.failures, terms.max_errors, UNREAD, need=("train", VAL)))
    return found


def _looked_at(part: Corpus, transform: Transform, known: Known, least_area: float) -> "Pixels":
    from extract.pixels import Pixels

    made = {"decoder": DECODER, "exif": EXIF, "transform": transform.facts()}
    with bar("pictures", 2 * len(part.images), "picture") as progress:
        hashed = digested(part, progress=lambda done, total: progress(done, 2 * total))
        asked = {"about": "unreadable pictures", **fields(made, hashed)}
        found = Pixels(
            part.images,
            transform,
            progress=lambda done, total: progress(total + done, 2 * total),
            unreadable=(kept := known.get(asked)),
            least_area=least_area,
        )
    if kept is None:
        known.keep(asked, found.failures)
    return found
