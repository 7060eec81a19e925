"""Files of right answers: what each kind says, and one line for each that says nothing."""

import json
from pathlib import Path

import pytest

from core.errors import InputError
from core.positives import read_positives

CXC = (
    "caption,image,agg_score,sampling_method\n"
    "COCO_val2014:sentid:7,COCO_val2014_000000000012.jpg,3.0,c2i_original\n"
    "COCO_val2014:sentid:8,COCO_val2014_000000000012.jpg,2.99,c2i_intrasim\n"
    "COCO_val2014:sentid:8,COCO_val2014_000000000013.jpg,4.5,c2i_original\n"
)


def written(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_each_json_is_one_way_by_its_name(tmp_path: Path) -> None:
    """ECCV Caption's: the answers of an image do not follow from those of captions."""
    files = [
        written(tmp_path, "eccv_image_to_caption.json", '{"12": [7, 8, 7], "13": [9]}'),
        written(tmp_path, "eccv_caption_to_image.json", '{"7": [12, "13"]}'),
    ]
    told = read_positives(files)
    assert told.i2t == {"12": {"7", "8"}, "13": {"9"}}
    assert told.t2i == {"7": {"12", "13"}}
    assert read_positives(files[:1]).t2i == {}


def test_a_table_with_scores_is_both_ways_from_the_least_on(tmp_path: Path) -> None:
    file = written(tmp_path, "sits_test.csv", CXC)
    one, two = (f"COCO_val2014_0000000000{n}.jpg" for n in (12, 13))
    seven, eight = (f"COCO_val2014:sentid:{n}" for n in (7, 8))
    told = read_positives([file])
    assert told.i2t == {one: {seven}, two: {eight}}
    assert told.t2i == {seven: {one}, eight: {two}}
    assert read_positives([file], least=2.5).t2i[eight] == {one, two}


def test_a_table_of_ones_own_and_several_files_together(tmp_path: Path) -> None:
    own = written(tmp_path, "own.CSV", '\ufeff Image , caption\r\na.jpg,"a, 1"\r\n\r\nb.jpg,b1\r\n')
    more = written(tmp_path, "image_to_caption.json", json.dumps({"a.jpg": ["b1"]}))
    told = read_positives([own, more])
    assert told.i2t == {"a.jpg": {"a, 1", "b1"}, "b.jpg": {"b1"}}
    assert told.t2i == {"a, 1": {"a.jpg"}, "b1": {"b.jpg"}}


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("pairs.json", "{}", "rename it so that it holds image_to_caption or caption_to_image"),
        ("image_to_caption.json", "{", "not JSON"),
        ("image_to_caption.json", "[1]", "no object of ids"),
        ("image_to_caption.json", '{"1": 2}', "the answers to '1' are no list of ids"),
        ("image_to_caption.json", '{"1": [true]}', "no list of ids"),
        ("image_to_caption.json", '{"1": [1.5]}', "no list of ids"),
        ("image_to_caption.json", '{"1": []}', "names no right answer"),
        ("a.csv", "", "the header needs the columns image and caption once each"),
        ("a.csv", "image,text\na,b\n", "the header needs the columns"),
        ("a.csv", "image,caption,image\na,b,c\n", "once each"),
        ("a.csv", "image,caption\na\n", "a.csv:2: 1 fields where the header has 2"),
        ("a.csv", 'image,caption\n"a,b\n', "mend the quoting"),
        ("a.csv", "image,caption,score\na,b,good\n", "a.csv:2: 'good' is no score"),
        ("a.csv", "image,caption,score\na,b,nan\n", "'nan' is no score"),
        ("a.csv", "image,caption,score\na,b,2\n", "names no right answer"),
        ("a.txt", "", "neither .json nor .csv"),
    ],
)
def test_what_says_nothing_is_refused_in_one_line(
    tmp_path: Path, name: str, text: str, why: str
) -> None:
    file = written(tmp_path, name, text)
    with pytest.raises(InputError, match=why) as refused:
        read_positives([file])
    assert str(file) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_positives([tmp_path / "a.csv"])
    (tmp_path / "a.csv").write_bytes(b"image,caption\n\xff,b\n")
    with pytest.raises(InputError, match="not UTF-8"):
        read_positives([tmp_path / "a.csv"])
