"""Flickr30k's captions as Multi30k hands them out: ``train.1.en`` and ``train_images.txt``.

Line n of each ``NAME.K.en`` is caption K of the picture that line n of ``NAME_images.txt`` names.
The word that NAME begins with is the split (``test_2016``: ``test``). A picture's id is its name, a
caption's ``name#K``. Pictures lie in ``images/`` or ``flickr30k-images/``, else in the folder
itself, or wherever else in the corpus they are; they need not be there.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from core.corpora._homes import home
from core.corpora._places import corpus_name, inside, unfit
from core.corpora._reading import read_text
from core.errors import InputError
from core.records import Caption, Corpus, Image
from core.splits import split_word
from core.wording import counted

NEEDS = "train.1.en with train_images.txt, val.1.en with val_images.txt, ... of Multi30k"
ENDINGS = (".en", ".txt")
EXAMPLE = {
    "images/a.jpg": "",
    "images/b.jpg": "",
    "images/c.jpg": "",
    "train.1.en": "A dog .\nA cat .\n",
    "train.2.en": "A brown dog .\nA black cat .\n",
    "train_images.txt": "c.jpg\na.jpg\n",
    "val.1.en": "A dog .\n",
    "val_images.txt": "b.jpg\n",
}
_NAMES = "_images.txt"
_PLACES = ("images", "flickr30k-images", "flickr30k_images", ".")


def recognises(path: Path) -> bool:
    """Whether the folder holds a list of pictures with captions in the same order."""
    return bool(_parts(path))


def read(path: Path) -> Corpus:
    """The corpus.

    Raises:
        InputError: a file of captions has more or fewer lines than its list of pictures, a picture
            is listed twice, or a name begins with no split; names the files.
    """
    parts = _parts(path)
    if not parts:
        raise unfit(path, "multi30k", NEEDS)
    splits: dict[str, str] = {}
    captions: list[tuple[str, Caption]] = []
    for name, files in parts.items():
        source = path / f"{name}{_NAMES}"
        split = split_word(re.split("[_.]", name)[0], str(source))
        names = [inside(line, f"{source}:{n}") for n, line in enumerate(_lines(source), start=1)]
        for number, each in enumerate(names, start=1):
            if each in splits:
                raise InputError(f"{source}:{number}: {each!r} is there twice; keep it once")
            splits[each] = split
        for k, file in files:
            captions += _captions(file, k, source, names)
    folder, notes = home(splits, [path / place for place in _PLACES], (path,))
    images = [Image(name, folder / name, split) for name, split in splits.items()]
    return Corpus.build(corpus_name(path), images, captions, notes)


def _parts(path: Path) -> dict[str, list[tuple[str, Path]]]:
    """Name -> the number of each of its files of captions, and the file."""
    lists = sorted(path.glob(f"*{_NAMES}")) if path.is_dir() else []
    found: dict[str, list[tuple[str, Path]]] = {}
    for source in lists:
        name = source.name.removesuffix(_NAMES)
        numbered = re.compile(re.escape(name) + r"\.(\d+)\.en")
        files = [
            (match[1], file) for file in path.iterdir() if (match := numbered.fullmatch(file.name))
        ]
        if files:
            found[name] = sorted(files, key=lambda each: int(each[0]))
    return found


def _captions(file: Path, k: str, source: Path, names: list[str]) -> Iterator[tuple[str, Caption]]:
    texts = _lines(file)
    if len(texts) != len(names):
        raise InputError(
            f"{file} has {counted(len(texts), 'line')}, and {source.name} {len(names):,}: each "
            "line is of the picture in the same line there; get both again"
        )
    for name, text in zip(names, texts, strict=True):
        yield name, Caption(f"{name}#{k}", text)


def _lines(path: Path) -> list[str]:
    """The lines, blank ones too: by their numbers two files belong together."""
    texts = read_text(path).split("\n")
    return [text.removesuffix("\r") for text in (texts[:-1] if not texts[-1].strip() else texts)]
