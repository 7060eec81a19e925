"""What an export says of itself, and that who follows it gets the model's own scores."""

import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError
from core.records import Caption, Corpus, Image
from core.vectors import Vectors
from core.wording import in_utf8
from pipeline.exported.about import about, described, ways
from pipeline.exported.formats import as_npy, require
from pipeline.exported.rows import PICTURES, VECTOR, sides
from pipeline.said.ways import completed
from pipeline.searched.collection import Collection
from pipeline.searched.galleries import Galleries

ODD = "caf\udce9.jpg"


def collection(*, biased: bool = False, similarity: str = "inner", unit: bool = True) -> Collection:
    images = [Image(f"p{row}", Path("there") / ODD, "test", ("dog",)) for row in range(4)]
    captions = [(f"p{row}", Caption(f"p{row}#0", f"a dog {row}")) for row in range(4)]
    corpus = Corpus.build("tiny", images, captions)
    found = []
    for seed in (0, 1):
        values = np.random.default_rng(seed).normal(size=(4, 6)).astype(np.float32)
        if unit:
            values[:, :5] /= np.linalg.norm(values[:, :5], axis=1, keepdims=True)
        ids = np.array([each.id for each in (corpus.captions if seed else corpus.images)])
        found.append(Vectors(ids, values[:, : 5 + biased]))
    return Collection(corpus, found[0], found[1], similarity, biased)


@pytest.mark.parametrize("biased", [False, True])
def test_who_asks_as_it_says_gets_the_scores_of_a_search(biased: bool) -> None:
    here = collection(biased=biased)
    told = about(here, sides(here, ()))
    assert told["ask"]["metric"] == "inner product"
    assert (told["dim"], told["width"]) == (5, 5 + biased)
    assert here.captions is not None
    asking = {
        "other side": here.plain(here.captions).value[:1],
        "same side": here.plain(here.images).value[:1],
    }
    for way, query in asking.items():
        added = np.array([told["ask"]["append"][way]], dtype=np.float32)
        extended = np.concatenate([query, added], axis=1).astype(np.float64)
        scores = (extended @ here.images.value.astype(np.float64).T)[0]
        near = Galleries(here).near(query, 4, "pictures", alike=way == "same side")
        assert np.allclose(scores[near.row], near.score, atol=1e-6)
    assert ("a 1 behind it, or with a 0" in ways(here)) is biased
    assert ("the last one the gallery's bias" in described(told)) is biased


def test_of_an_order_it_says_that_nobody_else_can_ask() -> None:
    here = collection(similarity="order")
    told = about(here, sides(here, ()))
    assert told["ask"] is None
    assert told["similarity"] == "order"
    assert "'order': no vector database has that" in told["how"]


@pytest.mark.parametrize("unit", [False, True])
def test_whether_the_vectors_are_unit_vectors_is_measured(unit: bool) -> None:
    here = collection(unit=unit, biased=True)
    assert about(here, sides(here, ()))["unit"] == {"pictures": unit, "captions": unit}


def test_a_name_that_is_no_utf_8_is_written(tmp_path: Path) -> None:
    here = collection()
    pictures, _ = sides(here, ())
    as_npy(pictures, tmp_path, {})
    first, *_ = (tmp_path / "pictures.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(first)["path"] == f"there/{in_utf8(ODD)}" == "there/caf\\udce9.jpg"


def test_without_pyarrow_it_is_said_before_anything_is_computed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    require("npy")
    with pytest.raises(InputError, match="not installed; install it, or choose another") as told:
        require("parquet")
    assert completed(told.value).endswith("; type make setup EXTRAS=1, or take --as npy")


def test_the_snippets_of_the_page_are_python() -> None:
    page = (Path(__file__).parents[3] / "docs" / "scale.md").read_text(encoding="utf-8")
    snippets = [part.split("```")[0] for part in page.split("```python\n")[1:]]
    assert len(snippets) == 3
    columns = {name for said in snippets for name in re.findall(r'row\["(\w+)"\]', said)}
    assert columns <= {*PICTURES, VECTOR}
    told = set(re.findall(r'told\[["\'](\w+)["\']\]', page))
    here = collection(biased=True)
    assert told <= about(here, sides(here, ())).keys()
    for said in snippets:
        compile(said, "docs/scale.md", "exec")
