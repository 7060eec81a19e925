"""The Wikipedia set: ids and classes by its lists, nothing taken of test."""

from pathlib import Path

import pytest

from core.corpora import read_corpus, wikipedia
from core.errors import InputError
from tests.layouts import layout


def test_the_lists_tell_ids_and_classes(tmp_path: Path) -> None:
    corpus = read_corpus(layout(tmp_path, wikipedia.EXAMPLE))
    told = [(image.id, image.split, image.labels) for image in corpus.images]
    assert told == [
        *(("a.jpg", "train", ("1",)), ("b.jpg", "train", ("2",)), ("c.jpg", "test", ("2",)))
    ]
    assert [caption.id for caption in corpus.captions] == ["t-1", "t-2", "t-3"]
    assert corpus.owner.tolist() == [0, 1, 2]


def test_classes_are_named_where_a_file_names_them(tmp_path: Path) -> None:
    data = layout(tmp_path, {**wikipedia.EXAMPLE, "categories.list": "art\nbiology\n"})
    assert {image.labels for image in read_corpus(data).images} == {("art",), ("biology",)}
    (data / "categories.list").write_text("art\n")
    with pytest.raises(InputError, match="has the label 2 and .*categories.list names 1 classes"):
        read_corpus(data)


@pytest.mark.parametrize(
    ("list_", "told"),
    [
        (
            "t-1\ta.jpg\t1\n",
            r"I_tr of .*mat has 2 rows and .*trainset_.*list has 1 lines",
        ),
        ("t-1\ta.jpg\t1\nt-2\tb.jpg\n", "line 2 of .*trainset_txt_img_cat.list is not the text's"),
        ("t-1\ta.jpg\t1\nt-2\tb.jpg\t0\n", "line 2 of .*trainset_txt_img_cat.list is not"),
        ("t-1\ta.jpg\t1\nt-1\tb.jpg\t2\n", "two captions have the id 't-1'"),
        ("t-1\ta.jpg\t1\nt-2\tb.jpg\t3\n", r"the class '2' of 'c.jpg' \(test\) has no sample"),
    ],
)
def test_lists_that_do_not_fit_are_refused(tmp_path: Path, list_: str, told: str) -> None:
    data = layout(tmp_path, {**wikipedia.EXAMPLE, "trainset_txt_img_cat.list": list_})
    with pytest.raises(InputError, match=told):
        read_corpus(data)
