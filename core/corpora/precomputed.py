"""Features that somebody else made, as VSE++ and SCAN keep them: a matrix and a text a split.

``train_ims.npy`` is (N, D), or (N, R, D) of R regions; ``train_caps.txt`` has one caption a line,
one or five a row. VSE++'s own files repeat each row five times, once a caption: such fives are one
picture. There are no pictures: an item's place is its row, its id ``SPLIT/ROW``, or with
``train_ids.txt`` ``SPLIT/ID``.
"""

from collections.abc import Iterator
from pathlib import Path

from core.corpora._places import corpus_name, unfit
from core.corpora._reading import read_text
from core.corpora._repeated import FIVE, Share, share
from core.corpora._survey import survey
from core.errors import InputError
from core.matrices import Row, open_matrix
from core.records import Caption, Corpus, Image
from core.splits import SPLIT_WORDS

NEEDS = "train_ims.npy and train_caps.txt, and such of dev, test: vectors that are there already"
EXAMPLE = {
    "train_ims.npy": [[1.0, 0.0], [0.0, 1.0]],
    "train_caps.txt": "A cat\nA dog\n",
    "train_ids.txt": "a.jpg\nb.jpg\n",
    "dev_ims.npy": [[1.0, 1.0]],
    "dev_caps.txt": "A dog\nA brown dog\nA dog\nA dog\nA hound\n",
    "dev_ids.txt": "c.jpg\n",
}
MATRIX, TEXT, IDS = "_ims.npy", "_caps.txt", "_ids.txt"
WIDTH = 6
"""Digits of a row's number in an id, so that ids are sorted as rows are."""


def recognises(path: Path) -> bool:
    """Whether a matrix of a split lies in the folder."""
    return bool(_words(path, MATRIX))


def read(path: Path) -> Corpus:
    """The corpus, of the splits that are there; which files were left out is noted.

    Raises:
        InputError: a matrix without captions, captions without a matrix, counts or shapes that do
            not fit together, or a file that is damaged; each time with the files' names.
    """
    words = _words(path, MATRIX)
    if not words:
        raise unfit(path, "precomputed", NEEDS)
    _refuse_halves(path, words)
    notes = [f"{name} is left out: no split is called so" for name in _unknown(path)]
    images: list[Image] = []
    captions: list[tuple[str, Caption]] = []
    _refuse_other_shapes([path / f"{word}{MATRIX}" for word in words])
    for word in words:
        file = path / f"{word}{MATRIX}"
        texts = _lines(path / f"{word}{TEXT}")
        found = share(open_matrix(file), file, len(texts), path / f"{word}{TEXT}")
        if found.step > 1:
            notes.append(f"{file.name} has each picture {found.step} times, which is one picture")
        ids = _ids(path, word, found)
        places = [Row(file, found.step * number) for number in range(len(ids))]
        images += [Image(i, row, SPLIT_WORDS[word]) for i, row in zip(ids, places, strict=True)]
        captions += _captions(ids, texts, found.captions)
    return Corpus.build(corpus_name(path), images, captions, notes)


def _words(path: Path, ending: str) -> list[str]:
    """What the files of this ending are called before it, where that is a split's name."""
    names = [name for name in survey(path).beside if name.endswith(ending)]
    return [word for name in names if (word := name.removesuffix(ending)) in SPLIT_WORDS]


def _unknown(path: Path) -> Iterator[str]:
    for name in survey(path).beside:
        if name.endswith(MATRIX) and name.removesuffix(MATRIX) not in SPLIT_WORDS:
            yield name


def _refuse_halves(path: Path, words: list[str]) -> None:
    for word in sorted({*words, *_words(path, TEXT)}):
        here, other = (TEXT, MATRIX) if word not in words else (MATRIX, TEXT)
        if not (path / f"{word}{other}").exists():
            raise InputError(
                f"{path / f'{word}{here}'} is there and {word}{other} is not; put it beside it, or "
                f"move {word}{here} elsewhere"
            )
    for split in sorted({SPLIT_WORDS[word] for word in words}):
        named = [f"{word}{MATRIX}" for word in words if SPLIT_WORDS[word] == split]
        if len(named) > 1:
            raise InputError(
                f"{path}: {' and '.join(named)} are both the split {split!r}; keep one there"
            )


def _refuse_other_shapes(files: list[Path]) -> None:
    first = open_matrix(files[0]).shape[1:]
    for file in files[1:]:
        if (shape := open_matrix(file).shape[1:]) != first:
            raise InputError(
                f"{files[0]} has vectors of shape {first} and {file} of {shape}; bring those of "
                "one extractor"
            )


def _lines(file: Path) -> list[str]:
    """Each line, empty ones too: a caption that is empty still has its place."""
    text = read_text(file)
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    return lines[:-1] if text.endswith("\n") or not text else lines


def _ids(path: Path, word: str, found: Share) -> list[str]:
    """The ids of the pictures of a split: told in a file of their own, or the rows' numbers.

    The file may have a line a picture, a row or a caption.

    Raises:
        InputError: it has another number of lines, an id twice, or an empty one.
    """
    matrix, file = path / f"{word}{MATRIX}", path / f"{word}{IDS}"
    rows = len(open_matrix(matrix))
    pictures = rows // found.step
    if not file.exists():
        width = max(WIDTH, len(str(pictures)))
        return [f"{SPLIT_WORDS[word]}/{number:0{width}}" for number in range(pictures)]
    told = [line.strip() for line in _lines(file)]
    if len(told) not in (pictures, pictures * FIVE):
        raise InputError(
            f"{matrix} has {rows:,} rows and {file} has {len(told):,} ids; there must be as many "
            f"ids as pictures ({pictures:,}), or move {file.name} elsewhere"
        )
    each = len(told) // pictures
    ids = told[::each]
    odd = next((n for n, name in enumerate(told) if not name or name != ids[n // each]), None)
    if odd is not None or len(set(ids)) < len(ids):
        where = f"line {odd + 1:,} of {file}" if odd is not None else str(file)
        raise InputError(f"{where} does not tell one id a picture; mend it, or move it elsewhere")
    return [f"{SPLIT_WORDS[word]}/{name}" for name in ids]


def _captions(ids: list[str], texts: list[str], each: int) -> Iterator[tuple[str, Caption]]:
    for number, text in enumerate(texts):
        owner, place = ids[number // each], number % each
        yield owner, Caption(f"{owner}#{place}", text)
