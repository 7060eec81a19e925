"""The generated corpus: a folder with ``scenes.json`` and the pictures that it lists.

A picture's id is its file name; a caption's ``id#k``, k from 0.
"""

from pathlib import Path
from typing import Any

from core.corpora._places import corpus_name, inside, unfit
from core.corpora._reading import field, parse_json, read_text
from core.errors import InputError
from core.records import Caption, Corpus, Image
from core.splits import split_word

FORMAT = "tencrop-scenes/2"
LISTING = "scenes.json"
NEEDS = "a folder with scenes.json (draw one with `scenes`)"
ENDINGS = (".json",)
EXAMPLE = {
    "images/a.jpg": "",
    "images/b.jpg": "",
    "images/c.jpg": "",
    "scenes.json": """{"format": "tencrop-scenes/2", "pictures": [
        {"id": "c.jpg", "file": "images/c.jpg", "split": "train", "captions": ["a dog"]},
        {"id": "a.jpg", "file": "images/a.jpg", "split": "val", "captions": ["a cat"]},
        {"id": "b.jpg", "file": "images/b.jpg", "split": "test", "captions": ["a dog"]}
    ]}""",
}


def recognises(path: Path) -> bool:
    """Whether this is ``scenes.json`` or a folder that holds one."""
    return (path / LISTING).exists() if path.is_dir() else path.name == LISTING


def read(path: Path) -> Corpus:
    """The corpus; a picture that is not there stays in it, with the path where it should be.

    Raises:
        InputError: no ``scenes.json``, another format, or a field that is missing or odd.
    """
    source = path / LISTING if path.is_dir() else path
    if not recognises(path):
        raise unfit(path, "scenes", NEEDS)
    listing = parse_json(read_text(source), str(source))
    found = field(listing, "format", str, str(source))
    if found != FORMAT:
        raise InputError(f"{source}: format {found!r}, not {FORMAT!r}; draw into another folder")
    images, captions = [], []
    for position, entry in enumerate(field(listing, "pictures", list, str(source))):
        image, texts = _picture(entry, source.parent, f"{source}: pictures[{position}]")
        images.append(image)
        captions += [(image.id, Caption(f"{image.id}#{k}", t)) for k, t in enumerate(texts)]
    return Corpus.build(corpus_name(source.parent), images, captions)


def _picture(entry: Any, folder: Path, where: str) -> tuple[Image, list[str]]:
    image_id = inside(field(entry, "id", str, where), where)
    file = inside(field(entry, "file", str, where), where)
    texts = field(entry, "captions", list, where)
    if not all(isinstance(text, str) for text in texts):
        raise InputError(f"{where}: captions must be texts; remove {LISTING} and draw again")
    split = split_word(field(entry, "split", str, where), where)
    return Image(image_id, folder / file, split), texts
