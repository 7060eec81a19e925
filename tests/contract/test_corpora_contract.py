"""Every corpus format: what it promises to ``read_corpus`` and to the command line."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core import plugins
from core.corpora import formats, read_corpus
from core.errors import InputError, SettingError, TencropError

NAMES = plugins.names("core.corpora")
FILES: dict[str, dict[str, str]] = {
    "karpathy_json": {
        "dataset_x.json": json.dumps(
            {
                "images": [
                    {"filename": f"{n}.jpg", "split": "train", "sentences": [{"raw": "A dog"}]}
                    for n in "cab"
                ]
            }
        ),
    },
    "flickr_tokens": {
        "x.token.txt": "".join(f"{n}.jpg#{k}\tA dog .\n" for n in "cab" for k in (0, 1)),
        "x.trainImages.txt": "c.jpg\na.jpg\n",
        "x.devImages.txt": "b.jpg\n",
        "x.testImages.txt": "",
    },
    "coco_captions": {
        f"annotations/captions_{split}2017.json": json.dumps(
            {
                "images": [{"id": 1, "file_name": f"{n}.jpg"}],
                "annotations": [{"id": k, "image_id": 1, "caption": "A dog"}],
            }
        )
        for k, (split, n) in enumerate([("train", "c"), ("val", "a"), ("test", "b")])
    },
    "folder": {"captions.csv": "image,caption\nc.jpg,A dog\na.jpg,A cat\nb.jpg,x\n"},
    "scenes": {
        "scenes.json": json.dumps(
            {
                "format": "tencrop-scenes/1",
                "pictures": [
                    {
                        "id": f"{n}.jpg",
                        "file": f"images/{n}.jpg",
                        "split": "train",
                        "captions": ["x"],
                    }
                    for n in "cab"
                ],
            }
        ),
    },
}
SAMPLED = [name for name in NAMES if name in FILES]


def write(folder: Path, name: str) -> Path:
    (folder / "images").mkdir(parents=True)
    for picture in "bca":
        (folder / "images" / f"{picture}.jpg").touch()
    for file, content in FILES[name].items():
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_text(content, encoding="utf-8")
    return folder


@pytest.fixture(params=SAMPLED)
def sample(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path]:
    return request.param, write(tmp_path / "corpus", request.param)


def test_every_format_has_a_sample() -> None:
    assert set(FILES) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_needs_is_one_phrase_for_the_help(name: str) -> None:
    needs = formats()[name]
    assert needs == plugins.load("core.corpora", name).NEEDS
    assert needs.strip() == needs
    assert 0 < len(needs) < 160
    assert "\n" not in needs


@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_corpus_is_not_recognised_and_refused_in_one_line(
    name: str, tmp_path: Path
) -> None:
    module = plugins.load("core.corpora", name)
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("hello")
    for path in (tmp_path / "empty", tmp_path / "notes.txt"):
        assert module.recognises(path) is False
        with pytest.raises(TencropError) as caught:
            read_corpus(path, name)
        assert "\n" not in str(caught.value)
        assert str(path) in str(caught.value)
    with pytest.raises(InputError) as caught:
        read_corpus(tmp_path / "empty", name)
    assert module.NEEDS in str(caught.value)


def test_each_sample_is_recognised_by_its_own_format_alone(sample: tuple[str, Path]) -> None:
    name, folder = sample
    fitting = [n for n in NAMES if plugins.load("core.corpora", n).recognises(folder)]
    assert fitting == [name]
    found, named = read_corpus(folder), read_corpus(folder, name)
    assert (found.images, found.captions) == (named.images, named.captions)


def test_a_corpus_is_joined_by_ids_that_are_unique_sorted_and_typed(
    sample: tuple[str, Path],
) -> None:
    _, folder = sample
    corpus = read_corpus(folder)
    assert [image.id for image in corpus.images] == ["a.jpg", "b.jpg", "c.jpg"]
    assert [image.path for image in corpus.images] == [
        folder / "images" / f"{name}.jpg" for name in "abc"
    ]
    assert len({caption.id for caption in corpus.captions}) == len(corpus.captions)
    assert {type(c.id) for c in corpus.captions} == {type(i.id) for i in corpus.images} == {str}
    assert corpus.owner.shape == (len(corpus.captions),)
    assert set(corpus.owner.tolist()) == {0, 1, 2}
    assert {image.label for image in corpus.images} == {None}
    assert corpus.name


def test_the_order_of_the_file_system_changes_nothing(
    sample: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, folder = sample
    plain = read_corpus(folder)
    real_walk, real_glob = os.walk, Path.glob

    def walk(*args: Any, **kwargs: Any) -> Iterator[Any]:
        return ((top, dirs, sorted(files)[::-1]) for top, dirs, files in real_walk(*args, **kwargs))

    def glob(self: Path, *args: Any, **kwargs: Any) -> Iterator[Path]:
        return iter(sorted(real_glob(self, *args, **kwargs), reverse=True))

    monkeypatch.setattr(os, "walk", walk)
    monkeypatch.setattr(Path, "glob", glob)
    turned = read_corpus(folder)
    assert (turned.images, turned.captions) == (plain.images, plain.captions)
    assert turned.owner.tolist() == plain.owner.tolist()


def test_auto_refuses_to_choose_among_several(tmp_path: Path) -> None:
    folder = write(tmp_path / "both", "flickr_tokens")
    (folder / "dataset_x.json").write_text(FILES["karpathy_json"]["dataset_x.json"])
    with pytest.raises(InputError, match="fits flickr_tokens and karpathy_json; choose one with"):
        read_corpus(folder)
    assert len(read_corpus(folder, "flickr_tokens").captions) == 6
    assert len(read_corpus(folder, "karpathy_json").captions) == 3


def test_auto_says_what_each_format_would_need(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_corpus(tmp_path)
    for name, needs in formats().items():
        assert f"{name}: {needs}" in str(caught.value)


@pytest.mark.parametrize("format", ["auto", "folder"])
def test_a_missing_path(tmp_path: Path, format: str) -> None:
    with pytest.raises(InputError, match="nowhere: no such file or folder"):
        read_corpus(tmp_path / "nowhere", format)


def test_an_unknown_format_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="did you mean 'flickr_tokens'"):
        read_corpus(tmp_path, "flickr_token")


def test_an_error_of_the_file_system_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, *args: object) -> Iterator[Path]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "glob", refuse)
    with pytest.raises(InputError, match="Permission denied; check the path and permissions"):
        read_corpus(tmp_path)


@pytest.mark.parametrize("reading", [Path.exists, Path.is_dir])
def test_recognising_reads_no_file(
    sample: tuple[str, Path], reading: Callable[[Path], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, folder = sample
    assert reading(folder)

    def refuse(self: Path, *args: object, **kwargs: object) -> bytes:
        raise AssertionError(f"{self} was opened")

    for opener in ("open", "read_bytes", "read_text"):
        monkeypatch.setattr(Path, opener, refuse)
    for name in NAMES:
        plugins.load("core.corpora", name).recognises(folder)
