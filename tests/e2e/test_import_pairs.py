"""`cache import DIR` of vectors of both sides: two caches, a run on them, mAP by their labels."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import InputError
from core.records import NO_WORDS
from core.store import FeatureCache
from pipeline.corpus import read
from tests.e2e.conftest import Said, Type
from tests.e2e.test_bad_input import one_line
from tests.e2e.test_import import captioned
from tests.pairs import MANY, drawn, folder

SMALL = ("--recipe", "adapters-light", "--set", "epochs=1", "--set", "embed_dim=8")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return folder(tmp_path / "pairs")


@pytest.fixture
def caches(tencrop: Type, data: Path) -> list[str]:
    return made(tencrop, data)


def made(tencrop: Type, data: Path, *more: str) -> list[str]:
    said = tencrop("cache", "import", data, *more)
    assert said.code == 0, said.err
    return said.out.split()


def trained(tencrop: Type, caches: list[str], data: Path) -> Said:
    said = tencrop("train", *caches, "--data", data, *SMALL)
    assert said.code == 0, said.err
    return said


def test_a_training_without_the_texts_says_that_the_import_makes_them(
    tencrop: Type, data: Path, caches: list[str]
) -> None:
    said = tencrop("train", caches[0], "--data", data, *SMALL)
    one_line(said, "no cache holds any; make one with `cache import DATA`", "features DATA --text")


def test_both_caches_hold_the_rows_and_say_what_made_them(
    tencrop: Type, data: Path, caches: list[str]
) -> None:
    image, text = (FeatureCache(Path(path)) for path in caches)
    for cache, layer, side, end in ((image, "pooled", "images", ""), (text, "text", "texts", "#0")):
        rows = cache.rows([f"val/{row:06}{end}" for row in range(MANY["val"])])
        assert np.array_equal(cache.read(layer, rows)[:, 0], drawn("val")[side])
        assert sorted(cache.manifest["fields"]["files"]) == sorted(
            f"{split}_{side}.npy" for split in MANY
        )
    assert image.manifest["fields"]["backbone"] == "imported"
    assert "backbone" not in text.manifest["fields"]
    assert (text.manifest["fields"]["rows"], text.manifest["fields"]["encoder"]) == (
        *("captions", "imported"),
    )
    again = tencrop("cache", "import", data)
    assert again.out.split() == caches
    assert "67 stored vectors are there" in again.err
    assert "--recipe dscmr" in again.err
    for cache in caches:
        assert tencrop("cache", "verify", cache).code == 0


def test_a_run_on_them_is_judged_by_labels(tencrop: Type, data: Path, caches: list[str]) -> None:
    run = trained(tencrop, caches, data)
    said = tencrop("evaluate", run.last, "--protocol", "labels")
    assert said.code == 0, said.err
    report = json.loads((Path(run.last) / "eval-test-labels" / "report.json").read_text())
    assert (report["images"], report["captions"]) == (15, 15)
    assert 0 < report["i2t"]["map"] <= 100


def test_what_no_search_can_be_typed_for_is_written_by_embed(
    tencrop: Type, data: Path, caches: list[str], tmp_path: Path
) -> None:
    pytest.importorskip("faiss")
    run = trained(tencrop, caches, data).out.strip()
    Image.new("RGB", (32, 32)).save(tmp_path / "red.png")
    one_line(tencrop("search", run, "two dogs"), "a new sentence", "`embed RUN` writes")
    assert not (Path(run) / "vectors").exists()
    one_line(tencrop("search", run, "--image", tmp_path / "red.png"), "`embed RUN` writes")
    said = tencrop("index", run, "--recall", "0.1")
    assert said.code == 0, said.err
    assert "next:" not in said.err


def test_a_run_of_one_name_is_asked_about_another_import(
    tencrop: Type, tmp_path: Path, data: Path
) -> None:
    named = ("--encoder", "vgg19 and doc2vec")
    run = trained(tencrop, made(tencrop, data, *named), data)
    other = folder(tmp_path / "other", test_images=drawn("test", seed=3)["images"])
    asked = ("evaluate", run.last, "--data", other)
    later = [word for cache in made(tencrop, other, *named) for word in ("--cache", cache)]
    assert tencrop(*asked, *later).code == 0


def test_caches_that_are_gone_are_imported_again(
    tencrop: Type, data: Path, caches: list[str]
) -> None:
    run = trained(tencrop, caches, data)
    for cache in caches:
        shutil.rmtree(cache)
    said = tencrop("evaluate", run.last)
    assert said.code == 0, said.err
    assert f"importing {data}" in said.err
    assert all(Path(cache).is_dir() for cache in caches)


def test_texts_that_changed_after_the_import_are_seen(
    tencrop: Type, data: Path, caches: list[str]
) -> None:
    run = trained(tencrop, caches, data)
    there = np.load(data / "test_texts.npy")
    there[3, 0] += 1
    np.save(data / "test_texts.npy", there)
    said = tencrop("evaluate", run.last, *(word for c in caches for word in ("--cache", c)))
    one_line(said, "are of other", "first 'test/000003#0'", "cache import")


def test_what_wants_words_is_refused(tencrop: Type, data: Path, caches: list[str]) -> None:
    for recipe in ("vse++", "cca"):
        said = tencrop("train", caches[0], "--data", data, "--recipe", recipe)
        one_line(said, "pairs holds vectors of texts and no sentences", "dscmr")
    text = data.parent / "encoder.py"
    text.write_text("def encode(texts):\n    raise SystemExit\n")
    one_line(
        tencrop("features", data, "--text", f"{text}:encode"),
        "is no sentence but a vector",
        "dscmr",
    )
    corpus = read(data, "auto", Path("work"))
    with pytest.raises(InputError, match="'test/000000#0' is no sentence but a vector, .*row 0"):
        _ = corpus.captions[0].sentence
    with pytest.raises(InputError, match=NO_WORDS):
        corpus.splitter(["a"], "words")


def test_the_captions_are_shown_by_their_ids(tencrop: Type, data: Path) -> None:
    said = tencrop("corpus", data)
    assert said.code == 0, said.err
    assert "67 stored vectors, 67 captions" in said.out
    assert "words of" not in said.out
    assert "a training could begin" in said.out


def test_all_imports_both_and_trains_and_judges(tencrop: Type, data: Path) -> None:
    said = tencrop("all", data, *SMALL)
    assert said.code == 0, said.err
    assert "rsum" in said.out
    assert len(list(Path("work/features").iterdir())) == 2


def test_words_are_not_counted_of_vectors(tencrop: Type, data: Path) -> None:
    other = captioned(data.parent / "asked")
    one_line(tencrop("words", data, "--without", other), "is no sentence but a vector", "sentences")


def test_texts_that_were_trained_on_are_counted(tencrop: Type, tmp_path: Path) -> None:
    texts = drawn("test")["texts"].copy()
    texts[4] = drawn("train")["texts"][7]
    data = folder(tmp_path / "same", test_texts=texts)
    run = trained(tencrop, made(tencrop, data), data)
    assert tencrop("evaluate", run.last).code == 0
    report = json.loads((Path(run.last) / "eval-test" / "report.json").read_text())
    assert report["leaks"]["captions"]["same"] == 1


def test_a_number_that_is_none_is_named(tencrop: Type, data: Path) -> None:
    there = drawn("test")["texts"].copy()
    there[4, 2] = np.nan
    np.save(data / "test_texts.npy", there)
    one_line(tencrop("cache", "import", data), "test_texts.npy (row 4)", "not finite")
