"""What a training would lack is found before stage one."""

import pytest

from core.errors import InputError
from core.records import Caption, Corpus, Image
from pipeline.refusals.ahead import require_splits
from pipeline.typed.by_make import ASKED_BY


def corpus(**captions: int) -> Corpus:
    """Two pictures a split, of which one has so many captions."""
    images = [Image(f"{split}{n}", None, split) for split in captions for n in range(2)]
    told = [
        (f"{split}0", Caption(f"{split}#{k}", "x"))
        for split, n in captions.items()
        for k in range(n)
    ]
    return Corpus.build("tiny", images, told)


def test_splits_with_captions_are_enough() -> None:
    require_splits(corpus(train=3, val=1, test=2), ("train", "val", "test"))
    require_splits(corpus(restval=3, val=1), ("train", "val"))
    require_splits(corpus(train=3), ())


@pytest.mark.parametrize(
    ("made", "split", "words"),
    [
        (
            corpus(train=3, val=1),
            "test",
            ["(pictures with captions: train 1, val 1)", "split val"],
        ),
        (corpus(train=3, val=1, test=0), "test", ["captions: train 1, val 1)", "column `split`"]),
        (corpus(train=3, test=1), "val", ["captions: test 1, train 1)", "column `split`"]),
        (corpus(val=3, test=1), "train", ["captions: test 1, val 1)", "column `split`"]),
        (corpus(train=1, val=1, odd=1), "extra", ["--split val"]),
    ],
)
def test_an_empty_split_is_one_line_with_the_way_out(
    made: Corpus, split: str, words: list[str]
) -> None:
    with pytest.raises(InputError) as caught:
        require_splits(made, ("train", "val", split) if split not in ("train", "val") else (split,))
    line = str(caught.value)
    assert f"no picture with a caption is in the split {split!r}" in line
    assert [word for word in words if word not in line] == []
    assert ("--split" in line) == (split not in ("train", "val"))
    assert "\n" not in line


def test_a_corpus_without_captions_is_told_where_to_write_them() -> None:
    for needed in (("train",), ("val", "test")):
        with pytest.raises(
            InputError, match="tiny has no captions: .*captions.csv.*a.txt"
        ) as caught:
            require_splits(corpus(train=0, val=0), needed)
        assert "\n" not in str(caught.value)
    require_splits(corpus(train=0), ())


def test_make_is_told_of_its_own_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ASKED_BY, "make")
    with pytest.raises(InputError, match="with SPLIT=val"):
        require_splits(corpus(train=3, val=1), ("train", "val", "test"))
