"""VSE++'s and SCAN's layouts: which row has which captions, and which counts do not fit."""

from pathlib import Path

import numpy as np
import pytest

from core.corpora import explain, read_corpus
from core.errors import InputError
from core.matrices import Row
from core.records import Corpus
from tests.stored import drawn


def told(corpus: Corpus) -> dict[str, tuple[int, list[str]]]:
    """Id -> its row, and its captions."""
    texts: dict[str, list[str]] = {image.id: [] for image in corpus.images}
    for caption, owner in zip(corpus.captions, corpus.owner, strict=True):
        texts[corpus.images[owner].id].append(caption.text)
    rows = {i.id: i.place.row for i in corpus.images if isinstance(i.place, Row)}
    return {name: (rows[name], texts[name]) for name in texts}


def lines(folder: Path, name: str) -> list[str]:
    return (folder / f"{name}_caps.txt").read_text().splitlines()


@pytest.mark.parametrize("shape", [(8,), (3, 8)])
def test_five_captions_a_row(tmp_path: Path, shape: tuple[int, ...]) -> None:
    drawn(tmp_path, "train", 12, shape=shape)
    drawn(tmp_path, "dev", 3, shape=shape)
    corpus = read_corpus(tmp_path)
    assert explain(tmp_path).formats == ("precomputed",)
    assert corpus.stored
    assert corpus.notes == ()
    assert {i.split for i in corpus.images} == {"train", "val"}
    texts = lines(tmp_path, "train")
    assert told(corpus.split("train")) == {
        f"train/{n:06}": (n, texts[5 * n : 5 * n + 5]) for n in range(12)
    }
    assert corpus.captions[-1].id == "val/000002#4"


def test_one_caption_a_row(tmp_path: Path) -> None:
    drawn(tmp_path, "test", 10, each=1)
    texts = lines(tmp_path, "test")
    assert told(read_corpus(tmp_path)) == {f"test/{n:06}": (n, [texts[n]]) for n in range(10)}


def test_rows_that_are_there_five_times_are_one_picture(tmp_path: Path) -> None:
    values = drawn(tmp_path, "train", 6)
    np.save(tmp_path / "train_ims.npy", np.repeat(values, 5, axis=0))
    corpus = read_corpus(tmp_path)
    texts = lines(tmp_path, "train")
    assert told(corpus) == {f"train/{n:06}": (5 * n, texts[5 * n : 5 * n + 5]) for n in range(6)}
    assert corpus.notes == ("train_ims.npy has each picture 5 times, which is one picture",)


def test_fives_with_an_odd_row_are_refused(tmp_path: Path) -> None:
    values = np.repeat(drawn(tmp_path, "train", 6), 5, axis=0)
    values[17, 0] += 1
    np.save(tmp_path / "train_ims.npy", values)
    with pytest.raises(InputError, match=r"repeats its pictures 5 times, but row 17 is not"):
        read_corpus(tmp_path)


def test_a_nan_that_is_there_five_times_is_one_picture(tmp_path: Path) -> None:
    values = np.repeat(drawn(tmp_path, "train", 6), 5, axis=0)
    values[5:10, 0] = np.nan
    np.save(tmp_path / "train_ims.npy", values)
    assert len(read_corpus(tmp_path).images) == 6


@pytest.mark.parametrize("captions", [0, 1, 9, 11, 49, 51])
def test_counts_that_do_not_fit_are_named_with_their_files(tmp_path: Path, captions: int) -> None:
    drawn(tmp_path, "train", 10)
    (tmp_path / "train_caps.txt").write_text("a dog\n" * captions)
    with pytest.raises(InputError) as caught:
        read_corpus(tmp_path)
    assert f"{tmp_path / 'train_ims.npy'} has 10 rows" in str(caught.value)
    assert f"{tmp_path / 'train_caps.txt'} has {captions} captions" in str(caught.value)


@pytest.mark.parametrize("ending", ["\n", ""])
def test_an_empty_caption_keeps_its_place(tmp_path: Path, ending: str) -> None:
    drawn(tmp_path, "test", 3, each=1)
    (tmp_path / "test_caps.txt").write_text(f"a dog\r\n\r\na cat\x0con a\u2028mat{ending}")
    corpus = read_corpus(tmp_path)
    texts = [each for _, each in told(corpus).values()]
    assert texts == [["a dog"], [], ["a cat\x0con a\u2028mat"]]
    assert corpus.notes == ("1 empty caption dropped",)
    assert corpus.left_out == ("test/000001#0: empty",)


def test_captions_that_are_no_utf_8_are_named_with_their_line(tmp_path: Path) -> None:
    drawn(tmp_path, "test", 2, each=1)
    (tmp_path / "test_caps.txt").write_bytes(b"a dog\na caf\xe9\n")
    with pytest.raises(InputError, match="test_caps.txt:2: not UTF-8 text"):
        read_corpus(tmp_path)


@pytest.mark.parametrize("each", [1, 5])
def test_ids_a_picture_or_a_caption(tmp_path: Path, each: int) -> None:
    drawn(tmp_path, "test", 3)
    names = ["391895", "60623", "7"]
    text = "".join(f"{name}\n" * each for name in names)
    (tmp_path / "test_ids.txt").write_text(text)
    found = told(read_corpus(tmp_path))
    assert {name: row for name, (row, _) in found.items()} == {
        "test/391895": 0,
        "test/60623": 1,
        "test/7": 2,
    }
    assert found["test/7"][1] == lines(tmp_path, "test")[10:]


@pytest.mark.parametrize(
    ("ids", "told"),
    [
        ("1\n2\n", r"test_ims.npy has 3 rows and .*test_ids.txt has 2 ids"),
        ("1\n2\n1\n", "test_ids.txt does not tell one id a picture"),
        ("1\n\n3\n", "line 2 of .*test_ids.txt does not tell"),
        ("1\n" * 5 + "2\n" * 4 + "3\n" * 6, "line 10 of .*test_ids.txt does not tell"),
    ],
)
def test_ids_that_do_not_fit(tmp_path: Path, ids: str, told: str) -> None:
    drawn(tmp_path, "test", 3)
    (tmp_path / "test_ids.txt").write_text(ids)
    with pytest.raises(InputError, match=told):
        read_corpus(tmp_path)


def test_testall_is_a_split_of_its_own(tmp_path: Path) -> None:
    drawn(tmp_path, "test", 2)
    drawn(tmp_path, "testall", 10)
    assert len(read_corpus(tmp_path).split("testall").images) == 10


def test_a_matrix_of_no_split_is_left_out_and_said(tmp_path: Path) -> None:
    drawn(tmp_path, "test", 2)
    drawn(tmp_path, "backup", 3)
    corpus = read_corpus(tmp_path)
    assert len(corpus.images) == 2
    assert corpus.notes == ("backup_ims.npy is left out: no split is called so",)


@pytest.mark.parametrize(("gone", "there"), [("ims.npy", "caps.txt"), ("caps.txt", "ims.npy")])
def test_half_of_a_split_is_refused(tmp_path: Path, gone: str, there: str) -> None:
    drawn(tmp_path, "train", 2)
    drawn(tmp_path, "dev", 2)
    (tmp_path / f"dev_{gone}").unlink()
    with pytest.raises(InputError, match=f"dev_{there} is there and dev_{gone} is not; put it"):
        read_corpus(tmp_path)


def test_two_validation_splits_are_refused(tmp_path: Path) -> None:
    drawn(tmp_path, "dev", 2)
    drawn(tmp_path, "val", 2)
    with pytest.raises(InputError, match=r"dev_ims.npy and val_ims.npy are both the split 'val'"):
        read_corpus(tmp_path)


def test_vectors_of_two_widths_are_refused(tmp_path: Path) -> None:
    drawn(tmp_path, "train", 2)
    drawn(tmp_path, "dev", 2, shape=(9,))
    with pytest.raises(InputError, match=r"dev_ims.npy has vectors of shape \(9,\) and .*train"):
        read_corpus(tmp_path)


def test_a_split_of_its_items_is_no_picture(tmp_path: Path) -> None:
    drawn(tmp_path, "test", 2)
    first = read_corpus(tmp_path).images[0]
    with pytest.raises(InputError, match=r"'test/000000' is no picture but a vector.*cache import"):
        _ = first.picture
