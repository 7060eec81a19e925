"""The protocol of extended positives against loops over ranked lists of ids."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.ensemble import Ensemble
from core.predictions import Embeddings, Vectors
from core.similarities.matrix import Similarity
from evaluate.judge import judge

IMAGES, EACH = 40, 5
KEYS = ("map_r", "r_precision", "r1")


def space(seed: int, similarity: str = "inner") -> Embeddings:
    draw = np.random.default_rng(seed)
    image = draw.standard_normal((IMAGES, 12))
    owner = np.repeat(np.arange(IMAGES), EACH)
    caption = image[owner] + 1.5 * draw.standard_normal((len(owner), 12))
    ids = np.array([f"COCO_val2014_{1000 + 7 * n:012}.jpg" for n in range(IMAGES)])
    told = np.array([str(50_000 + c) for c in range(len(owner))])
    vectors = [
        np.packbits(side > 0, axis=1) if similarity == "hamming" else side.astype(np.float32)
        for side in (image, caption)
    ]
    return Embeddings(Vectors(ids, vectors[0]), Vectors(told, vectors[1]), owner, similarity)


def scores(given: Embeddings) -> Any:
    assert given.caption is not None
    image, caption = given.image.value.astype(float), given.caption.value.astype(float)
    if given.similarity == "inner":
        return image @ caption.T
    return -np.linalg.norm(np.maximum(caption[None] - image[:, None], 0), axis=2)


def files(folder: Path, seed: int) -> tuple[list[str], dict[str, dict[int, list[int]]]]:
    """Some captions and some images ask, each for its own and up to 12 others."""
    draw = np.random.default_rng(seed)
    images = [1000 + 7 * n for n in range(IMAGES)]
    captions = [50_000 + c for c in range(IMAGES * EACH)]
    told: dict[str, dict[int, list[int]]] = {"image_to_caption": {}, "caption_to_image": {}}
    for n in draw.permutation(IMAGES)[:15]:
        own = captions[EACH * n : EACH * n + EACH]
        more = draw.choice(captions, draw.integers(0, 12), replace=False).tolist()
        told["image_to_caption"][images[n]] = sorted({*own, *more})
    for c in draw.permutation(len(captions))[:60]:
        more = draw.choice(images, draw.integers(0, 12), replace=False).tolist()
        told["caption_to_image"][captions[c]] = sorted({images[c // EACH], *more})
    paths = []
    for name, each in told.items():
        paths.append(folder / f"eccv_{name}.json")
        paths[-1].write_text(json.dumps(each))
    return list(map(str, paths)), told


def number(name: str) -> int:
    """That of MSCOCO in an id."""
    return int(name.removesuffix(".jpg").rpartition("_")[2])


def in_order(line: Any, ids: Any) -> list[int]:
    """All candidates of one query, what ties by the SHA-256 of the ids."""
    toss = [hashlib.sha256(str(i).encode()).hexdigest() for i in ids]
    order = sorted(range(len(ids)), key=lambda c: (-line[c], toss[c]))
    return [number(ids[c]) for c in order]


def loops(ranked: dict[int, list[int]], right: dict[int, list[int]]) -> dict[str, float]:
    """MAP@R, R-precision and R@1 of ranked lists, in percent, query by query."""
    found: dict[str, list[float]] = {key: [] for key in KEYS}
    for query, answers in right.items():
        many, line = len(answers), ranked[query]
        precisions = [
            len({*line[:k]} & {*answers}) / k if line[k - 1] in answers else 0.0
            for k in range(1, many + 1)
        ]
        found["map_r"].append(sum(precisions) / many)
        found["r_precision"].append(len({*line[:many]} & {*answers}) / many)
        found["r1"].append(float(line[0] in answers))
    return {key: 100 * float(np.mean(each)) for key, each in found.items()}


@pytest.mark.parametrize("kind", ["inner", "order", "both"])
@pytest.mark.parametrize("seed", range(5))
def test_it_is_what_loops_over_ranked_lists_say(tmp_path: Path, kind: str, seed: int) -> None:
    members = [space(seed, "inner" if kind == "both" else kind)]
    if kind == "both":
        members.append(space(100 + seed))
    similar = sum(map(scores, members)) / len(members)
    paths, told = files(tmp_path, seed)
    caption = members[0].caption
    assert caption is not None
    images, captions = members[0].image.id, caption.id
    to_text = [in_order(row, captions) for row in similar]
    to_image = [in_order(row, images) for row in similar.T]
    ranked = {
        "i2t": dict(zip(map(number, images), to_text, strict=True)),
        "t2i": dict(zip(map(number, captions), to_image, strict=True)),
    }
    whole = members[0] if kind != "both" else Ensemble.of(dict(zip("ab", members, strict=True)))
    facts = judge(whole, {"positives": paths}, protocol="extended").facts
    for way, name in (("i2t", "image_to_caption"), ("t2i", "caption_to_image")):
        expected = loops(ranked[way], told[name])
        assert {key: facts[way][key] for key in KEYS} == pytest.approx(expected), way
        assert facts[way]["queries"] == len(told[name])
        assert facts[way]["positives"] == np.mean([len(each) for each in told[name].values()])
        assert 1 < expected["map_r"] < 95
    assert facts["map_r"] == pytest.approx(np.mean([facts[w]["map_r"] for w in ("i2t", "t2i")]))


def test_a_stored_matrix_is_judged_as_its_vectors_are(tmp_path: Path) -> None:
    paths, _ = files(tmp_path, 0)
    given = space(0)
    assert given.caption is not None
    assert given.owner is not None
    stored = Similarity(scores(given), given.image.id, given.caption.id, given.owner)
    told, expected = (
        judge(each, {"positives": paths}, protocol="extended") for each in (stored, given)
    )
    assert [told.facts[way] for way in ("i2t", "t2i")] == [
        expected.facts[way] for way in ("i2t", "t2i")
    ]


def test_codes_of_bits_are_judged_too(tmp_path: Path) -> None:
    paths, _ = files(tmp_path, 0)
    report = judge(space(0, "hamming"), {"positives": paths}, protocol="extended")
    assert 0 < report.score < 100
    assert report.facts["tied_queries"] > 0
