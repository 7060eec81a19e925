"""Word vectors from captions: corpora, and one that is held out, to a file with a record beside."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from core.caption_vectors import caption_vectors
from core.corpora import read_captions
from core.errors import InputError
from core.files import file_sha256, json_sha256, plain_name, write_bytes
from core.held_out import HELD, HeldOut, Kept, Left
from core.records import Corpus
from core.sealed import read_sealed, write_sealed
from core.wording import counted
from core.wordvectors import vector_text
from pipeline.corpus import read
from pipeline.memory.journal import journal
from pipeline.memory.word_records import FORMAT, record_of
from pipeline.said.progress import say
from pipeline.stages.terms import CorpusAt
from train.seen import captions_by_split

FOLDER = "words"
"""Where files of word vectors are below a work folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WordTerms:
    """What the vectors shall be: ``out`` is None for a place by what makes them."""

    width: int
    min_count: int
    out: Path | None = None


def words(paths: Sequence[Path], without: CorpusAt, wanted: WordTerms, *, work: Path) -> Path:
    """The file of word vectors; one that is there and is the same is found.

    Args:
        paths: corpora, or tables of captions.
        without: the corpus whose validation and test split are left out.
        wanted: what the vectors shall be.
        work: the work folder.

    Raises:
        InputError: a corpus cannot be read, or holds out nothing; there are too few words; or
            ``out`` is there and holds something else.
    """
    given = Path(", ".join(map(str, paths)))
    with journal(work, "words", given, device="cpu") as entry:
        entry.what, entry.items = _words(paths, without, wanted, work)
        entry.bytes, entry.worked = entry.what.stat().st_size, entry.items > 0
    return entry.what


def _words(
    paths: Sequence[Path], without: CorpusAt, wanted: WordTerms, work: Path
) -> tuple[Path, int]:
    """The file, and how many words were given vectors; 0 where it was there."""
    data = read(without.path, without.data_format, work)
    held = HeldOut.of(data)
    if not held.photos:
        raise InputError(
            f"{data.name} has no picture in {' or '.join(HELD)}, so nothing would be left out; "
            "give the corpus that you train and test on"
        )
    corpora = [read_captions(path) for path in paths]
    made_of = _made_of(corpora, data, wanted)
    file = wanted.out or work / FOLDER / _name(corpora, made_of)
    if _is_there(file, made_of, anyhow=wanted.out is None):
        say(f"{file} is there")
        return file, 0
    kept = held.leave_out(corpora)
    for corpus, left in zip(corpora, kept.left_out, strict=True):
        say(_told(corpus, left, held))
    found, values = caption_vectors(kept.pictures, width=wanted.width, min_count=wanted.min_count)
    _write(file, vector_text(found, values), made_of, kept, len(found))
    return file, len(found)


def _write(file: Path, text: bytes, made_of: dict[str, Any], kept: Kept, words: int) -> None:
    captions = sum(map(len, kept.pictures))
    record = {
        "format": FORMAT,
        "made_of": made_of,
        "left_out": [asdict(left) for left in kept.left_out],
        "pictures": len(kept.pictures),
        "captions": captions,
        "words": words,
        "sha256": sha256(text).hexdigest(),
    }
    # The record first: what it tells of and is not there is made anew, and nothing else is written
    # over.
    write_sealed(record_of(file), record)
    write_bytes(file, text)
    of = f"{counted(captions, 'caption')} of {counted(len(kept.pictures), 'picture')}"
    say(f"{counted(words, 'word')} of {of}: {made_of['width']:,} numbers each")


def _made_of(corpora: Sequence[Corpus], data: Corpus, wanted: WordTerms) -> dict[str, Any]:
    """All that the vectors follow from, as JSON values."""
    told = captions_by_split(data)
    return {
        "corpora": [
            {"name": corpus.name, "captions": json_sha256(captions_by_split(corpus))}
            for corpus in corpora
        ],
        "without": {
            "name": data.name,
            "captions": {split: told[split] for split in HELD if split in told},
        },
        "width": wanted.width,
        "min_count": wanted.min_count,
    }


def _name(corpora: Sequence[Corpus], made_of: dict[str, Any]) -> str:
    """Readable, and unique by what the vectors are made of."""
    names = plain_name("+".join(corpus.name for corpus in corpora))
    return f"{names}-{made_of['width']}d-{json_sha256(made_of)[:8]}.vec"


def _is_there(file: Path, made_of: dict[str, Any], *, anyhow: bool) -> bool:
    """Whether the file is there as it was made of this; ``anyhow`` it may be written if not.

    Raises:
        InputError: something else is there.
    """
    record = _record(record_of(file))
    ours = record.get("made_of") == made_of
    if ours and file.exists() and file_sha256(file) == record.get("sha256"):
        return True
    there = [path for path in (file, record_of(file)) if path.exists()]
    if there and not (ours or anyhow):
        raise InputError(f"{there[0]} is there, and is not made of this; choose another --out")
    if there:
        say(f"{file} is not there as it was made: it is made anew")
    return False


def _record(path: Path) -> dict[str, Any]:
    """What a record says; nothing where there is none of ours, or it is damaged."""
    try:
        found = read_sealed(path)
    except (FileNotFoundError, ValueError):
        return {}
    return found if found.get("format") == FORMAT else {}


def _told(corpus: Corpus, left: Left, held: HeldOut) -> str:
    there = f"{counted(len(corpus.images), 'picture')}, {counted(len(corpus.captions), 'caption')}"
    out = (
        f"left out are {counted(left.pictures, 'picture')} of {held.name}'s validation and test "
        f"with {counted(left.of_them, 'caption')}, and {counted(left.others, 'caption')} of other "
        "pictures that say what one there says"
    )
    said = f"it holds {left.said:,} of the {len(held.captions):,} different captions there"
    again = f"; {counted(left.again, 'picture')} came before" if left.again else ""
    return f"{left.name}: {there}{again}; {out}; {said}"
