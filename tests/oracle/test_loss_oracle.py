"""The hinge against a triple loop over pairs and negatives, in float64."""

import numpy as np
import pytest
import torch

from train.losses.hinge import Hinge, Options


def by_loops(image, caption, image_id, *, margin, hardest, same_image):
    """The sum of all costs, and how many they are."""
    total, many = 0.0, 0
    for b in range(len(image)):
        pair = float(np.dot(image[b], caption[b]))
        costs = {"caption": [0.0], "image": [0.0]}
        negatives = 0
        for other in range(len(image)):
            if other == b or (not same_image and image_id[other] == image_id[b]):
                continue
            negatives += 1
            costs["caption"].append(max(0.0, margin - pair + float(image[b] @ caption[other])))
            costs["image"].append(max(0.0, margin - pair + float(image[other] @ caption[b])))
        total += sum(max(c) if hardest else sum(c) for c in costs.values())
        many += 2 * (min(1, negatives) if hardest else negatives)
    return total, many


def unit(rng, rows, dim):
    vectors = rng.normal(size=(rows, dim))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("hardest", [True, False])
@pytest.mark.parametrize("same_image", [True, False])
def test_equals_the_triple_loop(seed, hardest, same_image):
    rng = np.random.default_rng(seed)
    rows = int(rng.integers(1, 9))
    image_id = rng.integers(0, max(1, rows - 2), size=rows)
    image, caption = unit(rng, rows, 5)[image_id], unit(rng, rows, 5)
    if seed % 4 == 0:
        caption[:] = caption[0]
    margin = float(rng.choice([0.0, 0.05, 0.2, 1.0]))
    loss = Hinge(
        Options(
            margin=margin,
            negatives="hardest" if hardest else "all",
            same_image_negatives=same_image,
        )
    )
    found = loss(*map(torch.from_numpy, (image, caption, image_id)))
    expected, many = by_loops(
        image, caption, image_id, margin=margin, hardest=hardest, same_image=same_image
    )
    assert found.item() == pytest.approx(expected, abs=1e-12)
    assert loss.summed(torch.from_numpy(image_id)) == many


def hand(**options):
    """Two pictures at right angles; caption 1 leans to the wrong picture."""
    image = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    caption = torch.tensor([[1.0, 0.0], [0.8, 0.6]])
    return Hinge(Options(**options))(image, caption, torch.arange(2)).item()


def test_a_case_worked_by_hand():
    # s = [[1, .8], [0, .6]]; image 0: .2 - 1 + .8 = 0; image 1: .2 - .6 + 0 < 0;
    # caption 0: .2 - 1 + 0 < 0; caption 1: .2 - .6 + .8 = .4
    assert hand() == pytest.approx(0.4)
    assert hand(margin=0.5) == pytest.approx(0.3 + 0.7)


def test_the_same_picture_twice_is_a_negative_only_as_published():
    image = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    row = torch.tensor([7, 7])
    published = Hinge(Options())(image, image, row)
    assert published.item() == pytest.approx(4 * 0.2)
    assert Hinge(Options(same_image_negatives=False))(image, image, row).item() == 0.0
