"""Embeddings of several models, joined by the ids of what they are of."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.ensemble import Ensemble
from core.errors import InputError
from core.files import file_sha256
from core.predictions import Decoding, Embeddings, Vectors


def embeddings(seed: int = 0, width: int = 4) -> Embeddings:
    """Five pictures, eight captions; the last picture has none."""
    draw = np.random.default_rng(seed)
    owner = np.array([0, 0, 1, 2, 3, 3, 3, 1])
    image, caption = (draw.normal(size=(n, width)).astype(np.float32) for n in (5, 8))
    ids = np.array([f"p{n}" for n in range(5)]), np.array([f"c{n}" for n in range(8)])
    return Embeddings(Vectors(ids[0], image), Vectors(ids[1], caption), owner)


def in_another_order(given: Embeddings, seed: int) -> Embeddings:
    assert given.caption is not None
    assert given.owner is not None
    draw = np.random.default_rng(seed)
    image, caption = draw.permutation(len(given.image.id)), draw.permutation(len(given.owner))
    sides = (
        Vectors(side.id[rows], side.value[rows])
        for side, rows in ((given.image, image), (given.caption, caption))
    )
    return replace(
        given,
        **dict(zip(("image", "caption"), sides, strict=True)),
        owner=np.argsort(image)[given.owner[caption]],
    )


@pytest.mark.parametrize("seed", range(5))
def test_it_is_joined_by_ids_and_not_by_position(seed: int) -> None:
    first, second = embeddings(0), embeddings(1, width=7)
    moved = in_another_order(second, seed)
    assert (moved.image.id != second.image.id).any()
    joined = Ensemble.of({"a": first, "b": moved}).members
    for ours, expected in zip(joined, (first, second), strict=True):
        assert ours.caption is not None
        assert expected.caption is not None
        assert (ours.image.id == first.image.id).all()
        assert (ours.caption.id == expected.caption.id).all()
        assert (ours.image.value == expected.image.value).all()
        assert (ours.caption.value == expected.caption.value).all()
        assert (ours.owner == first.owner).all()


def test_what_is_of_other_things_is_refused_with_both_named() -> None:
    first, other = embeddings(0), embeddings(1)
    assert other.caption is not None
    assert other.owner is not None
    pictures = replace(other.image, id=np.array(["p0", "p1", "p2", "p3", "p9"]))
    captions = replace(other.caption, id=np.array([*other.caption.id[:-1], "c9"]))
    twice = replace(other.caption, id=np.array([*other.caption.id[:-1], "c0"]))
    decoding = Decoding(np.array(["a"]), [[[1]]], lambda: None, lambda s, w: (s, w))
    cases = [
        (replace(other, image=pictures), "b were asked about other pictures, first 'p4'"),
        (replace(other, caption=captions), "b were asked about other captions, first 'c7'"),
        (replace(other, caption=twice), "b were asked about other captions"),
        (replace(other, owner=(other.owner + 1) % 5), "b have captions of other pictures"),
        (replace(other, protocol="labels"), "judged by 'retrieval' and b by 'labels'"),
        (decoding, "^b gives no embeddings of pictures and captions"),
        (replace(other, caption=None, owner=None), "^b gives no embeddings"),
    ]
    for told, why in cases:
        with pytest.raises(InputError, match=f"{why}.*; ask each alone"):
            Ensemble.of({"a": first, "b": told})


def test_it_is_kept_a_file_a_member(tmp_path: Path) -> None:
    both = Ensemble.of({"a": embeddings(0), "b": embeddings(1)})
    files = both.save(tmp_path)
    assert files == {
        name: file_sha256(tmp_path / name) for name in ("embeddings-1.npz", "embeddings-2.npz")
    }
    for number, member in enumerate(both.members, start=1):
        read = Embeddings.load(tmp_path, f"embeddings-{number}.npz")
        assert (read.image.value == member.image.value).all()
    assert both.protocol == "retrieval"
