"""Vectors of others in a cache: the same numbers under the same ids, found again, gone on with."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.corpora import read_corpus
from core.errors import InputError, NumberError
from core.places import place_sha256
from core.store import FeatureCache, FeatureWriter, verify_cache
from extract import imported
from extract.imported import Heard, import_vectors
from tests.stored import corpus, drawn


def values(cache: FeatureCache, *ids: str) -> np.ndarray[Any, Any]:
    return cache.read("pooled", cache.rows(ids))


@pytest.mark.parametrize("dtype", ["<f4", ">f4", "<f8", "<f2", "<i8", "|b1"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_the_numbers_are_those_of_the_rows(tmp_path: Path, dtype: str, order: Any) -> None:
    data = corpus(tmp_path / "data")
    for file in data.glob("*_ims.npy"):
        np.save(file, np.array(np.load(file), dtype=dtype, order=order))
    found = read_corpus(data)
    cache = FeatureCache(import_vectors(found, tmp_path / "caches"))
    assert verify_cache(cache.path) == []
    kept = np.float16 if dtype == "<f2" else np.float32
    for name, split in (("train", "train"), ("dev", "val"), ("test", "test")):
        there = np.load(data / f"{name}_ims.npy").astype(kept)
        now = values(cache, *(f"{split}/{n:06}" for n in range(len(there))))
        assert now.dtype == kept
        assert np.array_equal(now, there[:, None])
    assert cache.ids == [image.id for image in found.images]
    assert cache.digests == [place_sha256(image.place) for image in found.images]


def test_regions_are_kept_as_crops_are(tmp_path: Path) -> None:
    there = drawn(tmp_path / "data", "test", 6, shape=(4, 8))
    cache = FeatureCache(import_vectors(read_corpus(tmp_path / "data"), tmp_path / "caches"))
    assert cache.layers == {"pooled": (4, 8)}
    assert (cache.manifest["fields"]["crops"], cache.manifest["fields"]["keep"]) == (4, "all")
    assert np.array_equal(values(cache, "test/000003", "test/000001"), there[[3, 1]])


def test_of_several_precisions_the_widest_is_kept(tmp_path: Path) -> None:
    data = corpus(tmp_path / "data")
    np.save(data / "dev_ims.npy", np.load(data / "dev_ims.npy").astype(np.float16))
    cache = FeatureCache(import_vectors(read_corpus(data), tmp_path / "caches"))
    assert cache.manifest["fields"]["dtype"] == "float32"


@pytest.mark.parametrize(("odd", "dtype"), [(np.nan, "f4"), (-np.inf, "f2"), (1e39, "f8")])
def test_a_number_that_is_none_is_named_with_its_row(
    tmp_path: Path, odd: float, dtype: str
) -> None:
    data = tmp_path / "data"
    there = drawn(data, "test", 6).astype(dtype)
    there[4, 2] = odd
    np.save(data / "test_ims.npy", there)
    with pytest.raises(NumberError, match=r"test_ims.npy \(row 4\) holds a number that is not"):
        import_vectors(read_corpus(data), tmp_path / "caches")


@pytest.mark.parametrize("odd", [2**24 + 1, -(2**24) - 1])
def test_a_whole_number_that_float32_does_not_have_is_refused(tmp_path: Path, odd: int) -> None:
    there = np.full((6, 3), 2**24)
    data = tmp_path / "data"
    drawn(data, "test", 6)
    np.save(data / "test_ims.npy", there)
    cache = FeatureCache(import_vectors(read_corpus(data), tmp_path / "caches"))
    assert (values(cache, "test/000003") == 2**24).all()
    there[4, 2] = odd
    np.save(data / "test_ims.npy", there)
    with pytest.raises(NumberError, match=r"test_ims.npy \(row 4\) holds whole numbers beyond 16"):
        import_vectors(read_corpus(data), tmp_path / "caches")


def test_pictures_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    with pytest.raises(InputError, match="holds pictures, and no vectors"):
        import_vectors(read_corpus(tmp_path), tmp_path / "caches")


def test_it_is_found_by_what_the_files_hold(tmp_path: Path) -> None:
    data = corpus(tmp_path / "data")
    first = import_vectors(read_corpus(data), tmp_path / "caches")
    said = []
    again = import_vectors(
        read_corpus(data),
        tmp_path / "caches",
        heard=Heard(begun=lambda path, there: said.append(there)),
    )
    assert (again, said) == (first, [67])
    (data / "train_caps.txt").write_text("another caption\n" * 40)
    assert import_vectors(read_corpus(data), tmp_path / "caches") == first
    there = np.load(data / "test_ims.npy")
    there[0, 0] += 1
    np.save(data / "test_ims.npy", there)
    assert import_vectors(read_corpus(data), tmp_path / "caches") != first


def test_a_name_makes_two_imports_of_one_encoder(tmp_path: Path) -> None:
    caches = []
    for seed in (1, 2):
        data = corpus(tmp_path / f"data{seed}", seed=seed)
        caches += [
            FeatureCache(import_vectors(read_corpus(data), tmp_path / "w", encoder=name))
            for name in ("", "own")
        ]
    facts = [{**c.manifest["fields"], "corpus": ""} for c in caches]
    assert facts[1] == facts[3]
    assert facts[0] != facts[2]
    assert len({cache.key for cache in caches}) == 4


def test_what_was_interrupted_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = corpus(tmp_path / "data")
    plain = import_vectors(read_corpus(data), tmp_path / "plain")
    monkeypatch.setattr(imported, "MOST_ROWS", 10)
    real, done = FeatureWriter.commit, []

    def killed(self: FeatureWriter, number: int, *more: Any) -> None:
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(number)
        real(self, number, *more)

    with monkeypatch.context() as patch:
        patch.setattr(FeatureWriter, "commit", killed)
        with pytest.raises(KeyboardInterrupt):
            import_vectors(read_corpus(data), tmp_path / "caches")
    said = []
    found = import_vectors(
        read_corpus(data),
        tmp_path / "caches",
        heard=Heard(begun=lambda path, there: said.append(there)),
    )
    assert said == [30]
    assert verify_cache(found) == []
    cache, other = FeatureCache(found), FeatureCache(plain)
    assert cache.key == other.key
    assert np.array_equal(values(cache, *cache.ids), values(other, *cache.ids))
