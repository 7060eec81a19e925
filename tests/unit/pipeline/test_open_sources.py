"""Which layers of which caches a task reads, by name; what cannot be read is refused."""

import shutil
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from core.errors import CacheError, SettingError, TooManyFailures
from core.provenance import check_one_corpus
from core.records import Caption, Corpus, Image
from core.sources import Source
from core.store import FeatureCache
from core.text import Vocabulary
from pipeline.asked.sources import open_sources
from pipeline.corpus import require_pictures, require_same
from tests.caches import cache_of
from train.examples.pairs import Pairs

PICTURES = [(f"p{n}", sha256(b"%d" % n).hexdigest()) for n in range(5)]
A = {"backbone": "a", "transform": {"crop": 224}}
B = {"backbone": "b", "transform": {"crop": 224}}


def opened(layer: str, *caches: FeatureCache) -> dict[str, Source]:
    outline: Any = SimpleNamespace(sources={"image": layer})
    return open_sources(outline, caches)


@pytest.fixture
def caches(tmp_path: Path) -> tuple[FeatureCache, FeatureCache, FeatureCache]:
    """Two views of a, and b with a second layer."""
    return (
        cache_of(tmp_path, PICTURES, 1, **A),
        cache_of(tmp_path, PICTURES, 2, **A | {"transform": {"crop": 288}}),
        cache_of(tmp_path, PICTURES, 3, **B, layers={"pooled": 4, "grid": 3}),
    )


def test_one_cache_is_one_source_by_the_tasks_name(caches: tuple[FeatureCache, ...]) -> None:
    (name, source), *more = opened("pooled", caches[0]).items()
    assert (name, source.shape, more) == ("image", (1, 6), [])
    assert "views" not in source.made_by


def test_views_are_one_source_and_others_stand_beside(caches: tuple[FeatureCache, ...]) -> None:
    for order in (caches, caches[::-1]):
        found = opened("pooled", *order)
        assert {name: source.shape for name, source in found.items()} == {
            "image": (2, 6),
            "image.2": (1, 4),
        }
    both = opened("grid,pooled", *caches)
    assert [source.shape for source in both.values()] == [(2, 6), (1, 3), (1, 4)]
    assert list(both) == ["image", "image.2", "image.3"]


def test_ten_sources_and_more_are_in_the_order_in_which_a_run_keeps_them(tmp_path: Path) -> None:
    made = [cache_of(tmp_path, PICTURES, n, backbone=f"b{n:02d}", transform={}) for n in range(11)]
    assert list(opened("pooled", *made)) == sorted(["image", *(f"image.{n}" for n in range(2, 12))])


def test_a_layer_that_no_cache_has(caches: tuple[FeatureCache, ...]) -> None:
    with pytest.raises(CacheError, match=r"\['pooled'\], not 'grid'; make it with"):
        opened("grid", caches[0])
    with pytest.raises(
        CacheError, match=r"no cache has.*'grid'.* has pooled; .*--set layer=pooled"
    ):
        opened("grid,pooled", *caches[:2])
    with pytest.raises(SettingError, match=r"leave caches and stage one out.*--from RUN"):
        opened("pixels", caches[0])
    with pytest.raises(SettingError, match=r"reads waves, and the layers of.*from Python"):
        opened("waves", *caches)


def test_a_cache_of_which_nothing_is_read(caches: tuple[FeatureCache, ...]) -> None:
    with pytest.raises(CacheError, match=r"made-1.*reads none \(grid\); leave.*layer=grid,pooled$"):
        opened("grid", *caches)


def test_a_cache_twice(caches: tuple[FeatureCache, ...], tmp_path: Path) -> None:
    with pytest.raises(CacheError, match=r"is given twice; give it once"):
        opened("pooled", caches[0], caches[1], caches[0])
    copy = FeatureCache(Path(shutil.copytree(caches[0].path, tmp_path / "copy")))
    with pytest.raises(CacheError, match=r"copy and .*made-1-\w+ are one cache, given twice"):
        opened("pooled", caches[0], copy)


def test_a_layer_that_two_caches_hold_alike(
    caches: tuple[FeatureCache, ...], tmp_path: Path
) -> None:
    more = cache_of(tmp_path, PICTURES, 1, **A, layers={"pooled": 6, "grid": 2})
    with pytest.raises(CacheError, match="the same numbers of the layer 'pooled'; leave one of"):
        opened("pooled,grid", caches[0], more)


def test_a_picture_that_one_cache_lacks_is_left_out_and_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = cache_of(tmp_path, PICTURES, 1, **A)
    two = cache_of(tmp_path, PICTURES, 2, **B, failures={"p3": "it is cut short"})
    images = [Image(name, None, "train", ()) for name, _ in PICTURES]
    corpus = Corpus.build("c", images, [(n, Caption(f"{n}#0", "so")) for n, _ in PICTURES])
    for order in ([one, two], [two, one]):
        require_pictures(corpus, order, 20.0, sample=0, work=tmp_path)
        said = capsys.readouterr().err
        assert "1 caption left out (all listed in" in said
        assert f"p3#0: p3 has no features in {two.path.name}\n" in said
        with pytest.raises(TooManyFailures, match="1 of 5 captions are of pictures without feat"):
            require_pictures(corpus, order, 19.9, sample=0)
    sources = list(opened("pooled", one, two).values())
    words = Vocabulary.build(["so"], min_count=1)
    data = Pairs(corpus, sources, words, max_tokens=9)
    assert data.image_id.tolist() == ["p0", "p1", "p2", "p4"]
    for name, source in zip(data.image_id, range(4), strict=True):
        for found, of in zip(data.features[np.array([source])], sources, strict=True):
            assert np.array_equal(found[0].numpy(), of.read(of.rows([name]))[0])


def test_caches_of_other_files_are_refused(tmp_path: Path) -> None:
    changed = [*PICTURES[:3], ("p3", "f" * 64), ("p4", "")]
    one, two = cache_of(tmp_path, PICTURES, 1, **A), cache_of(tmp_path, changed, 2, **B)
    corpus = Corpus.build("c", [Image(name, None, "train", ()) for name, _ in PICTURES], [])
    with pytest.raises(CacheError, match=r"two files for 'p3': sha256 .* and ffffffffffff; run"):
        require_same(corpus, [one, two])
    same = np.array([image.id != "p3" for image in corpus.images])
    require_same(corpus.select(same), [one, two])
    check_one_corpus(corpus, [one])
    fewer = cache_of(tmp_path, PICTURES[:2], 3, **B)
    with pytest.raises(CacheError, match="made from another corpus: 3 of the 5 pictures"):
        require_same(corpus, [one, fewer])
