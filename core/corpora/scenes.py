"""The generated corpus: a folder that ``core.scenes.write_scenes`` drew.

``scenes.json`` lists every picture with its split and its five captions; a picture's id is its
file's name, a caption's ``image#k``.
"""

from pathlib import Path
from typing import Any

from core.corpora._places import corpus_name, inside, split_word, unfit
from core.corpora._reading import field, parse_json, read_text
from core.errors import InputError
from core.records import Caption, Corpus, Image
from core.scenes.write import FORMAT, LISTING

NEEDS = f"{LISTING} and images/, as the command `scenes` draws them"


def recognises(path: Path) -> bool:
    """Whether the folder holds ``scenes.json``."""
    return (path / LISTING).is_file()


def read(path: Path) -> Corpus:
    """The corpus.

    Raises:
        InputError: no listing, one of another format, or a field is missing; names the picture.
    """
    if not recognises(path):
        raise unfit(path, "scenes", NEEDS)
    listing = parse_json(read_text(path / LISTING), str(path / LISTING))
    stated = field(listing, "format", str, str(path / LISTING))
    if stated != FORMAT:
        raise InputError(f"{path / LISTING} has format {stated!r}, not {FORMAT!r}; draw it again")
    images, captions = [], []
    for number, entry in enumerate(field(listing, "pictures", list, str(path / LISTING))):
        image, texts = _picture(path, entry, f"{path / LISTING}: picture {number}")
        images.append(image)
        captions += [(image.id, Caption(f"{image.id}#{k}", t)) for k, t in enumerate(texts)]
    return Corpus.build(corpus_name(path), images, captions)


def _picture(path: Path, entry: Any, where: str) -> tuple[Image, list[str]]:
    file = inside(field(entry, "file", str, where), where)
    split = split_word(field(entry, "split", str, where), where)
    texts = [str(text) for text in field(entry, "captions", list, where)]
    return Image(field(entry, "id", str, where), path / file, split), texts
