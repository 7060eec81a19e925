"""Flickr8k and Flickr30k as they were published: a token file and three lists of names.

Each row of the token file is ``name#k<TAB>caption``. A picture's id is its name, a caption's
``name#k``. A picture in no list has the split ``extra``; a listed name without captions stays a
picture. Pictures lie in ``images/``, ``Flicker8k_Dataset/`` or ``flickr30k-images/``, else in the
folder itself.
"""

from pathlib import Path

from core.corpora._lists import LISTS, read_lists, unlisted
from core.corpora._places import corpus_name, first_folder, inside, unfit
from core.corpora._reading import lines, only
from core.errors import InputError
from core.records import Caption, Corpus, Image
from core.wording import counted

NEEDS = "one *.token.txt or *.token, and *trainImages.txt, *devImages.txt, *testImages.txt"
EXAMPLE = {
    "images/a.jpg": "",
    "images/b.jpg": "",
    "images/c.jpg": "",
    "example.token.txt": (
        "c.jpg#0\tA dog .\nc.jpg#1\tA brown dog .\na.jpg#0\tA cat .\nb.jpg#0\tA dog .\n"
    ),
    "example.trainImages.txt": "c.jpg\na.jpg\n",
    "example.devImages.txt": "b.jpg\n",
    "example.testImages.txt": "",
}
STRAY = ".jpg.1"  # Flickr8k captions 2258277193_586949ec62.jpg.1, a picture that nobody has
_PLACES = ("images", "Flicker8k_Dataset", "Flickr8k_Dataset", "flickr30k-images", ".")


def recognises(path: Path) -> bool:
    """Whether the folder holds a token file and at least one of each list."""
    return bool(_token_files(path)) and all(any(path.glob(p)) for p in LISTS.values())


def read(path: Path) -> Corpus:
    """The corpus; rows of a name that ends in ``.jpg.1`` are dropped and counted in the notes.

    Raises:
        InputError: a file is missing or there twice, a row has another form, or a name is in
            two lists; names the line.
    """
    if not recognises(path):
        raise unfit(path, "flickr_tokens", NEEDS)
    splits = read_lists(path)
    captions, stray = _read_rows(only(_token_files(path), "token file", path))
    extra, told = unlisted((name for name, _ in captions), splits)
    folder = first_folder(*(path / place for place in _PLACES))
    dropped = counted(len(stray), "caption")
    notes = [f"{dropped} of names that end in {STRAY} dropped"] if stray else []
    images = [Image(name, folder / name, split) for name, split in (splits | extra).items()]
    return Corpus.build(corpus_name(path), images, captions, [*notes, *told], stray)


def _token_files(path: Path) -> list[Path]:
    found = [*path.glob("*.token.txt"), *path.glob("*.token")]
    return [each for each in found if ".lemma." not in each.name]


def _read_rows(source: Path) -> tuple[list[tuple[str, Caption]], list[str]]:
    captions, stray = [], []
    for number, line in lines(source):
        key, tab, text = line.partition("\t")
        name, hash_sign, position = key.rpartition("#")
        if not (tab and hash_sign and position.isdecimal()):
            raise InputError(f"{source}:{number}: not 'name#k<TAB>caption'; mend the row")
        if name.endswith(STRAY):
            stray.append(f"{key}: of a name that ends in {STRAY}")
        else:
            captions.append((inside(name, f"{source}:{number}"), Caption(key, text)))
    return captions, stray
