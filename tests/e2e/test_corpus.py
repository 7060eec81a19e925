"""`corpus DATA`: what there is and what to mend, and nothing computed that stays."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.corpora import read_corpus
from core.plugins import load, names
from pipeline.checkup import trial
from pipeline.leaks import looks
from pipeline.memory.remembered import Memory, write
from pipeline.typed.by_make import ASKED_BY
from tests.e2e.conftest import Chain, Said, Type
from tests.e2e.test_bad_input import one_line
from tests.layouts import layout

EMPTY = "not a picture (JPEG, PNG, WEBP, BMP, GIF, TIFF are read)"
LIGHT = ("--backbone", "squeezenet1_1", "--crops", 1)


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A trial of a few pictures."""
    monkeypatch.setattr(trial, "MOST", 3)


@pytest.fixture
def asked(tencrop: Type, tmp_path: Path) -> Any:
    return lambda data, *words: tencrop("corpus", data, *LIGHT, "--work", tmp_path / "work", *words)


@pytest.fixture
def data(chain: Chain, tmp_path: Path) -> Path:
    """The scenes as a plain folder, whose table a test may spoil."""
    listing = json.loads((chain.data / "scenes.json").read_text())
    shutil.copytree(chain.data / "images", tmp_path / "photos" / "images")
    rows = [
        f"{Path(p['file']).name},{p['split']},{text.replace(',', '')}"
        for p in listing["pictures"]
        for text in p["captions"]
    ]
    (tmp_path / "photos" / "captions.csv").write_text("\n".join(["image,split,caption", *rows]))
    return tmp_path / "photos"


def add(data: Path, row: str) -> None:
    with (data / "captions.csv").open("a") as table:
        table.write(f"\n{row}")


def told(said: Said) -> Any:
    return json.loads(said.out)


def test_a_sound_corpus(asked: Any, data: Path, tmp_path: Path) -> None:
    said = asked(data)
    assert said.code == 0, said.err
    page = said.out.splitlines()
    assert page[0] == "photos (folder): 64 pictures, 320 captions"
    assert "  train: 40 pictures, 200 captions" in page
    assert "  captions a picture: 5 to 5, median 5" in page
    assert any(line.startswith("words of val: ") for line in page)
    assert any("squeezenet1_1, 1 crop: about " in line and "from 3 pict" in line for line in page)
    assert page[-1] == "a training could begin"
    assert [path.name for path in (tmp_path / "work").iterdir()] == ["likeness.json"]


def test_a_second_call_decodes_no_picture(
    asked: Any, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = told(asked(data, "--json"))

    def fails(*_: object) -> int:
        raise AssertionError("decoded again")

    monkeypatch.setattr(looks, "picture_hash", fails)
    again = told(asked(data, "--json"))
    for report in (first, again):
        del report["estimate"], report["estimates"]
    assert again == first


def test_faults_are_found_and_the_last_line_says_what_is_lacking(asked: Any, data: Path) -> None:
    pictures = sorted((data / "images").glob("train-*.png"))
    copied, broken, gone = pictures[0], pictures[1], pictures[2]
    shutil.copy(copied, data / "images" / "one copy .png")
    Image.open(copied).convert("RGB").save(data / "images" / "saved again.jpg", quality=95)
    broken.write_bytes(broken.read_bytes()[:400])
    gone.unlink()
    add(data, "one copy .png,test,a copy")
    add(data, "saved again.jpg,val,a copy")
    said = asked(data, "--json")
    report = told(said)
    assert report["files"]["missing"] == [[gone.name, "missing file"]]
    assert [name for name, _ in report["files"]["broken"]] == [broken.name]
    (same,) = [group for group in report["same"] if group["across"]]
    assert same["members"] == [["one copy .png", "test"], [copied.name, "train"]]
    alike = [name for group in report["alike"] for name, _ in group["members"]]
    assert {"saved again.jpg", copied.name} <= set(alike)
    assert report["names"]["spaces"] == ["one copy .png"]
    assert report["formats"] == ["folder"]
    one_line(said, "2 of 66 pictures cannot be read", "--max-errors 3.14")
    page = asked(data, "--max-errors", 4)
    assert page.code == 0, page.err
    assert "to mend: rename 'one copy .png': it begins or ends with a space" in page.out


def test_no_validation_pictures(asked: Any, data: Path) -> None:
    table = (data / "captions.csv").read_text()
    (data / "captions.csv").write_text(table.replace(",val,", ",extra,"))
    said = asked(data)
    one_line(said, "no picture with a caption is in the split 'val'")
    assert "a training could begin" not in said.out
    assert said.err.strip().splitlines()[-1].startswith("error: ")


def test_pictures_without_captions(asked: Any, data: Path) -> None:
    (data / "captions.csv").unlink()
    said = asked(data)
    one_line(said, "no picture has a caption", "`features` can be run")
    assert "features with squeezenet1_1" in said.out


def test_what_is_no_corpus(asked: Any, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    one_line(asked(tmp_path / "gone"), "gone", "no such file or folder")
    said = asked(tmp_path / "empty", "--json")
    one_line(said, "an empty folder")
    assert told(said)["formats"] == []
    assert told(said)["lacking"] in said.err


def test_what_is_typed_wrong_is_said_before_any_picture_is_read(
    asked: Any, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looks, "read_place", lambda *_: pytest.fail("read"))
    one_line(asked(data, "--backbone", "resnet51"), "resnet51", "resnet50")
    one_line(asked(data, "--device", "abacus"), "abacus", "cpu")
    one_line(asked(data, "--format", "foldr"), "foldr", "folder")
    one_line(asked(data, "--crops", 3), "3", "10")


def test_no_picture_that_can_be_read(asked: Any, data: Path) -> None:
    for picture in (data / "images").iterdir():
        picture.write_bytes(b"no picture")
    said = asked(data)
    one_line(said, "all 64 pictures cannot be read, and nothing is left: mend them")
    assert "features with" not in said.out


@pytest.mark.parametrize("name", names("core.corpora"))
def test_every_format_is_named_and_its_pictures_looked_at(
    asked: Any, tmp_path: Path, name: str
) -> None:
    folder = layout(tmp_path / "example", load("core.corpora", name).EXAMPLE)
    report = told(asked(folder, "--json"))
    assert report["formats"] == [name]
    assert report["pictures"] == 3
    pictures = not read_corpus(folder).stored
    assert [why for _, why in report["files"]["broken"]] == [EMPTY] * 3 * pictures
    assert report["files"]["missing"] == report["files"]["shut"] == []


class TestGoesOn:
    """Without DATA, or with that of before, it is what was given last."""

    @pytest.fixture
    def before(self, data: Path, tencrop: Type) -> str:
        kept = ("--backbone", "squeezenet1_1", "--weights", "random", "--crops", 1)
        assert tencrop("all", data, "--to", "features", *kept).code == 0
        return "squeezenet1_1, 1 crop"

    def test_with_what_was_given_to_make_features(
        self, tencrop: Type, data: Path, before: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(ASKED_BY, "make")
        remembered = Path("work/remembered.json").read_bytes()
        for words, taken in (((), f"DATA={data} "), ((data,), "")):
            said = tencrop("corpus", *words)
            assert said.code == 0, said.err
            told = f"going on with {taken}BACKBONE=squeezenet1_1 CROPS=1 (make forget forgets it)"
            assert said.err.splitlines()[0] == told
            assert before in said.out
        assert "alexnet, 1 crop" in tencrop("corpus", "--backbone", "alexnet").out
        assert Path("work/remembered.json").read_bytes() == remembered

    @pytest.mark.usefixtures("before")
    def test_other_pictures_are_looked_at_as_they_are(self, tencrop: Type, data: Path) -> None:
        shutil.copytree(data, "others")
        assert "going on" not in tencrop("corpus", "others", *LIGHT).err

    @pytest.mark.usefixtures("before")
    def test_pictures_that_are_gone_are_asked_for(
        self, tencrop: Type, data: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(ASKED_BY, "make")
        data.rename("moved")
        said = tencrop("corpus")
        one_line(said, "is not there any more")
        assert said.err.endswith(": make corpus DATA=PLACE\n")

    @pytest.mark.usefixtures("before")
    def test_a_memory_that_cannot_be_read(self, tencrop: Type, data: Path) -> None:
        Path("work/remembered.json").write_text("{")
        one_line(tencrop("corpus"), "cannot be read", "name the pictures: ", "corpus photos")
        said = tencrop("corpus", data, *LIGHT)
        assert (said.code, "nothing is gone on with" in said.err) == (0, True)

    def test_the_generated_scenes(self, tencrop: Type, chain: Chain) -> None:
        shutil.copytree(chain.data, "work/scenes-demo")
        one_line(tencrop("corpus"), "no DATA is given")
        write(Path("work"), Memory())
        said = tencrop("corpus")
        assert said.out.startswith("scenes-demo (")
        assert "alexnet, 1 crop" in said.out

    def test_where_nothing_is_remembered(
        self, tencrop: Type, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(ASKED_BY, "make")
        for words, told in (((), "no DATA is given"), (("",), "DATA is empty")):
            said = tencrop("corpus", *words)
            one_line(said, told)
            assert said.err.endswith("; name a folder: make corpus DATA=photos\n")
