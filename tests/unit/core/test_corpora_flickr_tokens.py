import os
from pathlib import Path

import pytest

from core.corpora.flickr_tokens import read, recognises
from core.errors import InputError
from core.records import Corpus

DATA = Path(os.environ.get("TENCROP_DATA", Path(__file__).parents[4] / "shared" / "data"))
TOKENS = "b.jpg#0\tA dog .\nb.jpg#1\ttab\tinside\na.jpg#0\tA cat\u2028sits .\nc.jpg#0\tx\n"


def write(folder: Path, tokens: str = TOKENS, token_file: str = "My.token.txt") -> Path:
    (folder / token_file).write_text(tokens, encoding="utf-8", newline="")
    for part, names in {"train": "a.jpg\n", "dev": "b.jpg\r\n\n", "test": "d.jpg"}.items():
        (folder / f"My.{part}Images.txt").write_text(names, newline="")
    return folder


def facts(corpus: Corpus) -> list[tuple[str, str, list[str]]]:
    pairs = list(zip(corpus.captions, corpus.owner, strict=True))
    return [
        (image.id, image.split, [caption.text for caption, owner in pairs if owner == row])
        for row, image in enumerate(corpus.images)
    ]


@pytest.mark.parametrize("token_file", ["My.token.txt", "results_20130124.token"])
def test_rows_and_lists_are_joined(tmp_path: Path, token_file: str) -> None:
    corpus = read(write(tmp_path, TOKENS, token_file))
    assert facts(corpus) == [
        ("a.jpg", "train", ["A cat\u2028sits ."]),
        ("b.jpg", "val", ["A dog .", "tab\tinside"]),
        ("c.jpg", "extra", ["x"]),
        ("d.jpg", "test", []),
    ]
    assert corpus.captions[1].id == "b.jpg#0"
    assert corpus.notes == ("1 picture is in no split list: split 'extra'",)


def test_stray_rows_are_dropped_and_counted(tmp_path: Path) -> None:
    stray = "".join(f"e.jpg.1#{k}\tpeople waiting\n" for k in range(5))
    corpus = read(write(tmp_path, stray + TOKENS))
    assert [image.id for image in corpus.images] == ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]
    assert corpus.notes[0] == "5 captions of names that end in .jpg.1 dropped"


def test_windows_line_ends_change_nothing(tmp_path: Path) -> None:
    unix = facts(read(write(tmp_path)))
    assert facts(read(write(tmp_path, "\ufeff" + TOKENS.replace("\n", "\r\n")))) == unix


@pytest.mark.parametrize("place", ["images", "Flicker8k_Dataset", "flickr30k-images", "."])
def test_where_the_pictures_lie(tmp_path: Path, place: str) -> None:
    (tmp_path / place).mkdir(exist_ok=True)
    assert read(write(tmp_path)).images[0].place == tmp_path / place / "a.jpg"


def test_the_lemma_file_of_the_published_archive_is_not_a_second_token_file(tmp_path: Path) -> None:
    write(write(tmp_path), "a.jpg#0\ta cat sit .\n", "My.lemma.token.txt")
    assert facts(read(tmp_path))[0][2] == ["A cat\u2028sits ."]


def test_two_token_files_are_refused_by_name(tmp_path: Path) -> None:
    write(write(tmp_path), TOKENS, "Other.token")
    with pytest.raises(
        InputError, match="exactly one token file, found My.token.txt, Other.token;"
    ):
        read(tmp_path)


def test_a_missing_list_is_no_flickr_corpus(tmp_path: Path) -> None:
    write(tmp_path)
    assert recognises(tmp_path)
    (tmp_path / "My.devImages.txt").unlink()
    assert not recognises(tmp_path)
    with pytest.raises(InputError, match=r"needs a \*.token or \*.token.txt"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        ("a.jpg#0 no tab", r"My.token.txt:1: not 'name#k<TAB>caption'"),
        ("a.jpg#0\tx\n\na.jpg\tx", "My.token.txt:3: not 'name#k"),
        ("a.jpg#one\tx", "My.token.txt:1: not 'name#k"),
        ("../a.jpg#0\tx", "My.token.txt:1: picture '../a.jpg'"),
        ("#0\tx", "My.token.txt:1: picture ''"),
        ("a.jpg#0\tx\na.jpg#0\ty", "two captions have the id 'a.jpg#0'"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, tokens: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(write(tmp_path, tokens))


def test_bytes_that_are_not_utf8_are_named_by_line(tmp_path: Path) -> None:
    (write(tmp_path) / "My.token.txt").write_bytes(b"a.jpg#0\tx\na.jpg#1\t\xed\xa0\xbd\n")
    with pytest.raises(InputError, match="My.token.txt:2: not UTF-8"):
        read(tmp_path)


def test_a_name_in_two_lists_is_refused(tmp_path: Path) -> None:
    (write(tmp_path) / "My.testImages.txt").write_text("d.jpg\na.jpg\n")
    with pytest.raises(InputError, match=r"testImages.txt:2: 'a.jpg' is also .*trainImages"):
        read(tmp_path)


@pytest.mark.real
def test_flickr8k_has_its_published_counts() -> None:
    folder = DATA / "flickr8k"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there: set TENCROP_DATA")
    corpus = read(folder)
    assert len(corpus.images) == 8091
    assert len(corpus.captions) == 40460 - 5
    assert {image.place.is_file() for image in corpus.images} == {True}
    sizes = {name: corpus.split(name) for name in ("train", "val", "test", "extra")}
    assert [len(part.images) for part in sizes.values()] == [6000, 1000, 1000, 91]
    assert [len(part.captions) for part in sizes.values()] == [30000, 5000, 5000, 455]
    assert corpus.notes[0].startswith("5 captions")
