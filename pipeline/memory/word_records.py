"""What a file of word vectors from captions was made of, in a sealed file beside it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.held_out import HELD
from core.sealed import read_sealed
from core.wording import quoted
from pipeline.typed.by_make import as_typed

FORMAT = "tencrop-word-vectors/1"


def record_of(file: Path) -> Path:
    """Where the record of ``file`` is."""
    return file.with_name(f"{file.name}.json")


def leaks(files: Mapping[str, str], captions: Mapping[str, str]) -> list[str]:
    """A sentence for each file that may hold what a training is chosen or tested on.

    Nothing is said of a file without a record of ours: what it was made of is somebody else's word.

    Args:
        files: the digest of a file, with something before it -> its path.
        captions: split -> a digest of what the corpus of the training says there.
    """
    told = []
    for name, path in files.items():
        try:
            record = read_sealed(record_of(Path(path)))
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            told.append(f"{record_of(Path(path))} cannot be read ({error}): {_UNKNOWN}")
            continue
        if record.get("format") == FORMAT:
            told += _leak(path, name, record, captions)
    return told


_UNKNOWN = "what its word vectors were made of is not known"


def _leak(
    path: str, name: str, record: Mapping[str, Any], captions: Mapping[str, str]
) -> list[str]:
    if not name.endswith(str(record.get("sha256"))):
        return [f"{path} is another file than {record_of(Path(path))} tells of: {_UNKNOWN}"]
    without = record["made_of"]["without"]
    open_to = [
        split
        for split in HELD
        if split in captions and captions[split] != without["captions"].get(split)
    ]
    if not open_to:
        return []
    way = as_typed(f"words CORPUS --without DATA --out {quoted('NEW.vec')}")
    return [
        f"{path} was made without the validation and test captions of {without['name']}, and those "
        f"of this corpus are others in {' and '.join(open_to)}: it may hold what this training is "
        f"chosen or tested on; to leave them out: {way}"
    ]
