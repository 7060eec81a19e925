"""Corpora in the folders that their archives leave, and what is said where they are not."""

import json
from pathlib import Path

import pytest

from core.corpora import explain, read_corpus
from core.errors import InputError
from core.records import Corpus
from tests.layouts import layout

NAMES = ("a.jpg", "b.jpg", "c.jpg")
TEXTS = {
    "Flickr8k.token.txt": "".join(f"{name}#{k}\tA dog .\n" for name in NAMES for k in (0, 1)),
    "Flickr8k.lemma.token.txt": "a.jpg#0\ta dog .\n",
    "Flickr_8k.trainImages.txt": "a.jpg\n",
    "Flickr_8k.devImages.txt": "b.jpg\n",
    "Flickr_8k.testImages.txt": "c.jpg\n",
    "CrowdFlowerAnnotations.txt": "x",
    "readme.txt": "x",
}
RESULTS = (
    "image_name| comment_number| comment\n"
    "a.jpg| 0| A dog | a brown one .\n"
    "a.jpg| 1   A dog runs across the grass .\n"
    'b.jpg| 0| A "big" cat .\n'
    "b.jpg| 3| A cat .\n"
)
KARPATHY = {
    "dataset_flickr8k.json": json.dumps(
        {
            "images": [
                {"filename": name, "split": split, "sentences": [{"raw": "A dog"}]}
                for name, split in zip(NAMES, ("train", "val", "test"), strict=True)
            ]
        }
    )
}


def within(folder: str, files: dict[str, str]) -> dict[str, str]:
    return {f"{folder}/{name}": text for name, text in files.items()}


def pictures(folder: str) -> dict[str, str]:
    return within(folder, dict.fromkeys(NAMES, ""))


def places(corpus: Corpus) -> set[Path]:
    assert all(isinstance(each.place, Path) and each.place.is_file() for each in corpus.images)
    return {each.place.parent.resolve() for each in corpus.images if isinstance(each.place, Path)}


RELEASED = [
    ("Flicker8k_Dataset", "Flickr8k_text"),
    ("Flickr8k_Dataset/Flicker8k_Dataset", "Flickr8k_text"),
    ("Flickr8k_Dataset/Flicker8k_Dataset", "Flickr8k_text/Flickr8k_text"),
]


@pytest.mark.parametrize(("inner", "texts"), RELEASED)
def test_flickr8k_as_released_is_read_from_both_folders_or_from_the_texts(tmp_path, inner, texts):
    layout(tmp_path / "x", pictures(inner) | within(texts, TEXTS))
    typed = {tmp_path / "x", tmp_path / "x" / texts, tmp_path / "x" / texts.partition("/")[0]}
    for path in typed:
        assert explain(path).formats == ("flickr_tokens",)
        corpus = read_corpus(path)
        assert [image.split for image in corpus.images] == ["train", "val", "test"]
        assert len(corpus.captions) == 6
        assert places(corpus) == {tmp_path / "x" / inner}


@pytest.mark.parametrize(("inner", "texts"), RELEASED)
def test_of_the_pictures_of_flickr8k_the_way_to_the_captions_is_said(tmp_path, inner, texts):
    layout(tmp_path / "x", pictures(inner) | within(texts, TEXTS))
    for path in {tmp_path / "x" / inner, tmp_path / "x" / inner.partition("/")[0]}:
        assert explain(path).formats == ()
        with pytest.raises(InputError, match=f"folder above: type {tmp_path / 'x'}; or .*--format"):
            read_corpus(path)
        assert len(read_corpus(path, "pictures").images) == 3


def test_what_lies_in_the_folder_itself_comes_before_the_texts_in_it(tmp_path):
    layout(tmp_path, pictures("images") | within("Flickr8k_text", TEXTS))
    assert read_corpus(tmp_path).images[1].split == "val"
    layout(tmp_path, KARPATHY)
    assert explain(tmp_path).formats == ("karpathy_json",)


def test_texts_that_miss_a_list_are_told_so_where_they_lie(tmp_path):
    layout(tmp_path, pictures("Flicker8k_Dataset") | within("Flickr8k_text", TEXTS))
    (tmp_path / "Flickr8k_text" / "Flickr_8k.devImages.txt").unlink()
    with pytest.raises(
        InputError, match=r"Flickr8k_text/Flickr8k.token.txt needs the list \*dev.* beside it: put"
    ):
        read_corpus(tmp_path)


def test_texts_without_pictures_anywhere_stay_a_corpus(tmp_path):
    corpus = read_corpus(layout(tmp_path / "Flickr8k_text", TEXTS))
    assert [image.place.exists() for image in corpus.images] == [False] * 3
    assert corpus.notes == ()


KAGGLE = {
    "beside": ("flickr30k_images/flickr30k_images", "flickr30k_images/results.csv"),
    "inside": (
        "flickr30k_images/flickr30k_images",
        "flickr30k_images/flickr30k_images/results.csv",
    ),
    "above": ("flickr30k_images/flickr30k_images", "results.csv"),
    "flat": ("flickr30k_images", "results.csv"),
    "renamed": ("images", "results.csv"),
}


@pytest.mark.parametrize("case", KAGGLE)
def test_kaggles_flickr30k_is_read_or_says_where_it_can_be(tmp_path, case):
    inner, table = KAGGLE[case]
    layout(tmp_path / "x", pictures(inner) | {table: RESULTS})
    holders = [tmp_path / "x" / each for each in ("", inner.partition("/")[0], inner)]
    reading = [path for path in holders if (tmp_path / "x" / table).is_relative_to(path)]
    for path in reading:
        assert explain(path).formats == ("flickr_results",)
        corpus = read_corpus(path)
        assert places(corpus) == {tmp_path / "x" / inner}
        assert [(caption.id, caption.text) for caption in corpus.captions] == [
            ("a.jpg#0", "A dog | a brown one ."),
            ("b.jpg#0", 'A "big" cat .'),
            ("b.jpg#3", "A cat ."),
        ]
        assert len(corpus.left_out) == 1
        assert corpus.left_out[0].startswith("results.csv:3: 'a.jpg| 1   A dog")
        assert corpus.notes[-2].startswith("1 row of results.csv left out, first results.csv:3")
        assert corpus.notes[-1] == "1 picture is in no row of results.csv"
    for path in {*holders} - {*reading}:
        assert f"type {reading[-1]};" in explain(path).advice


def test_results_of_another_kind_are_refused_with_three_ways(tmp_path):
    layout(tmp_path, pictures("images") | {"results.csv": "image,caption\na.jpg,A dog\n"})
    with pytest.raises(InputError, match=r"results.csv:1: the first line is 'image,caption', .*so"):
        read_corpus(tmp_path)
    assert len(read_corpus(tmp_path, "pictures").images) == 3
    (tmp_path / "results.csv").rename(tmp_path / "captions.csv")
    assert len(read_corpus(tmp_path).captions) == 1


def test_results_elsewhere_or_without_pictures_are_no_corpus(tmp_path):
    layout(tmp_path, pictures("dog") | pictures("cat") | {"exp/results.csv": RESULTS})
    assert explain(tmp_path).formats == ()
    assert explain(layout(tmp_path / "y", {"results.csv": RESULTS})).formats == ()
    assert explain(layout(tmp_path / "z", pictures(".") | {"my_results.csv": "x"})).formats == ()


def test_the_splits_of_kaggles_flickr30k_are_those_of_a_plain_folder(tmp_path):
    names = [f"{n}.jpg" for n in range(30)]
    empty = dict.fromkeys(names, "")
    bars = "image_name|comment_number|comment\n" + "".join(f"{name}|0|x\n" for name in names)
    commas = "image,caption\n" + "".join(f"{name},x\n" for name in names)
    first = read_corpus(layout(tmp_path / "r", within("images", empty) | {"results.csv": bars}))
    second = read_corpus(layout(tmp_path / "f", within("images", empty) | {"captions.csv": commas}))
    assert [(i.id, i.split) for i in first.images] == [(i.id, i.split) for i in second.images]
    assert first.captions == second.captions


@pytest.mark.parametrize("table", ["results_20130124.token", "results.csv"])
def test_flickr30k_without_lists_is_split_by_hash_and_that_is_said(tmp_path, table):
    names = [f"{n}.jpg" for n in range(30)]
    bars = "image_name|comment_number|comment\n" + "".join(f"{name}|0|x\n" for name in names)
    rows = bars if table == "results.csv" else "".join(f"{name}#0\tx\n" for name in names)
    commas = "image,caption\n" + "".join(f"{name},x\n" for name in names)
    empty = dict.fromkeys(names, "")
    released = within("flickr30k-images", empty) | {table: rows, "readme.txt": "x"}
    first = read_corpus(layout(tmp_path / "r", released))
    second = read_corpus(layout(tmp_path / "f", within("images", empty) | {"captions.csv": commas}))
    assert [(i.id, i.split) for i in first.images] == [(i.id, i.split) for i in second.images]
    assert [caption.text for caption in first.captions] == ["x"] * 30
    assert places(first) == {tmp_path / "r" / "flickr30k-images"}
    told = next(note for note in first.notes if "not Karpathy's" in note)
    assert "dataset_flickr30k.json" in told
    assert all(".token" not in note for note in second.notes)


def test_flickr30ks_tokens_with_lists_are_split_by_these(tmp_path):
    lists = {name: text for name, text in TEXTS.items() if name.endswith("Images.txt")}
    files = lists | {"results_20130124.token": "".join(f"{name}#0\tx\n" for name in NAMES)}
    corpus = read_corpus(layout(tmp_path, files | pictures("flickr30k-images")))
    assert [image.split for image in corpus.images] == ["train", "val", "test"]
    assert corpus.notes == ()
    (tmp_path / "Flickr_8k.testImages.txt").unlink()
    assert explain(tmp_path).formats == ()
    assert (
        "results_20130124.token needs the list *testImages.txt beside it"
        in explain(tmp_path).advice
    )


def test_two_tables_of_one_name_are_named_with_their_folders(tmp_path):
    tables = {"results.csv": RESULTS, "flickr30k_images/results.csv": RESULTS}
    layout(tmp_path, tables | pictures("flickr30k_images"))
    with pytest.raises(InputError, match="found flickr30k_images/results.csv, results.csv; keep"):
        read_corpus(tmp_path)


@pytest.mark.parametrize("inner", ["Flicker8k_Dataset", "deep/er"])
def test_karpathys_splits_find_the_one_folder_of_their_pictures(tmp_path, inner):
    layout(tmp_path, KARPATHY | pictures(inner) | {"others/z.jpg": ""})
    for path in (tmp_path, tmp_path / "dataset_flickr8k.json"):
        corpus = read_corpus(path)
        assert places(corpus) == {tmp_path / inner}
        assert corpus.notes == (f"the pictures are those in {tmp_path / inner}",)


def test_pictures_in_images_are_found_there_whatever_lies_beside(tmp_path):
    corpus = read_corpus(layout(tmp_path, KARPATHY | pictures("images") | pictures("more")))
    assert places(corpus) == {tmp_path / "images"}
    assert corpus.notes == ()


def test_of_two_folders_of_their_pictures_none_is_chosen_and_the_advice_works(tmp_path):
    layout(tmp_path, KARPATHY | pictures("A") | within("B", {"a.jpg": ""}))
    told = read_corpus(tmp_path).notes
    assert told == (
        f"pictures of these names lie in {tmp_path / 'A'} and {tmp_path / 'B'}: put those that "
        f"count in {tmp_path / 'images'}",
    )
    (tmp_path / "A").rename(tmp_path / "images")
    assert places(read_corpus(tmp_path)) == {tmp_path / "images"}


def test_coco_finds_the_one_folder_of_its_pictures(tmp_path):
    table = {
        "images": [{"id": n, "file_name": name} for n, name in enumerate(NAMES)],
        "annotations": [],
    }
    files = {"annotations/captions_val2017.json": json.dumps(table)}
    corpus = read_corpus(layout(tmp_path, files | pictures("coco/val")))
    assert places(corpus) == {tmp_path / "coco" / "val"}
    assert corpus.notes == (f"the pictures are those in {tmp_path / 'coco' / 'val'}",)


@pytest.mark.parametrize("name", ["captions.xlsx", "Mine.XLS", "table.ods"])
@pytest.mark.parametrize("typed", ["x", "sheet"])
def test_a_spreadsheet_is_to_be_saved_as_csv_and_is_read_then(tmp_path, name, typed):
    layout(tmp_path / "x", pictures("images") | {name: "PK"})
    path = tmp_path / "x" if typed == "x" else tmp_path / "x" / name
    with pytest.raises(InputError, match=f"{name} is a spreadsheet: save it as CSV") as caught:
        read_corpus(path)
    words = str(caught.value)
    table = words.partition("(UTF-8) in ")[2].partition(", with")[0]
    assert ("--format pictures" in words) == (typed == "x")
    layout(tmp_path, {table: "image,caption\na.jpg,A dog\n"})
    again = words.partition("; then type ")[2].partition(";")[0]
    assert [caption.text for caption in read_corpus(Path(again)).captions] == ["A dog"]
    assert len(read_corpus(tmp_path / "x", "pictures").images) == 3
