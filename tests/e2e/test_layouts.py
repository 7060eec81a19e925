"""Each layout of the same pictures gives the same features, bit for bit, and goes through."""

import io
import os
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.corpora import formats
from core.files import file_sha256
from core.plugins import names
from core.store import FeatureCache
from tests.e2e.conftest import FEATURES, SMALL, Chain, Type
from tests.e2e.same_pictures import SILENT, TOLD, Captions, Pictures, laid_out

DATA = Path(os.environ.get("TENCROP_DATA", Path(__file__).parents[3] / "shared" / "data"))
FLICKR = DATA / "flickr8k"
PYARROW = find_spec("pyarrow") is not None


def drawn(count: int) -> tuple[Pictures, Captions]:
    draw = np.random.default_rng(0)
    pictures, captions = {}, {}
    for number in range(count):
        stream = io.BytesIO()
        values = draw.integers(0, 256, (40, 50, 3), dtype=np.uint8)
        Image.fromarray(values).save(stream, "JPEG")
        pictures[f"p{number:02}.jpg"] = stream.getvalue()
        captions[f"p{number:02}.jpg"] = [f"picture {number}, the first", f"number {number}"]
    return pictures, captions


def photographs(count: int) -> tuple[Pictures, Captions]:
    told: dict[str, list[str]] = {}
    for line in (FLICKR / "Flickr8k.token.txt").read_text(encoding="utf-8").splitlines():
        key, _, text = line.partition("\t")
        told.setdefault(key.partition("#")[0], []).append(text.replace('"', "'"))
    files = sorted((FLICKR / "images").glob("*.jpg"))
    chosen = [path for path in files[:: len(files) // (2 * count)] if path.name in told][:count]
    return {p.name: p.read_bytes() for p in chosen}, {p.name: told[p.name] for p in chosen}


def by_digest(cache: Path) -> dict[str, bytes]:
    """The features of each picture as bytes, by the digest of the picture."""
    read = FeatureCache(cache)
    values = read.read("pooled", np.arange(len(read.ids)))
    return {digest: values[row].tobytes() for row, digest in enumerate(read.digests)}


def test_every_format_that_people_have_is_among_them() -> None:
    laid = {name.partition(" ")[0] for name in TOLD | SILENT}
    others = {
        "derived_labels",
        "multi30k",
        "precomputed",
        "scenes",
        "vectors",
        "wikipedia",
    }  # no pictures of people's own
    assert laid == set(names("core.corpora")) - others == set(formats()) - others


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bytes]]:
    """Features by layout, filled as the layouts are gone through."""
    return {}


@pytest.mark.parametrize("name", TOLD | SILENT)
def test_the_same_features_under_each_layout(
    tencrop: Type, tmp_path: Path, name: str, expected: dict[str, dict[str, bytes]]
) -> None:
    pictures, captions = drawn(15)
    go_through(tencrop, tmp_path, name, pictures, captions, expected)


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.skipif(not FLICKR.is_dir(), reason=f"{FLICKR} is not there: set TENCROP_DATA")
def test_photographs_under_each_layout(tencrop: Type, tmp_path: Path) -> None:
    pictures, captions = photographs(10)
    assert len(pictures) == 10
    expected: dict[str, dict[str, bytes]] = {}
    for name in TOLD | SILENT:
        if not PYARROW and name.startswith("parquet"):
            continue
        go_through(tencrop, tmp_path / name, name, pictures, captions, expected)


def test_a_run_is_not_asked_about_pictures_without_captions(
    tencrop: Type, chain: Chain, tmp_path: Path
) -> None:
    pictures, _ = drawn(3)
    data = laid_out(tmp_path / "photos", "pictures", pictures, {})
    said = tencrop("evaluate", chain.run, "--data", data, "--work", tmp_path / "work")
    assert said.code == 1
    assert "photos has no captions" in said.err
    assert not (tmp_path / "work" / "features").exists()


def go_through(
    tencrop: Type,
    folder: Path,
    name: str,
    pictures: Pictures,
    captions: Captions,
    expected: dict[str, dict[str, bytes]],
) -> None:
    """Features, train and evaluate; the features are held against those of all before."""
    data = laid_out(folder / "photos", name, pictures, captions)
    work = ("--work", folder / "work")
    made = tencrop("features", data, *FEATURES, *work)
    assert made.code == 0, made.err
    found = by_digest(Path(made.last))
    (folder / "one.jpg").write_bytes(next(iter(pictures.values())))
    assert file_sha256(folder / "one.jpg") in found
    assert len(found) == len(pictures)
    expected[name] = found
    assert next(iter(expected.values())) == found
    few = ("--set", "min_count=1", "--set", "batch_size=8")
    run = tencrop("train", made.last, "--data", data, *SMALL, *few, *work)
    if name in SILENT:
        assert run.code == 1
        assert "has no captions: `features` can be made" in run.err
        assert "captions.csv" in run.err
        return
    assert run.code == 0, run.err
    judged = tencrop("evaluate", run.last, *work)
    assert judged.code == 0, judged.err
    assert "rsum" in judged.out
