"""The protocol of extended positives: whose ids are found, what is left out, and its table."""

import json
from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError, SettingError
from core.predictions import Embeddings, Vectors
from evaluate.galleried import Galleried
from evaluate.judge import judge
from evaluate.matched import CAPTION, IMAGE, NamedRows
from evaluate.protocols.extended import Extended
from evaluate.several import Several

IMAGES = ("COCO_val2014_000000000012.jpg", "COCO_val2014_000000000305.jpg", "other.jpg")


def given() -> Embeddings:
    """Three images along three axes; captions 7 and 8 are of the first, 9 of the second.

    Scores of 7: 3, 2, 1; of 8: 1, 2, 3; of 9: 2, 3, 1.
    """
    caption = np.array([[3, 2, 1], [1, 2, 3], [2, 3, 1]], dtype=np.float32)
    return Embeddings(
        Vectors(np.array(IMAGES), np.eye(3, dtype=np.float32)),
        Vectors(np.array(["7", "8", "9"]), caption),
        np.array([0, 0, 1]),
    )


def extended(*files: Path, **more: object) -> Extended:
    report = judge(given(), {"positives": list(map(str, files)), **more}, protocol="extended")
    assert isinstance(report, Extended)
    return report


def table(folder: Path, *pairs: tuple[str, str]) -> Path:
    lines = ["image,caption", *(",".join(pair) for pair in pairs)]
    (folder / "own.csv").write_text("\n".join(lines))
    return folder / "own.csv"


def as_json(folder: Path, name: str, told: dict[str, list[int]]) -> Path:
    (folder / name).write_text(json.dumps(told))
    return folder / name


def test_without_files_right_is_what_is_owned() -> None:
    measures = ["map_at_r", "r_precision", "recall", "average_precision", "mean_rank"]
    report, plain = extended(measures=measures), judge(given(), {"measures": measures})
    for way in ("i2t", "t2i"):
        for key in ("queries", "gallery", "positives", "map_r", "r_precision", "r1", "map"):
            assert report.facts[way][key] == plain.facts[way][key], key
        assert report.facts[way]["mean_rank"] == plain.facts[way]["mean_rank"]
    assert report.facts["tied_queries"] == plain.facts["tied_queries"]
    assert report.notes() == []
    assert "right by their owner" in report.table("x")


def test_ids_of_mscoco_are_found_by_number(tmp_path: Path) -> None:
    """Of 7 right are the images 12 and 305: first and second. Of 12 right is 7 alone."""
    report = extended(
        as_json(tmp_path, "eccv_caption_to_image.json", {"7": [12, 305], "9": [12]}),
        as_json(tmp_path, "eccv_image_to_caption.json", {"12": [7]}),
    )
    t2i, i2t = report.facts["t2i"], report.facts["i2t"]
    assert (t2i["queries"], t2i["gallery"], t2i["positives"]) == (2, 3, 1.5)
    # 9 has its right image second: nothing in the first place.
    assert t2i["map_r"] == t2i["r_precision"] == t2i["r1"] == 50.0
    assert (i2t["queries"], i2t["gallery"], i2t["positives"]) == (1, 3, 1.0)
    assert i2t["r1"] == 100.0
    assert report.score == report.facts["map_r"] == 75.0
    own = {way: told["without_own"] for way, told in report.facts["positives"]["ways"].items()}
    assert own == {"i2t": 1, "t2i": 1}  # 12 lacks its caption 8, 9 its image 305
    assert any(
        "text to image: 1 of 2 who ask have not all of their own" in n for n in report.notes()
    )
    ways = {each.way: (each.id.tolist(), each.picture.tolist()) for each in report.queries()}
    assert ways["t2i"] == (["7", "9"], [IMAGES[0], IMAGES[1]])
    assert ways["i2t"] == ([IMAGES[0]], [IMAGES[0]])


def test_the_names_of_cxc_are_found(tmp_path: Path) -> None:
    file = tmp_path / "sits.csv"
    file.write_text(
        "caption,image,agg_score,sampling_method\n"
        f"COCO_val2014:sentid:7,{IMAGES[0]},4.0,c2i_original\n"
        f"COCO_val2014:sentid:9,{IMAGES[1]},2.0,c2i_original\n"
    )
    assert extended(file).facts["t2i"]["queries"] == 1
    assert extended(file, least=2.0).facts["t2i"]["queries"] == 2
    assert extended(file, least=2.0).facts["positives"]["least"] == 2.0


@pytest.mark.parametrize(
    ("ids", "name", "row"),
    [
        (["a.jpg", "b/000012.jpg"], "b/000012.jpg", 1),
        (["a.jpg", "000012.jpg"], "12", 1),
        (["a.jpg", "000012.jpg"], "COCO_val2014_000000000012.jpg", 1),
        (["a.jpg", "val/COCO_val2014_000000000012.jpg"], "12", 1),
        # The number of a row, or of a picture of one's own, is none of MSCOCO's.
        (["test/00011", "test/00012"], "12", None),
        (["a.jpg", "dog12.jpg"], "12", None),
        (["a.jpg", "000012.jpg"], "dog12.jpg", None),
        # Whose would it be?
        (["012.jpg", "12.png"], "12", None),
        (["012.jpg", "12"], "12", 1),
    ],
)
def test_which_image_a_file_means(ids: list[str], name: str, row: int | None) -> None:
    assert NamedRows(np.array(ids), IMAGE).of(name) == row


@pytest.mark.parametrize(
    ("name", "row"),
    [("770337", 1), ("COCO_val2014:sentid:770337", 1), ("a.jpg#0", 0), ("#0", None), ("0", None)],
)
def test_which_caption_a_file_means(name: str, row: int | None) -> None:
    assert NamedRows(np.array(["a.jpg#0", "770337"]), CAPTION).of(name) == row


def test_what_is_not_there_is_counted_and_named(tmp_path: Path) -> None:
    file = table(tmp_path, (IMAGES[0], "7"), (IMAGES[0], "77"), ("no.jpg", "7"), ("no.jpg", "78"))
    report = extended(file)
    told = report.facts["positives"]
    assert told["unknown"] == {
        "image": {"many": 1, "first": ["no.jpg"]},
        "caption": {"many": 2, "first": ["77", "78"]},
    }
    assert {way: each["lost"] for way, each in told["ways"].items()} == {"i2t": 1, "t2i": 1}
    assert report.notes()[:2] == [
        "1 image of the files are not in this split, first 'no.jpg': left out",
        "2 captions of the files are not in this split, first '77', '78': left out",
    ]
    assert "image to text: 1 right answer of those who ask are so left out" in report.notes()[2]
    assert told["files"][0]["name"] == "own.csv"
    assert str(tmp_path) not in json.dumps(report.facts)


def test_files_of_another_corpus_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no right pair is of this split.*'p.jpg'") as refused:
        extended(table(tmp_path, ("p.jpg", "q")))
    assert "'7'" in str(refused.value)


def test_a_way_that_nobody_asks_is_left_out(tmp_path: Path) -> None:
    report = extended(as_json(tmp_path, "x_caption_to_image.json", {"9": [305]}))
    assert "i2t" not in report.facts
    assert report.score == 100.0
    assert [each.way for each in report.queries()] == ["t2i"]
    lines = report.table("test").splitlines()
    assert lines == [
        "test: 3 images, 3 captions; right by x_caption_to_image.json",
        "                  map_r  r_precision    R@1",
        "text to image     100.0        100.0  100.0",
        "mAP@R 100.0",
    ]
    assert report.headline() == "mAP@R 100.0"
    assert report.setting().startswith("1 queries, 3 candidates, 1 right; ties by ")
    assert report.chance() == "chance R@1 33.3"


def test_other_measures_and_options(tmp_path: Path) -> None:
    report = extended(measures=["recall"], options={"recall": {"k": [2]}})
    assert set(report.facts["t2i"]) == {"queries", "gallery", "positives", "r2"}
    assert report.score == extended().score
    with pytest.raises(SettingError, match="did you mean 'recall'"):
        extended(measures=["recal"])


def test_several_models_and_the_bias_have_the_same_rows(tmp_path: Path) -> None:
    report = extended()
    both = Several.of(report, [report, report], ["one", "two"]).table("test").splitlines()
    assert sum(line.startswith("average ") for line in both) == 3
    biased = Galleried.of(report, report, "strength 1").table("test")
    assert biased.count("mAP@R") == 2
