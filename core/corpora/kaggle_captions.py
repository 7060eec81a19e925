"""Flickr8k as Kaggle hands it out: pictures in ``Images/`` and a table ``captions.txt``.

The table's first line is ``image,caption``; in each other one all after the first comma is the
caption, without the quotes around it. Of ``image_name,comment_number,comment``, as Flickr30k's
table may begin, it is all after the second one. A picture's id is its name, a caption's ``name#k``,
k from 0 over the picture's rows. Where Flickr8k's lists of names lie beside, they say the splits,
and a picture in none is ``extra``; else ``hash_splits`` says. A picture in no row has no caption.
"""

import re
from collections import defaultdict
from pathlib import Path

from core.corpora._lists import LISTS, read_lists, unlisted
from core.corpora._places import corpus_name, hash_splits, inside, pictures_in, unfit
from core.corpora._reading import lines, refuse_surrogates
from core.errors import InputError
from core.pictures import is_picture
from core.records import Caption, Corpus, Image
from core.wording import counted

NEEDS = "a folder Images/ and captions.txt with the first line image,caption"
ENDINGS = (".txt",)
EXAMPLE = {
    "Images/a.jpg": "",
    "Images/b.jpg": "",
    "Images/c.jpg": "",
    "captions.txt": "image,caption\nc.jpg,A dog , a brown one .\na.jpg,A cat .\nb.jpg,A dog .\n",
}
HEADER, NUMBERED = "image,caption", "image_name,comment_number,comment"
_TABLE, _FOLDER = "captions.txt", "images"


def recognises(path: Path) -> bool:
    """Whether the folder holds ``Images/`` and ``captions.txt``, in any case of letters."""
    return _named(path, _TABLE) is not None and _named(path, _FOLDER) is not None


def read(path: Path) -> Corpus:
    """The corpus.

    Raises:
        InputError: another header, a row without a comma, a name that leaves the folder, or a
            fault in the lists; names the line.
    """
    table, folder = _named(path, _TABLE), _named(path, _FOLDER)
    if table is None or folder is None or not folder.is_dir():
        raise unfit(path, "kaggle_captions", NEEDS)
    texts = kaggle_rows(table)
    bare = [name for name in pictures_in(folder) if name not in texts]
    every = [*texts, *bare]
    splits, notes = _splits(path, every, texts)
    if bare:
        many = counted(len(bare), "picture is", "pictures are")
        notes.append(f"{many} in no row of {table.name}")
    images = [Image(name, folder / name, split) for name, split in splits.items()]
    captions = [
        (name, Caption(f"{name}#{k}", text))
        for name, rows in texts.items()
        for k, text in enumerate(rows)
    ]
    return Corpus.build(corpus_name(path), images, captions, notes)


def _named(path: Path, name: str) -> Path | None:
    if not path.is_dir():
        return None
    fitting = sorted(each for each in path.iterdir() if each.name.lower() == name)
    return fitting[0] if fitting else None


def _splits(
    path: Path, every: list[str], texts: dict[str, list[str]]
) -> tuple[dict[str, str], list[str]]:
    if not any(any(path.glob(pattern)) for pattern in LISTS.values()):
        return hash_splits({name: any(map(str.strip, texts.get(name, ()))) for name in every}), []
    listed = read_lists(path)
    extra, notes = unlisted(every, listed)
    return listed | extra, notes


def kaggle_rows(table: Path) -> dict[str, list[str]]:
    """The captions of the table by their pictures' names.

    Raises:
        InputError: another header, a row without a comma, or a name that leaves the folder; names
            the line.
    """
    texts: dict[str, list[str]] = defaultdict(list)
    header = ""
    for number, line in lines(table):
        where = f"{table}:{number}"
        if not header:
            header = _header(line, where)
            continue
        fields = line.split(",", header.count(","))
        if len(fields) <= header.count(","):
            raise InputError(f"{where}: not {header!r}; mend the row")
        refuse_surrogates(fields[-1], where)
        texts[inside(_unquoted(fields[0]), where)].append(_unquoted(fields[-1]))
    return dict(texts)


def _header(line: str, where: str) -> str:
    header = line.lower().replace(" ", "")
    if header in (HEADER, NUMBERED):
        return header
    bare = is_picture(_unquoted(re.split("[,\t]", line)[0]).partition("#")[0])
    way = f"put {HEADER} above it" if bare else f"make it {HEADER}"
    if "\t" in line and "," not in line.partition("\t")[0]:
        above = "put image<TAB>caption above it and call" if bare else "call"
        way = f"its columns are separated by a tab: {above} the file captions.tsv"
    raise InputError(f"{where}: the first line is {line[:60]!r}; {way}")


def _unquoted(text: str) -> str:
    inner = text.strip()
    if len(inner) > 1 and inner.startswith('"') and inner.endswith('"'):
        return inner[1:-1].replace('""', '"')
    return text
