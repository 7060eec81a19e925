"""What is found of a corpus: each part of the report by itself, against hand-made cases."""

import io
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

import extract.catalogue
import extract.run
from core.corpora import Recognised, read_corpus
from core.places import Part
from core.records import Caption, Corpus, Image
from core.sealed import read_sealed, write_sealed
from extract.settings import FeatureSettings
from pipeline.checkup import trial
from pipeline.checkup.counts import Counts, SplitCounts
from pipeline.checkup.mend import NO_CAPTIONS, lacking, mend
from pipeline.checkup.odd_names import OddNames
from pipeline.checkup.page import lines
from pipeline.checkup.report import Files, Report
from pipeline.checkup.trial import Estimate, _spread
from pipeline.leaks.copies import alike, same_files
from pipeline.leaks.kept import NAME, kept
from pipeline.leaks.looks import MISSING, Look, look_at
from pipeline.leaks.words import unseen_words


def corpus_of(**texts: list[str]) -> Corpus:
    """Two pictures a split that is named, the first with these captions."""
    images = [Image(f"{split}-{n}", Path(f"{split}-{n}"), split) for split in texts for n in (0, 1)]
    captions = [
        (f"{split}-0", Caption(f"{split}#{n}", text))
        for split, told in texts.items()
        for n, text in enumerate(told)
    ]
    return Corpus.build("made", images, captions)


def images(*splits: str) -> list[Image]:
    return [Image(f"{n}", Path(f"{n}"), split) for n, split in enumerate(splits)]


def png(seed: int) -> bytes:
    noise = np.random.default_rng(seed).integers(0, 256, (9, 9, 3), dtype=np.uint8)
    stream = io.BytesIO()
    Pillow.fromarray(noise).resize((60, 40)).save(stream, "PNG")
    return stream.getvalue()


def nothing(*_: object) -> None:
    pass


def test_each_picture_is_looked_at_once(tmp_path: Path) -> None:
    names = ("a", "a copy", "broken", "folder", "pipe", "gone", "empty")
    (tmp_path / "a").write_bytes(png(1))
    (tmp_path / "a copy").write_bytes(png(1))
    (tmp_path / "broken").write_bytes(png(1)[:900])
    (tmp_path / "empty").touch()
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "tar").write_bytes(b"before" + png(2) + b"after")
    asked = [Image(name, tmp_path / name, "train") for name in names]
    asked.append(Image("in a tar", Part(tmp_path / "tar", 6, len(png(2))), "train"))
    steps: list[tuple[int, int]] = []
    seen: dict[str, int] = {}
    looks = look_at(asked, {}, lambda *step: steps.append(step), seen.__setitem__)
    found = dict(zip((image.id for image in asked), looks, strict=True))
    assert found["a"] == found["a copy"]
    assert found["a"].bytes == len(png(1))
    assert found["a"].hash is not None
    assert (found["broken"].hash, len(found["broken"].sha256)) == (None, 64)
    assert "truncated" in found["broken"].why
    assert "not a picture" in found["empty"].why
    assert found["gone"] == Look(why="missing file")
    assert found["folder"].why == found["pipe"].why == "is not a regular file"
    assert found["in a tar"].hash != found["a"].hash
    assert seen == {look.sha256: look.hash for look in looks if look.hash is not None}
    assert steps == [(n, 8) for n in range(1, 9)]


def test_what_is_known_is_not_decoded_again(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(png(1))
    asked = [Image("a", tmp_path / "a", "train")]
    (first,) = look_at(asked, {}, nothing, nothing)
    (again,) = look_at(asked, {first.sha256: 77}, nothing, lambda *_: pytest.fail("hashed again"))
    assert (again.hash, again.bytes) == (77, first.bytes)


def test_a_file_that_may_not_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> bytes:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "a").write_bytes(png(1))
    monkeypatch.setattr("pipeline.leaks.looks.read_place", refuse)
    (look,) = look_at([Image("a", tmp_path / "a", "train")], {}, nothing, nothing)
    assert look == Look(why="cannot be opened: Permission denied")


def test_large_files_are_read_one_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_bytes(png(1))
    asked = [Image(str(n), tmp_path / "a", "train") for n in range(4)]
    usual = look_at(asked, {}, nothing, nothing)
    monkeypatch.setattr("pipeline.leaks.looks.LARGE", 10)
    monkeypatch.setattr("pipeline.leaks.looks.SMALL", 1)
    assert look_at(asked, {}, nothing, nothing) == usual
    monkeypatch.setattr("pipeline.leaks.looks.MOST_FILE", 10)
    assert "larger than" in look_at(asked, {}, nothing, nothing)[0].why


def test_hashes_are_kept_by_digest_and_added_to(tmp_path: Path) -> None:
    with kept(tmp_path) as first:
        first.add("a", 2**64 - 1)
    with kept(tmp_path) as second:
        assert second.known == {"a": 2**64 - 1}
        second.add("b", 0)
        with kept(tmp_path) as meanwhile:
            meanwhile.add("c", 3)
    with kept(tmp_path) as third:
        assert third.known == {"a": 2**64 - 1, "b": 0, "c": 3}


def test_what_was_hashed_before_an_interruption_is_kept(tmp_path: Path) -> None:
    def interrupted() -> None:
        with kept(tmp_path) as hashes:
            hashes.add("a", 5)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with kept(tmp_path) as again:
        assert again.known == {"a": 5}


@pytest.mark.parametrize("content", ["{", "[]", '{"format": "tencrop-likeness/1"}', '{"a": 1}'])
def test_damaged_hashes_are_said_and_made_again(
    tmp_path: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / NAME).write_text(content)
    with kept(tmp_path) as hashes:
        assert hashes.known == {}
        hashes.add("a", 5)
    assert "cannot be used" in capsys.readouterr().err
    assert read_sealed(tmp_path / NAME)["hashes"] == {"a": f"{5:016x}"}


def test_a_changed_hash_is_not_believed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_sealed(tmp_path / NAME, {"format": "tencrop-likeness/1", "hashes": {"a": "05"}})
    text = (tmp_path / NAME).read_text()
    (tmp_path / NAME).write_text(text.replace("05", "06"))
    with kept(tmp_path) as hashes:
        assert hashes.known == {}
    assert "cannot be used" in capsys.readouterr().err


def test_a_work_folder_that_cannot_be_written_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    with kept(tmp_path / "file") as hashes:
        hashes.add("a", 5)
    assert "was not written" in capsys.readouterr().err


def test_the_same_file_within_and_across() -> None:
    looks = [Look(digest) for digest in ("a", "b", "a", "b", "", "", "c", "b")]
    splits = ("train", "val", "train", "test", "train", "val", "test", "extra")
    one, other = same_files(images(*splits), looks)
    assert one.members == (("0", "train"), ("2", "train"))
    assert not one.across
    assert [name for name, _ in other.members] == ["1", "3", "7"]
    assert other.across


@pytest.mark.parametrize(
    ("splits", "across"),
    [
        (("train", "train"), False),
        (("train", "restval"), False),
        (("train", "extra"), False),
        (("extra", "extra"), False),
        (("train", "val"), True),
        (("restval", "test"), True),
        (("val", "test"), True),
    ],
)
def test_what_is_across(splits: tuple[str, str], across: bool) -> None:
    (copies,) = same_files(images(*splits), [Look("a"), Look("a")])
    assert copies.across is across


def test_what_looks_alike_is_of_other_files() -> None:
    looks = [Look("a", 0), Look("b", 0b111), Look("c", 2**63 | 255 << 20), Look("d"), Look("a", 0)]
    (copies,) = alike(images("train", "train", "train", "train", "train"), looks, 4)
    assert copies.members == (("0", "train"), ("1", "train"))
    assert copies.bits == 3
    assert alike(images("train", "train"), [Look("a", 0), Look("a", 0)], 4) == []


def test_a_copy_in_another_split_is_not_hidden_by_the_first() -> None:
    looks = [Look("a", 0), Look("b", 1), Look("a", 0)]
    (copies,) = alike(images("train", "train", "test"), looks, 4)
    assert copies.across
    assert [name for name, _ in copies.members] == ["0", "1", "2"]
    assert copies.sides == (("0", "train"), ("2", "test"))


def test_odd_names() -> None:
    ids = [
        *("plain.jpg", "sub folder/my cat.jpg", "a\nb.jpg", "a\x1b.jpg", " a.jpg", "dir /a.jpg"),
        *("a .jpg", "Cat.jpg", "cat.JPG", "é.jpg", "e\u0301.jpg", "É.jpg", "\u2028.jpg"),
    ]
    odd = OddNames.of(ids)
    assert odd.control == ("a\nb.jpg", "a\x1b.jpg", "\u2028.jpg")
    assert odd.spaces == (" a.jpg", "dir /a.jpg", "a .jpg", "\u2028.jpg")
    assert odd.unicode == (("é.jpg", "e\u0301.jpg"),)
    assert odd.case == (("Cat.jpg", "cat.JPG"), ("é.jpg", "e\u0301.jpg", "É.jpg"))
    assert OddNames.of(["a.jpg", "b.jpg"]) == OddNames((), (), (), ())


def test_words_that_training_never_saw() -> None:
    corpus = corpus_of(
        train=["A dog runs", "a cat"],
        val=["a dog barks", "a zebra barks"],
        test=["a cat"],
        extra=["an owl"],
    )
    steps: list[tuple[int, int]] = []
    found = unseen_words(corpus, lambda *step: steps.append(step))
    assert list(found) == ["val", "test"]
    assert (found["val"].words, found["val"].unseen, found["val"].distinct) == (6, 3, 2)
    assert found["val"].most == ("barks", "zebra")
    assert found["val"].share == 0.5
    assert (found["test"].words, found["test"].share) == (2, 0.0)
    assert steps[-1] == (6, 6)
    assert unseen_words(corpus_of(val=["a dog"]), nothing) == {}


def test_counts() -> None:
    corpus = corpus_of(odd=[], extra=["x"], test=["x", "y", "z"], train=["x", "y"])
    counts = Counts.of(corpus)
    assert list(counts.splits) == ["train", "test", "extra", "odd"]
    assert counts.splits["train"] == SplitCounts(2, 2, 1)
    assert counts.splits["odd"] == SplitCounts(2, 0, 2)
    assert counts.captions_a_picture == {"min": 1, "median": 2, "max": 3}
    assert (counts.labelled, counts.labels, counts.most) == (0, 0, ())
    labelled = [
        Image(f"{n}", None, "train", labels) for n, labels in enumerate([("b", "a"), ("b",)])
    ]
    counts = Counts.of(Corpus.build("labels", labelled, []))
    assert (counts.labelled, counts.labels, counts.most) == (2, 2, (("b", 2), ("a", 1)))
    assert counts.captions_a_picture == {}


GOOD = Look("a", 1)


@pytest.mark.parametrize(
    ("texts", "looks", "words"),
    [
        ({"train": ["a"], "val": ["b"]}, [GOOD] * 4, ""),
        ({"restval": ["a"], "val": ["b"]}, [GOOD] * 4, ""),
        ({"train": [], "val": []}, [GOOD] * 4, NO_CAPTIONS),
        (
            {"train": ["a"], "test": ["b"]},
            [GOOD] * 4,
            "no picture with a caption is in the split 'v",
        ),
        ({"train": ["a"], "val": ["b"]}, [GOOD, GOOD, Look(), GOOD], "in the split 'val'"),
        ({"train": ["a"], "val": ["b"]}, [Look(), Look(), GOOD, GOOD], "2 of 4 pictures cannot"),
    ],
)
def test_what_a_training_lacks(texts: dict[str, list[str]], looks: list[Look], words: str) -> None:
    said = lacking(corpus_of(**texts), looks, 30.0)
    assert words in said
    assert bool(said) == bool(words)


def test_captions_that_a_training_would_refuse_for_are_lacking() -> None:
    corpus = corpus_of(train=["a"] * 9, restval=["c"], val=["b"])
    looks = [GOOD] * len(corpus.images)
    row = next(n for n, image in enumerate(corpus.images) if image.id == "train-0")
    looks[row] = Look()
    pictures, captions = 100 / len(looks), 100 * corpus.owner.tolist().count(row) / 11
    assert pictures < captions
    said = lacking(corpus, looks, (pictures + captions) / 2)
    assert "captions are of pictures that cannot be used" in said
    assert lacking(corpus, looks, captions) == ""


def test_each_sentence_names_the_first_and_the_way_out() -> None:
    corpus = corpus_of(train=["a"], val=["b"])
    faults = (("one.jpg", "why"), ("two.jpg", "why"))
    looks = [Look("a", 0), Look("b", 1), Look("a", 0), Look("c", 2**63 | 255)]
    same, near = same_files(corpus.images, looks), alike(corpus.images, looks)
    names = OddNames.of([" a", "B", "b", "é", "e\u0301", "x\ny"])
    told = mend(corpus, Files(1, faults, faults[:1], faults), names, same, near)
    assert told[0].startswith("2 pictures are not there, first 'one.jpg' (why): put them there")
    assert told[1].startswith("1 picture is there and cannot be opened")
    assert told[2].startswith("2 pictures cannot be decoded, first 'one.jpg' (why): replace them")
    assert (
        "1 group of pictures in different splits: the same file, first train 'train-0'" in told[3]
    )
    assert "look alike" in told[4]
    assert told[5].startswith(r"rename 'x\ny': it holds a line break")
    assert told[6].startswith("rename ' a': it begins or ends with a space")
    assert told[7].startswith("rename 'B' or 'b': they differ only in capitals")
    assert "differ only in how their accents are written" in told[8]
    assert "'test' has a caption" in told[9]
    assert len(told) == 10
    whole = corpus_of(train=["a"], val=["b"], test=["c"])
    assert mend(whole, Files(1, (), (), ()), OddNames((), (), (), ()), [], []) == []


def test_the_pictures_of_a_trial_are_spread() -> None:
    corpus = Corpus.build("made", images(*["train"] * 10), [])
    assert [i.id for i in _spread(corpus, range(10), 4).images] == ["0", "3", "6", "9"]
    assert [i.id for i in _spread(corpus, [2, 5], 4).images] == ["2", "5"]
    assert [i.id for i in _spread(corpus, [7], 1).images] == ["7"]


def test_an_estimate_is_that_of_the_pace() -> None:
    found = Estimate("alexnet", 10, "cpu", 2, trial_pictures=4, trial_seconds=2.0, pictures=8000)
    assert found.seconds == 4000
    assert found.to_json()["seconds"] == 4000


class Machine:
    """Takes ``pace`` seconds a picture, and ``warm`` for the first of all."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, pace: float, warm: float) -> None:
        self.now, self.pace, self.warm, self.calls = 0.0, pace, warm, []
        real = trial._Clock
        monkeypatch.setattr(trial, "_Clock", lambda told: real(told, lambda: self.now))
        monkeypatch.setattr(extract.run, "extract", self.extract)
        monkeypatch.setattr(extract.catalogue, "build", lambda *_: None)

    def extract(self, pictures: Corpus, *_: Any, progress: Any, **__: Any) -> None:
        many = len(pictures.images)
        self.calls.append(many)
        progress(0, many)
        self.now += many * self.pace + self.warm
        self.warm = 0.0
        progress(many, many)


@pytest.mark.parametrize(
    ("crops", "pace", "warm", "calls"),
    [
        (1, 0.01, 0.0, [2, 64]),
        (1, 0.25, 0.0, [2, 24]),
        (10, 1.0, 0.5, [1, 4]),
        (10, 3.0, 2.9, [1, 1]),
        (10, 9.0, 1.0, [1, 1]),
        (10, 20.0, 1.0, [1]),
        (1, 7.0, 0.0, [2]),
    ],
)
def test_a_trial_takes_as_long_as_few_pictures_take(
    monkeypatch: pytest.MonkeyPatch, crops: int, pace: float, warm: float, calls: list[int]
) -> None:
    """However slow the network is; and what laid it out counts only where nothing else did."""
    machine, seen = Machine(monkeypatch, pace, warm), []
    corpus = Corpus.build("made", images(*["train"] * 100), [])
    settings = FeatureSettings(backbone="alexnet", crops=crops, weights="random")
    found = trial.estimate(
        corpus, range(100), settings, "cpu", lambda done, total: seen.append((done, total))
    )
    assert machine.calls == calls
    assert found.trial_pictures == calls[-1]
    assert found.seconds == pytest.approx(100 * (pace + (warm if len(calls) == 1 else 0)))
    assert machine.now <= max(4 * trial.SECONDS, 2 * pace + warm)
    assert seen == [(done, n) for n in calls for done in (0, n)]


def report_of(corpus: Corpus, looks: list[Look]) -> Report:
    files, names = Files.of(corpus, looks), OddNames.of([i.id for i in corpus.images])
    same, near = same_files(corpus.images, looks), alike(corpus.images, looks)
    return Report(
        corpus,
        Recognised(Path("made"), ("folder",), "4 pictures", ""),
        Counts.of(corpus),
        files,
        names,
        tuple(same),
        tuple(near),
        unseen_words(corpus, nothing),
        (
            Estimate("alexnet", 10, "cpu", 2, 4, 2.0, 8000),
            Estimate("vgg19", 1, "cpu", 1, 4, 8.0, 9),
        ),
        tuple(mend(corpus, files, names, same, near)),
        lacking(corpus, looks, 0.0),
    )


def test_the_page_and_the_json_tell_the_same() -> None:
    looks = [Look("a", 0, bytes=7), Look("b", 1, bytes=7), Look("a", 0), Look(why="missing file")]
    report = report_of(corpus_of(train=["a dog\nruns"], val=["b"]), looks)
    page = list(lines(report))
    assert page[0] == "made (folder): 4 pictures, 2 captions"
    assert "  val: 2 pictures, 1 caption, 1 of the pictures without" in page
    assert "files: 14 bytes, 1 picture cannot be used" in page
    assert "  'val-1': missing file" in page
    assert "  'train-0' (train) = 'val-0' (val)" in page
    assert "words of val: 100.0 % of 1 are not in train (1 word, most often b)" in page
    time = "features with alexnet, 10 crops: about 1 h 7 min on this machine (cpu, 2 threads)"
    assert f"{time}, estimated from 4 pictures in 2.0 s" in page
    assert any(line.startswith("features with vgg19, 1 crop: about 18 s") for line in page)
    assert "a training could begin" not in page
    told = json.loads(json.dumps(report.to_json()))
    assert told["same"][0]["across"] is True
    assert told["splits"]["val"] == {"pictures": 2, "captions": 1, "bare": 1}
    assert told["files"]["missing"] == [["val-1", "missing file"]]
    assert told["lacking"] == report.lacking != ""
    assert told["radius"] == 4


def test_the_page_tells_labels_from_pictures() -> None:
    told = [
        Image(f"{n}", Path(f"{n}"), "train", labels)
        for n, labels in enumerate([("a, with it", "b"), ("b",)])
    ]
    looks = [Look(str(n), n) for n in range(2)]
    page = list(lines(report_of(Corpus.build("made", told, []), looks)))
    assert "  labels: 2; 2 pictures have one or more (b 2, 'a, with it' 1)" in page


def test_a_whole_corpus_is_said_to_be_one() -> None:
    looks = [Look(str(n), n * 0x0F0F0F0F0F0F0F0F % 2**64) for n in range(6)]
    page = list(lines(report_of(corpus_of(train=["a"], val=["a"], test=["a"]), looks)))
    assert page[-1] == "a training could begin"
    assert "the same file: none" in page
    assert "files: 0 bytes, all can be read" in page


def test_where_all_pictures_are_missing_it_is_said_where_they_were_looked_for(tmp_path) -> None:
    table = "image,caption\n" + "".join(f"{n}.jpg,A dog\n" for n in range(12))
    (tmp_path / "images").mkdir()
    (tmp_path / "captions.csv").write_text(table)
    corpus = read_corpus(tmp_path, "folder")
    said = lacking(corpus, [Look(why=MISSING)] * 12, 0.1)
    assert said == (
        f"none of the 12 pictures is there; they were looked for in {tmp_path / 'images'}: "
        "put them there"
    )
