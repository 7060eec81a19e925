"""COCO's own caption files: ``captions_*.json`` in ``annotations/`` or in the folder itself.

The word after ``captions_`` is the split of all pictures of a file (``captions_val2017.json``:
``val``), with one file as with several. A picture's id is its ``file_name``, a caption's its
``id``; they are joined on ``image_id``. The pictures of ``captions_val2017.json`` lie in
``images/val2017/``, ``val2017/``, ``images/`` or the folder: the first of these that exists; where
it has none of them, in the one folder of the corpus that has.
"""

import re
from pathlib import Path

from core.corpora._homes import home
from core.corpora._places import corpus_name, inside, unfit
from core.corpora._reading import field, parse_json, read_text
from core.errors import InputError
from core.records import Caption, Corpus, Image
from core.splits import split_word

NEEDS = "captions_*.json (here or in annotations/), with pictures in images/, train2017/, ..."
ENDINGS = (".json",)
EXAMPLE = {
    "images/a.jpg": "",
    "images/b.jpg": "",
    "images/c.jpg": "",
    "annotations/captions_train2017.json": """{
        "images": [{"id": 1, "file_name": "c.jpg"}],
        "annotations": [{"id": 7, "image_id": 1, "caption": "A dog"}]
    }""",
    "annotations/captions_val2017.json": """{
        "images": [{"id": 1, "file_name": "a.jpg"}, {"id": 2, "file_name": "b.jpg"}],
        "annotations": [
            {"id": 8, "image_id": 2, "caption": "A dog"},
            {"id": 9, "image_id": 1, "caption": "A cat"}
        ]
    }""",
}
_PATTERN = "captions_*.json"
_Part = tuple[list[Image], list[tuple[str, Caption]], list[str]]


def recognises(path: Path) -> bool:
    """Whether this is a ``captions_*.json`` or a folder that holds one, or its annotations do."""
    return bool(_sources(path)) if path.is_dir() else path.match(_PATTERN)


def read(path: Path) -> Corpus:
    """The corpus; fields other than those named above are ignored.

    Raises:
        InputError: no such file, two of one split, or a field is missing or odd (names the index).
    """
    sources = _sources(path) if path.is_dir() else [path]
    if not sources or any(source.suffix != ".json" for source in sources):
        raise unfit(path, "coco_captions", NEEDS)
    root = path if path.is_dir() else path.parent
    root = root.parent if root.name == "annotations" else root
    seen: dict[str, Path] = {}
    images: list[Image] = []
    captions: list[tuple[str, Caption]] = []
    notes: list[str] = []
    for source in sources:
        split = _split_of(source)
        if split in seen:
            raise InputError(
                f"{path}: {seen[split].name} and {source.name} are both of the split {split!r}; "
                "keep one of them in the folder"
            )
        seen[split] = source
        some_images, some_captions, where = _read_part(source, split, root)
        images += some_images
        captions += some_captions
        notes += where
    return Corpus.build(corpus_name(root), images, captions, notes)


def _sources(path: Path) -> list[Path]:
    return sorted((path / "annotations").glob(_PATTERN)) or sorted(path.glob(_PATTERN))


def _split_of(source: Path) -> str:
    word = re.match(r"(?:captions_)?([A-Za-z]*)", source.name)
    return split_word(word[1] if word else "", str(source))


def _read_part(source: Path, split: str, root: Path) -> _Part:
    content = parse_json(read_text(source), str(source))
    part = source.stem.removeprefix("captions_")
    name_of: dict[int, str] = {}
    for position, entry in enumerate(field(content, "images", list, str(source))):
        where = f"{source}: images[{position}]"
        number = field(entry, "id", int, where)
        if number in name_of:
            raise InputError(f"{where}: the id {number} is there twice; make the ids unique")
        name_of[number] = inside(field(entry, "file_name", str, where), where)
    captions = []
    for position, entry in enumerate(field(content, "annotations", list, str(source))):
        where = f"{source}: annotations[{position}]"
        number = field(entry, "image_id", int, where)
        if number not in name_of:
            raise InputError(f"{where}: image_id {number} is of no picture; mend or remove it")
        caption = Caption(str(field(entry, "id", int, where)), field(entry, "caption", str, where))
        captions.append((name_of[number], caption))
    names = list(name_of.values())
    usual = (root / "images" / part, root / part, root / "images", root)
    folder, notes = home(names, usual, (root,))
    return [Image(name, folder / name, split) for name in names], captions, notes
