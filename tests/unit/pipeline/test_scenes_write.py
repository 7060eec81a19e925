"""A folder of scenes: repeatable bytes, growth, interruption, other settings, and reading it."""

import json
from pathlib import Path

import pytest
from PIL import Image

from core.corpora import read_corpus
from core.corpora.scenes import read, recognises
from core.errors import InputError
from pipeline.scenes.write import write_scenes


def write(folder: Path, train: int = 6, seed: int = 0) -> Path:
    write_scenes(folder, train=train, val=2, test=3, seed=seed)
    return folder


def content(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.*")}


def test_the_same_seed_gives_the_same_bytes_and_another_other_pictures(tmp_path: Path) -> None:
    first = content(write(tmp_path / "a"))
    assert first == content(write(tmp_path / "b"))
    assert len(first) == 12
    assert not set(first.values()) & set(content(write(tmp_path / "c", seed=1)).values())


def test_more_training_pictures_keep_the_earlier_ones(tmp_path: Path) -> None:
    few, many = write(tmp_path / "few"), write(tmp_path / "many", train=9)
    listed = [json.loads((f / "scenes.json").read_text())["pictures"] for f in (few, many)]
    assert [p for p in listed[0] if p not in listed[1]] == []
    before, after = content(few), content(many)
    assert all(after[name] == data for name, data in before.items() if name != "scenes.json")


def test_an_interrupted_drawing_goes_on_and_keeps_what_is_there(tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_scenes(tmp_path / "a", train=6, val=2, test=3, progress=stop)
    assert not (tmp_path / "a" / "scenes.json").exists()
    kept = {p: p.stat().st_mtime_ns for p in (tmp_path / "a" / "images").iterdir()}
    write(tmp_path / "a")
    assert all(p.stat().st_mtime_ns == when for p, when in kept.items())
    assert content(tmp_path / "a") == content(write(tmp_path / "b"))


def test_a_finished_folder_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path)
    for picture in (tmp_path / "images").iterdir():
        picture.unlink()
    steps: list[tuple[int, int]] = []
    write_scenes(tmp_path, train=6, val=2, test=3, progress=lambda *step: steps.append(step))
    assert steps == []
    assert list((tmp_path / "images").iterdir()) == []


@pytest.mark.parametrize("other", [{"seed": 1}, {"train": 7}])
def test_other_settings_are_refused_with_a_way_out(tmp_path: Path, other: dict[str, int]) -> None:
    before = content(write(tmp_path))
    with pytest.raises(InputError, match="another folder"):
        write(tmp_path, **other)
    assert content(tmp_path) == before


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"format": 1}'])
def test_a_damaged_listing_is_refused_with_a_way_out(tmp_path: Path, text: str) -> None:
    (tmp_path / "scenes.json").write_text(text)
    with pytest.raises(InputError, match="remove it"):
        write(tmp_path)


def test_progress_counts_every_picture(tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    write_scenes(tmp_path, train=2, val=1, test=1, progress=lambda *step: steps.append(step))
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_negative_counts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="train = -1"):
        write_scenes(tmp_path, train=-1, val=1, test=1)


def test_reading_gives_back_what_was_written(tmp_path: Path) -> None:
    folder = write(tmp_path / "drawn")
    corpus = read_corpus(folder)
    listed = {p["id"]: p for p in json.loads((folder / "scenes.json").read_text())["pictures"]}
    assert corpus.name == "drawn"
    assert [image.id for image in corpus.images] == sorted(listed)
    for image in corpus.images:
        assert image.split == listed[image.id]["split"]
        assert image.place == folder / listed[image.id]["file"]
        with Image.open(image.place) as picture:
            assert (picture.size, picture.mode) == ((192, 192), "RGB")
    told = [(corpus.images[o].id, c.id, c.text) for o, c in zip(corpus.owner, corpus.captions)]  # noqa: B905
    assert told == [
        (name, f"{name}#{k}", text)
        for name in sorted(listed)
        for k, text in enumerate(listed[name]["captions"])
    ]
    assert {s: len(corpus.split(s).images) for s in ("train", "val", "test")} == {
        "train": 6, "val": 2, "test": 3,
    }  # fmt: skip


def test_recognises_the_folder_and_the_file_only(tmp_path: Path) -> None:
    assert not recognises(tmp_path)
    write(tmp_path)
    assert recognises(tmp_path)
    assert recognises(tmp_path / "scenes.json")
    assert not recognises(tmp_path / "images")
    assert read(tmp_path / "scenes.json").images == read(tmp_path).images


@pytest.mark.parametrize(
    ("listing", "message"),
    [
        ({"format": "tencrop-scenes/1", "pictures": []}, "another folder"),
        ({"pictures": []}, "no field 'format'"),
        ({"format": "tencrop-scenes/2"}, "no field 'pictures'"),
        ({"format": "tencrop-scenes/2", "pictures": []}, "no pictures"),
        ({"format": "tencrop-scenes/2", "pictures": [{"id": "a"}]}, r"pictures\[0\]"),
    ],
)
def test_an_odd_listing_is_one_line(tmp_path: Path, listing: object, message: str) -> None:
    (tmp_path / "scenes.json").write_text(json.dumps(listing))
    with pytest.raises(InputError, match=message):
        read(tmp_path)
