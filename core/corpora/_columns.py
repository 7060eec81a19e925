"""Which column of a table is which: our names first, else the usual ones."""

from collections.abc import Sequence
from dataclasses import dataclass

IMAGE = (
    *("image", "filename", "file_name", "filepath", "file_path", "file"),
    *("image_path", "image_name", "image_file", "path", "img", "picture", "photo"),
)
CAPTION = ("caption", "text", "captions", "description", "sentence", "sentences", "comment")
SPLIT_LIKE = ("set", "subset", "partition", "fold")
_SYNONYMS = {"image": IMAGE, "caption": CAPTION}


@dataclass(frozen=True, slots=True)
class Columns:
    """The column of each of ours, and why one is missing; ``notes`` tell of other names."""

    image: str = ""
    caption: str = ""
    missing: str = ""
    notes: tuple[str, ...] = ()


def columns(header: Sequence[str]) -> Columns:
    """The columns ``image`` and ``caption`` of a header in lower case.

    Ours counts where it is there once. Else one column of a usual name does; of several none.

    Example:
        >>> columns(["text", "filename"])
        Columns(image='filename', caption='text', missing='', notes=("image is the column \
'filename'", "caption is the column 'text'"))
        >>> columns(["file", "path", "caption"]).missing
        "image (one of 'file', 'path'?)"
    """
    found, missing, notes = {}, [], []
    for ours, usual in _SYNONYMS.items():
        there = [name for name in header if name == ours] or [n for n in header if n in usual]
        if len(there) == 1:
            found[ours] = there[0]
            notes += [f"{ours} is the column {there[0]!r}"] if there[0] != ours else []
        else:
            several = f" (one of {', '.join(map(repr, there))}?)" if len(set(there)) > 1 else ""
            missing.append(ours + several)
    return Columns(**found, missing=" and ".join(missing), notes=tuple(notes))
