"""Pairs of stored vectors with labels: how they are named, joined, split, and refused."""

from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from scipy.io import savemat

from core.corpora import read_corpus
from core.corpora._slots import slot_of
from core.errors import InputError
from core.matrices import Row, open_matrix
from core.records import Corpus
from tests.pairs import MANY, drawn, folder

NAMED = {
    "pascal": ("train_img", "train_txt", "train_img_lab"),
    "wikipedia": ("train_imgs_deep", "train_texts_doc", "train_imgs_labels"),
    "nus": ("img_train", "txt_train", "train_labs"),
    "inria": ("tr_img", "tr_txt", "tr_img_lab"),
    "xmedia": ("I_tr_CNN", "T_tr_BOW", "trImgCat"),
}


def values(corpus: Corpus, split: str) -> dict[str, Any]:
    """Both sides and the labels, in the order of the rows, by reading each place."""
    found: dict[str, Any] = {"images": [], "texts": [], "labels": []}
    for caption, owner in zip(corpus.captions, corpus.owner, strict=True):
        image = corpus.images[owner]
        if image.split == split:
            for name, place in (("images", image.place), ("texts", caption.place)):
                assert isinstance(place, Row)
                found[name].append(open_matrix(place.file, place.variable)[place.row])
            found["labels"].append(image.labels)
    return found


def test_rows_and_labels_are_joined(tmp_path: Path) -> None:
    corpus = read_corpus(folder(tmp_path / "data"))
    assert Counter(image.split for image in corpus.images) == MANY
    assert corpus.notes == ()
    for split in MANY:
        there, found = drawn(split), values(corpus, split)
        for side in ("images", "texts"):
            assert np.array_equal(found[side], there[side])
        assert found["labels"] == [(str(label),) for label in there["labels"]]
    assert corpus.images[0].id == "test/000000"
    assert corpus.captions[0].id == corpus.captions[0].text == "test/000000#0"


@pytest.mark.parametrize("names", NAMED.values(), ids=NAMED)
@pytest.mark.parametrize("kind", ["v5", "hdf5", "a file each"])
def test_what_others_call_them_is_known(
    tmp_path: Path, names: tuple[str, str, str], kind: str
) -> None:
    there = {name: drawn("train")[side] for name, side in zip(names, drawn("train"), strict=True)}
    if kind == "v5":
        savemat(tmp_path / "a.mat", {**there, "A_tr": np.ones((2, 2))})
    elif kind == "hdf5":
        with h5py.File(tmp_path / "a.h5py", "w") as file:
            for name, each in {**there, "A_tr": np.ones((2, 2))}.items():
                file[name] = each
    else:
        for name, each in there.items():
            savemat(tmp_path / f"{name}.mat", {name: each})
    corpus = read_corpus(tmp_path)
    told = [note for note in corpus.notes if note.startswith("A_tr of")]
    assert len(told) == (kind != "a file each")
    found = values(corpus, "train")
    held = values(corpus, "val")
    both = [*found["texts"], *held["texts"]]
    assert sorted(map(tuple, both)) == sorted(map(tuple, drawn("train")["texts"]))
    assert {label for labels in found["labels"] for label in labels} == {"0", "1", "2"}


def test_a_name_with_a_word_that_is_not_known_is_none() -> None:
    assert [slot_of(name) for name in ("A_tr", "d3_te", "train_ims", "mean_images")] == [None] * 4


def test_labels_of_all_splits_in_one_matrix_are_in_their_order(tmp_path: Path) -> None:
    labels = np.concatenate([drawn(split)["labels"] for split in MANY])
    data = folder(tmp_path / "a", **{f"{split}_labels": None for split in MANY}, I_labs=labels)
    assert read_corpus(data).images == _moved(read_corpus(folder(tmp_path / "b")), data)


def _moved(corpus: Corpus, data: Path) -> tuple[Any, ...]:
    from dataclasses import replace

    return tuple(
        replace(image, place=replace(image.place, file=data / image.place.file.name))
        for image in corpus.images
    )


def test_several_labels_an_item_and_none_and_their_names(tmp_path: Path) -> None:
    there = np.eye(3)[drawn("train")["labels"]]
    there[0], there[1], there[2] = (1, 0, 1), 0, np.nan
    data = folder(tmp_path / "data", "train", train_labels=there)
    (data / "classes.txt").write_text("cat\ndog\nold man\n")
    corpus = read_corpus(data)
    labels = {image.id: image.labels for image in corpus.images}
    first = [labels[f"train/{number:06}"] for number in range(4)]
    assert first == [("cat", "old man"), (), (), ("cat",)]


@pytest.mark.parametrize(("none", "dtype"), [(-1, "f8"), (np.nan, "f8"), (np.nan, "f2")])
def test_numbers_count_from_1_where_none_is_0(tmp_path: Path, none: float, dtype: str) -> None:
    there = (drawn("train")["labels"] + 1).astype(dtype)
    there[5] = none
    data = folder(tmp_path / "data", "train", train_labels=there[:, None])
    (data / "classes.txt").write_text("cat\ndog\nman\n")
    labels = {image.id: image.labels for image in read_corpus(data).images}
    assert labels["train/000000"] == ("cat",)
    assert labels["train/000005"] == ()


def test_a_validation_split_is_made_of_train_alone_by_the_ids(tmp_path: Path) -> None:
    corpus = _made(tmp_path / "data", "train", "test")
    number = {n: int(sha256(f"train/{n:06}".encode()).hexdigest()[:16], 16) for n in range(40)}
    wanted = {f"train/{n:06}" for n in number if number[n] % 10 == 8}
    assert {image.id for image in corpus.images if image.split == "val"} == wanted != set()
    assert sum(image.split == "test" for image in corpus.images) == MANY["test"]
    assert "there is no validation split: it is made of 1 item of 'train'" in corpus.notes[0]


def test_a_class_keeps_a_sample_in_train(tmp_path: Path) -> None:
    wanted = [image.id for image in _made(tmp_path / "a", "train").images if image.split == "val"]
    alone = int(wanted[0].removeprefix("train/"))
    labels = drawn("train")["labels"].copy()
    labels[alone] = 9
    split = {i.id: i.split for i in _made(tmp_path / "b", "train", train_labels=labels).images}
    assert split[wanted[0]] == "train"
    assert all(split[other] == "val" for other in wanted[1:])


def _made(path: Path, *splits: str, **changed: Any) -> Corpus:
    return read_corpus(folder(path, *splits, **changed))


def test_an_image_that_stands_in_two_splits_is_not_trained_on(tmp_path: Path) -> None:
    train, val = drawn("train")["images"].copy(), drawn("val")["images"].copy()
    train[4], val[2] = drawn("test")["images"][7], drawn("test")["images"][8]
    train[6] = val[3]
    corpus = _made(tmp_path / "data", train_images=train, val_images=val)
    assert [image.id for image in corpus.images if image.split == "extra"] == [
        *("train/000004", "train/000006", "val/000002")
    ]
    assert "the images of 3 items are in a later split too" in corpus.notes[0]
    assert len(corpus.left_out) == 3


def test_a_class_of_items_that_nobody_uses_is_not_asked_for(tmp_path: Path) -> None:
    train = {side: values.copy() for side, values in drawn("train").items()}
    train["images"][4], train["labels"][4] = drawn("test")["images"][7], 9
    corpus = _made(tmp_path / "data", **{f"train_{side}": each for side, each in train.items()})
    assert [image.labels for image in corpus.images if image.split == "extra"] == [("9",)]


def test_images_that_only_begin_alike_are_two(tmp_path: Path) -> None:
    wide = {split: np.zeros((many, 2, 90), "f4") for split, many in MANY.items()}
    for first, each in enumerate(wide.values()):
        each[:, 1, -1] = 100 * first + np.arange(len(each))
    wide["train"][3, 1, -1], wide["train"][5] = wide["test"][2, 1, -1], np.nan
    wide["train"][6, 0, 0] = np.nan  # one number is damage, not a side that is missing
    corpus = _made(tmp_path / "data", **{f"{s}_images": each for s, each in wide.items()})
    assert [image.id for image in corpus.images if image.split == "extra"] == ["train/000003"]
    assert [each.partition(":")[0] for each in corpus.left_out] == ["train/000005", "train/000003"]


def test_an_image_that_stands_twice_in_train_is_not_held_back(tmp_path: Path) -> None:
    held = [image.id for image in _made(tmp_path / "a", "train").images if image.split == "val"]
    rows = [int(name.removeprefix("train/")) for name in held]
    there = drawn("train")["images"].copy()
    there[0 if rows[0] else 1] = there[rows[0]]
    corpus = _made(tmp_path / "b", "train", train_images=there)
    assert [image.id for image in corpus.images if image.split == "val"] == held[1:]


def test_an_item_of_one_side_is_left_out_by_name(tmp_path: Path) -> None:
    images, texts = drawn("train")["images"].copy(), drawn("train")["texts"].copy()
    images[3], texts[[5, 6]] = np.nan, np.nan
    texts[7, 0] = np.nan  # one number is damage, not a side that is missing: the import refuses it
    corpus = _made(tmp_path / "data", train_images=images, train_texts=texts)
    assert len(corpus.images) == sum(MANY.values()) - 3
    assert "3 items without an image or a text left out" in corpus.notes[0]
    assert [each.partition(":")[0] for each in corpus.left_out] == [
        f"train/{number:06}" for number in (3, 5, 6)
    ]


def test_without_splits_the_hash_tells_them(tmp_path: Path) -> None:
    there = drawn("train")
    (tmp_path / "data").mkdir()
    for name, each in there.items():
        np.save(tmp_path / "data" / f"{name}.npy", each)
    assert {image.split for image in read_corpus(tmp_path / "data").images} == set(MANY)


BIG = np.arange(40) % 3
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "counts": (
        {"train_texts": np.ones((39, 4), "f4")},
        r"train_images.npy has 40 rows and .*train_texts.npy has 39; row n of both",
    ),
    "turned": (
        {"train_texts": np.ones((4, 40), "f4")},
        r"train_images.npy has 40 rows and .*train_texts.npy has 4; one looks turned",
    ),
    "both turned": (
        {"train_texts": np.ones((4, 40), "f4"), "train_images": np.ones((6, 40), "f4")},
        r"train_images.npy has 6 rows and .*train_texts.npy has 4; one looks turned",
    ),
    "width": (
        {"val_images": np.ones((12, 5), "f4")},
        r"train_images.npy has vectors of shape \(6,\) and .*val_images.npy of \(5,\)",
    ),
    "labels": (
        {"train_labels": BIG[:39]},
        r"train_labels.npy has the shape \(39,\), and there are 40 items",
    ),
    "labels turned": (
        {"train_labels": np.eye(3)[:, BIG]},
        r"train_labels.npy has the shape \(3, 40\), and there are 40 items; save .*\.T",
    ),
    "half a label": (
        {"train_labels": BIG + 0.5},
        r"train_labels.npy \(row 0\) is 0.5, and labels are whole numbers",
    ),
    "no 0 and 1": (
        {"train_labels": 2 * np.eye(3)[BIG]},
        r"train_labels.npy \(row 0\) holds other numbers than 0 and 1",
    ),
    "two kinds": (
        {"train_labels": np.eye(3)[BIG]},
        r"train_labels.npy has \(40, 3\) and .*val_labels.npy has \(12,\)",
    ),
    "objects": (
        {"train_labels": np.array([{}] * 40, dtype=object)},
        r"train_labels.npy holds pickled Python objects",
    ),
    "object vectors": (
        {"train_texts": np.array([{}] * 40, dtype=object)},
        r"train_texts.npy holds pickled Python objects",
    ),
    "text is missing": (
        {"train_texts": None},
        r"train_images.npy is there, and no matrix of the texts .* called train_texts",
    ),
    "images are missing": ({"val_images": None}, r"val_texts.npy is there, .* called val_images"),
    "a class in test alone": (
        {"test_labels": np.full(15, 7)},
        r"the class '7' of 'test/000000' \(test\) has no sample in 'train'",
    ),
    "twice": ({"tr_img": np.ones((40, 6), "f4")}, r"are both the train image vectors; keep one"),
    "labels of all and of one": (
        {"labels": BIG},
        r"labels.npy tells no split and so is of all, and .*test_labels.npy is of one",
    ),
    "labels of all do not fit": (
        {"labels": BIG, **dict.fromkeys(f"{split}_labels" for split in MANY)},
        r"labels.npy has the shape \(40,\), and there are 67 items",
    ),
    "labels of no vectors": (
        {"test_images": None, "test_texts": None},
        "test_labels.npy is of the split 'test', of which there are no vectors",
    ),
    "labels differ": (
        {"train_labels": None, "train_img_lab": BIG, "train_txt_lab": BIG[::-1]},
        r"train_img_lab.npy and .*train_txt_lab.npy differ",
    ),
    "regions of texts": (
        {"train_texts": np.ones((40, 2, 4), "f4")},
        r"train_texts.npy has the shape \(40, 2, 4\), and vectors of texts are .* save",
    ),
    "complex numbers": (
        {"train_images": np.ones((40, 6), "c8")},
        r"train_images.npy holds complex64, which are no numbers",
    ),
}


@pytest.mark.parametrize(("changed", "told"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_refused_in_one_line(
    tmp_path: Path, changed: dict[str, Any], told: str
) -> None:
    data = folder(tmp_path / "data", **changed)
    with pytest.raises(InputError, match=told) as caught:
        read_corpus(data, "vectors")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["train_idx.npy", "test.txt"])
def test_lists_of_rows_are_refused_and_no_split_is_made_in_their_place(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "data").mkdir()
    for side, each in drawn("train").items():
        np.save(tmp_path / "data" / f"{side}.npy", each)
    if name.endswith(".npy"):
        np.save(tmp_path / "data" / name, np.arange(30))
    else:
        (tmp_path / "data" / name).write_text("3\n4\n")
    with pytest.raises(
        InputError, match=rf"{name} is called by a split, and no vectors are; lists"
    ):
        read_corpus(tmp_path / "data")


def test_labels_in_a_file_that_is_not_read_are_refused(tmp_path: Path) -> None:
    data = folder(tmp_path / "data", train_labels=None)
    (data / "train_labels.txt").write_text("cat\n" * 40)
    with pytest.raises(InputError, match=r"train_labels.txt is not read, .*train_labels\.npy, and"):
        read_corpus(data)
    np.save(data / "train_labels.npy", drawn("train")["labels"])
    assert all(image.labels for image in read_corpus(data).images)


def test_names_that_tell_nothing_are_listed(tmp_path: Path) -> None:
    savemat(tmp_path / "a.mat", {"X": np.ones((9, 2)), "data": {"images": np.ones((9, 2))}})
    with pytest.raises(
        InputError, match=r"no name there tells .*: X, data \(a struct\); say which"
    ):
        read_corpus(tmp_path)


def test_whether_labels_count_from_0_or_from_1_is_not_guessed(tmp_path: Path) -> None:
    there = {f"{split}_labels": drawn(split)["labels"] + 1 for split in MANY}
    data = folder(tmp_path / "data", **there)
    (data / "classes.txt").write_text("none\ncat\ndog\nman\n")
    with pytest.raises(InputError, match=r"labels are from 1 to 3, and .*classes.txt names 4 cl"):
        read_corpus(data)


def test_more_labels_than_names_are_refused(tmp_path: Path) -> None:
    data = folder(tmp_path / "data")
    (data / "classes.txt").write_text("cat\ndog\n")
    with pytest.raises(InputError, match=r"has the label 2 and .*classes.txt names 2 classes"):
        read_corpus(data)
    folder(data, **{f"{s}_labels": np.eye(3)[drawn(s)["labels"]] for s in MANY})
    with pytest.raises(InputError, match=r"has 3 columns and .*classes.txt names 2 classes"):
        read_corpus(data)


def test_cells_of_matlab_are_refused_by_name(tmp_path: Path) -> None:
    cells = np.empty((1, 2), dtype=object)
    cells[0, 0], cells[0, 1] = drawn("train")["images"], drawn("train")["texts"]
    savemat(tmp_path / "a.mat", {"train_images": cells})
    with pytest.raises(InputError, match=r"train_images of .*a.mat is a cell, and no matrix"):
        read_corpus(tmp_path)


def test_a_table_says_which_matrix_is_what(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    names = {"Xtr": "images", "Ytr": "texts", "mean": "labels"}
    for name, side in names.items():
        np.save(tmp_path / "data" / f"{name}.npy", drawn("train")[side])
    table = tmp_path / "data" / "matrices.txt"
    table.write_text("".join(f"{name} train_{side}\n" for name, side in names.items()))
    corpus = read_corpus(tmp_path / "data")
    assert {image.labels for image in corpus.images} == {("0",), ("1",), ("2",)}
    for text, told in (
        ("Xtr train images\n", "line 1 of .*matrices.txt must be two names"),
        ("Xtr train_pictures\n", "line 1 of .*: 'train_pictures' tells of no images"),
        ("Xtr train_img\nXtr val_img\n", "line 2 of .* names 'Xtr' a second time"),
        ("Xte test_img\n", "names 'Xte', and the matrices there are Xtr, Ytr, mean; mend"),
    ):
        table.write_text(text)
        with pytest.raises(InputError, match=told):
            read_corpus(tmp_path / "data")


def test_ids_are_told_a_line_an_item(tmp_path: Path) -> None:
    data = folder(tmp_path / "data", "train")
    (data / "train_ids.txt").write_text("".join(f"p{n}\n" for n in range(40)))
    assert {image.id for image in read_corpus(data).images} == {f"train/p{n}" for n in range(40)}
    (data / "train_ids.txt").write_text("p\n" * 40)
    with pytest.raises(InputError, match="train_ids.txt has 40 lines and its split 40 items"):
        read_corpus(data)
