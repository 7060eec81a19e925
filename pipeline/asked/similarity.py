"""``--similarity PATH``: the matrix behind an answer, from the vectors that the answer keeps."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.ensemble import Ensemble
from core.errors import InputError, RunError, SettingError
from core.files import json_bytes
from core.leftovers import tidy
from core.predictions import Embeddings
from core.similarities.matrix import Similarity
from core.similarities.reading import is_ours, read_similarity
from core.similarities.writing import write_similarity
from core.wording import counted
from pipeline.asked.answers import QUESTION, differing, in_words, require_writable, writing
from pipeline.asked.predicted import kept_prediction
from pipeline.asked.unbiased import is_biased
from pipeline.said.progress import bar, say

if TYPE_CHECKING:
    from evaluate.scores.face import Floats

ASKED = "asked"
WHOSE = ("split", *(name for name in QUESTION if name != ASKED))
"""The fields of a report that say which matrix it is; what is measured of it changes none."""
ANOTHER = "name another file with --similarity"


def there(path: Path, facts: Mapping[str, Any]) -> Similarity | None:
    """What is whole in ``path`` and may be replaced; None where nothing is, or a damaged one.

    Args:
        path: where the matrix is to be.
        facts: of the report, known before anything is predicted.

    Raises:
        RunError: it is something else, the matrix of another question, or cannot be written.
    """
    require_writable(path.parent, ANOTHER)
    if not path.exists():
        return None
    if path.is_dir() or not is_ours(path):
        raise RunError(f"{path} is no similarity file of `evaluate`; {ANOTHER}")
    try:
        found = read_similarity(path)
    except InputError:  # one of ours, and damaged
        return None
    if differ := differing(found.facts, facts, WHOSE):
        raise RunError(f"{path} is of another question (another {in_words(differ)}); {ANOTHER}")
    return found


def keep_similarity(
    path: Path, folder: Path, report: Mapping[str, Any], known: Sequence[str], before: Any
) -> None:
    """Write the matrix of the answer in ``folder``; where ``path`` holds it already, say so.

    Args:
        path: of the file.
        folder: with the vectors that ``report`` names.
        report: the answer.
        known: its fields that were known before anything was measured.
        before: what ``there`` gave.

    Raises:
        SettingError: what was predicted are no vectors of pictures and captions.
        OSError: it cannot be written; its name is told.
    """
    facts = {name: report[name] for name in known if name != ASKED}
    if before is not None and json_bytes(before.facts) == json_bytes(facts):
        say(f"{path} holds the similarities of this answer already")
        return
    from evaluate.scores.named import scores_of
    from evaluate.scores.written import described, rows_of
    from pipeline.device import judging, resolve

    predicted = _predicted(folder, report["files"])
    scores = scores_of(predicted, judging(resolve(report["device"])))
    words = scores.words + (" with the gallery's bias" if is_biased(report) else "")
    made = described(scores, facts, words=words, protocol=predicted.protocol)
    images, captions = made.value.shape
    tidy(path.parent)
    with bar("similarity", images, "picture") as progress, writing(path, ANOTHER):
        progress(0, images)
        write_similarity(path, made, _counting(rows_of(scores), images, progress))
    size = f"{counted(images, 'picture')} and {counted(captions, 'caption')}"
    say(f"written: {path}, similarities of {size}")


def _predicted(folder: Path, files: Mapping[str, str]) -> Embeddings | Ensemble:
    found = kept_prediction(folder, files)
    if found is None:
        raise SettingError(
            "what was predicted are no vectors, so that there are no similarities; leave "
            "--similarity out"
        )
    return found


def _counting(blocks: "Iterator[Floats]", images: int, progress: Any) -> "Iterable[Floats]":
    done = 0
    for block in blocks:
        yield block
        done += len(block)
        progress(done, images)
