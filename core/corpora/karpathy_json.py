"""Karpathy's splits: one ``dataset_*.json`` with pictures, splits and sentences.

The pictures lie in ``images/FILEPATH/``, ``images/``, ``FILEPATH/`` or beside the file: the first
of these folders that exists; where it has none of them, in the one folder beside the file that
has. A picture's id is its ``filename``; a sentence's its ``sentid``, or
else ``filename#k``. The text is ``raw``. The split ``restval`` stays ``restval``.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from core.corpora._homes import home
from core.corpora._places import inside, unfit
from core.corpora._reading import field, only, parse_json, read_text
from core.records import Caption, Corpus, Image
from core.splits import split_word

NEEDS = "one dataset_*.json of Karpathy's splits, with its pictures in images/"
ENDINGS = (".json",)
EXAMPLE = {
    "images/a.jpg": "",
    "images/b.jpg": "",
    "images/c.jpg": "",
    "dataset_example.json": """{"images": [
        {"filename": "c.jpg", "split": "train", "sentences": [{"raw": "A dog"}]},
        {"filename": "a.jpg", "split": "val", "sentences": [{"raw": "A cat"}]},
        {"filename": "b.jpg", "split": "test", "sentences": [{"raw": "A dog"}]}
    ]}""",
}
_PATTERN = "dataset_*.json"


def recognises(path: Path) -> bool:
    """Whether this is a ``dataset_*.json`` or a folder that holds one."""
    return any(True for _ in path.glob(_PATTERN)) if path.is_dir() else path.match(_PATTERN)


def read(path: Path) -> Corpus:
    """The corpus; fields other than those named above are ignored.

    Raises:
        InputError: no such file or several, or a field is missing or odd (names the index).
    """
    if path.suffix != ".json" and not (path.is_dir() and recognises(path)):
        raise unfit(path, "karpathy_json", NEEDS)
    source = path
    if path.is_dir():
        source = only(path.glob(_PATTERN), _PATTERN, path, "give the path of one such file")
    entries = field(parse_json(read_text(source), str(source)), "images", list, str(source))
    told, captions = [], []
    for position, entry in enumerate(entries):
        where = f"{source}: images[{position}]"
        image_id = inside(field(entry, "filename", str, where), where)
        split = split_word(field(entry, "split", str, where), where)
        subfolder = entry.get("filepath") and inside(field(entry, "filepath", str, where), where)
        told.append((image_id, subfolder or "", split))
        captions += [(image_id, caption) for caption in _sentences(entry, image_id, where)]
    folder_of, notes = _folders(source.parent, told)
    images = [Image(name, folder_of[subfolder] / name, split) for name, subfolder, split in told]
    return Corpus.build(source.stem.removeprefix("dataset_"), images, captions, notes)


def _sentences(entry: Any, image_id: str, where: str) -> Iterator[Caption]:
    for position, sentence in enumerate(field(entry, "sentences", list, where)):
        text = field(sentence, "raw", str, f"{where}.sentences[{position}]")
        given = sentence.get("sentid")
        yield Caption(f"{image_id}#{position}" if given is None else str(given), text)


def _folders(root: Path, told: Iterable[tuple[str, str, str]]) -> tuple[dict[str, Path], list[str]]:
    """The folder of the pictures of each ``filepath``, and notes."""
    names: dict[str, list[str]] = defaultdict(list)
    for name, subfolder, _ in told:
        names[subfolder].append(name)
    pictures, folders, notes = root / "images", {}, []
    for subfolder, some in names.items():
        usual = (pictures / subfolder, pictures, root / subfolder, root)
        folders[subfolder], where = home(some, usual, (root,))
        notes += where
    return folders, notes
