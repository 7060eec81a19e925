"""Flickr8k and Flickr30k as they were published: a token file and three lists of names.

Each row of the token file is ``name#k<TAB>caption``. A picture's id is its name, a caption's
``name#k``. A picture in no list has the split ``extra``; a listed name without captions stays a
picture. Flickr30k's ``*.token`` comes without lists: where none lies beside, ``hash_splits`` says.
Pictures lie in ``images/``, ``Flicker8k_Dataset/`` or ``flickr30k-images/``, else in the
folder itself, or wherever else in the corpus they are. As published, the token file and the lists
lie in ``Flickr8k_text/`` beside the folder of pictures: either folder's parent, or the texts' own,
is the corpus.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from core.corpora._homes import home
from core.corpora._lists import LISTS, NOT_KARPATHYS, missing_lists, read_lists, unlisted
from core.corpora._places import corpus_name, hash_splits, inside, unfit
from core.corpora._reading import lines, only
from core.corpora._roots import is_folder_of_texts, picture_folders_beside
from core.corpora._survey import survey
from core.errors import InputError
from core.records import Caption, Corpus, Image
from core.wording import counted

NEEDS = "a *.token or *.token.txt, this one with *trainImages.txt, *devImages.txt, *testImages.txt"
ENDINGS = (".token", ".txt")
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
_PLACES = (
    "images",
    "Flicker8k_Dataset",
    "Flickr8k_Dataset",
    "flickr30k-images",
    "flickr30k_images",
    ".",
)


def recognises(path: Path) -> bool:
    """Whether the folder, or that of the texts in it, has a token file and the lists it needs."""
    return _folder_of_texts(path) is not None


def read(path: Path) -> Corpus:
    """The corpus; rows of a name that ends in ``.jpg.1`` are dropped and counted in the notes.

    Raises:
        InputError: a file is missing or there twice, a row has another form, or a name is in
            two lists; names the line.
    """
    texts = _folder_of_texts(path)
    if texts is None:
        raise unfit(path, "flickr_tokens", NEEDS)
    source = only(_token_files(texts), "token file", texts)
    captions, stray = token_rows(source)
    splits, told = _splits(texts, source, captions)
    folder, where = home(splits, [path / place for place in _PLACES], _roots(path))
    dropped = counted(len(stray), "caption")
    notes = [f"{dropped} of names that end in {STRAY} dropped"] if stray else []
    images = [Image(name, folder / name, split) for name, split in splits.items()]
    return Corpus.build(corpus_name(path), images, captions, [*notes, *told, *where], stray)


def _folder_of_texts(path: Path) -> Path | None:
    """The folder itself, or the one called so in it: what lies in the folder itself comes first."""
    if _has_texts(path):
        return path
    inner = [] if survey(path).tables else [*filter(is_folder_of_texts, survey(path).folders)]
    return _folder_of_texts(path / inner[0]) if len(inner) == 1 else None


def _has_texts(path: Path) -> bool:
    tokens = _token_files(path)
    if not tokens:
        return False
    missing = missing_lists(each.name for each in path.iterdir())
    return not missing or _all_missing(missing, tokens)


def _all_missing(missing: Sequence[str], tokens: Sequence[Path]) -> bool:
    """Whether there are no lists, of a token file that is published without any."""
    return len(missing) == len(LISTS) and all(each.suffix == ".token" for each in tokens)


def _splits(
    texts: Path, source: Path, captions: Sequence[tuple[str, Caption]]
) -> tuple[dict[str, str], list[str]]:
    names = [name for name, _ in captions]
    if _all_missing(missing_lists(each.name for each in texts.iterdir()), [source]):
        told = {name for name, caption in captions if caption.text.strip()}
        splits = hash_splits({name: name in told for name in names})
        return splits, [f"no lists of splits lie beside {source.name}: {NOT_KARPATHYS}"]
    listed = read_lists(texts)
    extra, notes = unlisted(names, listed)
    return listed | extra, notes


def _roots(path: Path) -> Iterator[Path]:
    """Where pictures are looked for: in the corpus, then beside it."""
    yield path
    yield from picture_folders_beside(path)


def _token_files(path: Path) -> list[Path]:
    found = [*path.glob("*.token.txt"), *path.glob("*.token")]
    return [each for each in found if ".lemma." not in each.name]


def token_rows(source: Path) -> tuple[list[tuple[str, Caption]], list[str]]:
    """The captions of a token file by their pictures' names, and what is left out of it.

    Raises:
        InputError: a row has another form; names the line.
    """
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
