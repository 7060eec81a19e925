"""`label DATA`: labels for a corpus that has none, and a training by them."""

import json
from pathlib import Path

import pytest

from core.bare_words import words_of
from core.corpora import read_corpus
from pipeline.stages.label import LabelTerms
from pipeline.stages.label import label as labelled
from pipeline.stages.terms import CorpusAt
from tests.e2e.conftest import FEATURES, Chain, Said, Type
from tests.e2e.test_bad_input import one_line

SIZES = ("epochs=1", "task.hidden=8", "embed_dim=8", "word_dim=8", "filters=4")
SMALL = ("--recipe", "dscmr-words", *(word for size in SIZES for word in ("--set", size)))
FEW = ("--classes", 4, "--share", 0.5)


def label(tencrop: Type, chain: Chain, out: Path, *words: object) -> Said:
    return tencrop("label", chain.data, *FEW, *words, "--out", out, "--work", out.parent / "work")


def test_a_corpus_with_labels_is_trained_on_by_the_features_that_there_are(
    tencrop: Type, chain: Chain, tmp_path: Path
) -> None:
    said = label(tencrop, chain, tmp_path / "f4")
    assert said.code == 0, said.err
    *told, last = said.out.splitlines()
    assert last == str(tmp_path / "f4")
    assert f"train PICTURECACHE --data {last} --recipe dscmr-words" in said.err
    found = read_corpus(tmp_path / "f4")
    for line, name in zip(told, [*_classes(tmp_path / "f4"), ""], strict=True):
        rows = [i.split for i in found.images if (name in i.labels if name else not i.labels)]
        counts = ", ".join(f"{rows.count(split)} {split}" for split in ("train", "val", "test"))
        assert line.endswith(f": {counts}")
        assert line.startswith(f"{name} (" if name else "no class: ")
    again = tencrop("features", tmp_path / "f4", *FEATURES, "--work", chain.work)
    assert again.last == str(chain.cache)
    assert "computed" not in again.err
    words = (chain.cache, "--data", tmp_path / "f4", *SMALL, "--work", tmp_path)
    trained = tencrop("train", *words, "--run", tmp_path / "run")
    assert trained.code == 0, trained.err
    assert "validation mAP " in trained.err


def test_masked_captions_name_no_class_and_labels_are_the_same(
    tencrop: Type, chain: Chain, tmp_path: Path
) -> None:
    assert label(tencrop, chain, tmp_path / "plain").code == 0
    assert label(tencrop, chain, tmp_path / "masked", "--mask").code == 0
    plain, masked = read_corpus(tmp_path / "plain"), read_corpus(tmp_path / "masked")
    assert masked.images == plain.images
    assert [c.id for c in masked.captions] == [c.id for c in plain.captions]
    classes = _classes(tmp_path / "plain")
    names = {word for words in classes.values() for word in words}
    hidden = 0
    for one, other in zip(plain.captions, masked.captions, strict=True):
        before, after = words_of(one.text), words_of(other.text)
        assert not names & set(after)
        assert len(before) == len(after)
        hidden += len(names & set(before)) > 0
    assert hidden > 20


def test_val_and_test_choose_no_class_and_their_captions_are_masked_in_every_form(
    tmp_path: Path,
) -> None:
    said = {
        "train": ["a dog"] * 3 + ["the snow"] * 2 + ["a bird"],
        "val": ["a bird"] * 3,
        "test": ["a bird on a snowy hill"] * 3,
    }
    named = [(split, text) for split, texts in said.items() for text in texts]
    listing = [
        {"filename": f"{row}.jpg", "split": split, "sentences": [{"raw": text}]}
        for row, (split, text) in enumerate(named)
    ]
    images = tmp_path / "photos" / "images"
    images.mkdir(parents=True)
    for row in range(len(named)):
        (images / f"{row}.jpg").touch()
    (tmp_path / "photos" / "dataset_photos.json").write_text(json.dumps({"images": listing}))
    (tmp_path / "nouns.txt").write_text("dog\nsnow\nbird\n")
    wanted = LabelTerms(classes=2, share=0.6, nouns=tmp_path / "nouns.txt", mask=True)
    out = tmp_path / "out"
    labelled(CorpusAt(tmp_path / "photos", "auto"), wanted, out=out, work=tmp_path / "work")
    assert set(_classes(out)) == {"dog", "snow"}
    assert {c.text for c in read_corpus(out).split("test").captions} == {"a bird on a thing hill"}


def test_the_same_again_is_there_and_something_else_is_kept(
    tencrop: Type, chain: Chain, tmp_path: Path
) -> None:
    label(tencrop, chain, tmp_path / "f4")
    file = tmp_path / "f4" / "derived_labels.json"
    bits = file.read_bytes()
    assert f"{file} is there" in label(tencrop, chain, tmp_path / "f4").err
    one_line(label(tencrop, chain, tmp_path / "f4", "--mask"), "choose another --out")
    assert file.read_bytes() == bits
    again = tencrop("label", tmp_path / "f4", "--out", tmp_path / "again", "--work", tmp_path)
    one_line(again, "has derived labels already; give the corpus that it names")
    assert not (tmp_path / "again").exists()


def test_the_words_that_may_be_a_class_come_from_a_file(
    tencrop: Type, chain: Chain, tmp_path: Path
) -> None:
    (tmp_path / "nouns.txt").write_text("Triangle\n\ndisc\nin the\nstar\ncircle\nnothing\n")
    words = ("--nouns", tmp_path / "nouns.txt")
    two = label(tencrop, chain, tmp_path / "two", *words, "--classes", 2)
    assert two.code == 0
    assert "1 line of several words, which are no class: in the" in two.err
    assert set(_classes(tmp_path / "two")) <= {"triangle", "disc", "star", "circle"}
    one_line(
        label(tencrop, chain, tmp_path / "many", *words, "--classes", 9),
        "a smaller --classes or --share, or more words in the file of --nouns",
    )
    assert not (tmp_path / "many").exists()


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"in the\n", "no line is a word; write a noun a line"), (b"\xff\n", "not UTF-8 text")],
)
def test_a_file_of_words_that_is_none_is_refused(
    tencrop: Type, chain: Chain, tmp_path: Path, content: bytes, told: str
) -> None:
    (tmp_path / "nouns.txt").write_bytes(content)
    one_line(label(tencrop, chain, tmp_path / "f4", "--nouns", tmp_path / "nouns.txt"), told)


def _classes(folder: Path) -> dict[str, list[str]]:
    """The classes of the file in the order of the table."""
    found: dict[str, list[str]] = json.loads((folder / "derived_labels.json").read_text())[
        "classes"
    ]
    sizes = read_corpus(folder).split("train").images
    return dict(sorted(found.items(), key=lambda x: (-sum(x[0] in i.labels for i in sizes), x[0])))
