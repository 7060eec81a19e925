"""The gallery's bias is left out of what compares vectors as they are, whoever names it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.predictions import Embeddings
from evaluate.protocols.labels import example
from pipeline.asked.unbiased import unbiased
from train.gallery.bias import Bank, Gallery
from train.trained import Trained

GIVEN = replace(example(), owner=np.arange(3))
BANK = Bank(torch.eye(2), torch.ones(1, 2))


def run(*, biased: bool = True) -> Trained:
    unused: Any = None
    gallery = Gallery(BANK, 0.8, 17.0) if biased else None
    return Trained(Path("run"), *[unused] * 5, gallery=gallery)


def predicted(trained: Trained, protocol: str) -> Embeddings:
    own = replace(GIVEN, protocol=protocol)
    return trained.gallery.extend(own) if trained.gallery else own


@pytest.mark.parametrize(
    ("own", "asked", "plain"),
    [
        ("labels", None, True),
        ("retrieval", "labels", True),
        ("retrieval", None, False),
        ("labels", "retrieval", False),
    ],
)
def test_by_the_protocol_that_judges(
    own: str, asked: str | None, plain: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    given = run()
    trained, left = unbiased(given, predicted(given, own), asked)
    assert isinstance(left, Embeddings)
    assert (trained.gallery is None) == plain
    assert left.image.value.shape[1] == (2 if plain else 4)
    if plain:
        assert left.image.value.tobytes() == GIVEN.image.value.tobytes()
    assert ("the gallery's bias is left out: labels" in capsys.readouterr().err) == plain


def test_a_run_without_a_bias_stays_as_it_is() -> None:
    given = run(biased=False)
    prediction = predicted(given, "labels")
    assert unbiased(given, prediction, None) == (given, prediction)
