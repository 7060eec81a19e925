"""The leak report of `evaluate`: kept and said, looked for once, and never a reason to fail."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pillow

from core.errors import InputError, RunError
from core.files import file_sha256
from core.places import file_of
from core.records import Corpus
from evaluate.kept import verify_report
from pipeline.asked import leaking
from pipeline.corpus import read_corpus
from pipeline.leaks import looks
from pipeline.leaks.alike import NOT_ASKED
from pipeline.leaks.found import GONE, LEAKS
from tests.e2e.conftest import SMALL, Chain, Said, Type, typed
from tests.e2e.test_report import SAME, report
from train.identity import read_config

Asked = Callable[..., tuple[dict[str, Any], Said]]


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


@pytest.fixture
def asked(tencrop: Type, work: Path, tmp_path: Path) -> Asked:
    """Ask, and keep the answer in a folder of this name: the report's leaks, and what was said."""

    def ask(name: str, *words: object) -> tuple[dict[str, Any], Said]:
        said = tencrop("evaluate", *words, "--out", tmp_path / name, "--work", work)
        assert said.code == 0, said.err
        leaks: dict[str, Any] = report(tmp_path / name)["leaks"]
        return leaks, said

    return ask


@pytest.fixture
def nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on no picture may be looked at."""

    def refuse(*_: object) -> None:
        pytest.fail("a picture is looked at")

    monkeypatch.setattr(looks, "_look", refuse)


def training(chain: Chain) -> Corpus:
    return read_corpus(chain.data, "auto").split("train")


@pytest.fixture
def other(chain: Chain, tmp_path: Path) -> Path:
    """Three pictures: of the first training picture smaller, mirrored, and one of the test."""
    folder = tmp_path / "other"
    (folder / "images").mkdir(parents=True)
    train, test = training(chain), read_corpus(chain.data, "auto").split("test")
    first, last = (file_of(part.images[0].picture) for part in (train, test))
    with Pillow.open(first) as picture:
        picture.resize((picture.width // 2, picture.height // 2)).save(folder / "images/small.png")
        picture.transpose(Pillow.Transpose.FLIP_TOP_BOTTOM).save(folder / "images/turned.png")
    shutil.copy(last, folder / "images/test.png")
    told = train.captions[0].text.upper()
    lines = ["image,caption,split", f'small.png,"{told} !",test', "turned.png,a zebra yawns,test"]
    lines += [f'test.png,"{test.captions[0].text}",test', "test.png,zebra zoo zen,test"]
    (folder / "captions.csv").write_text("\n".join(lines) + "\n")
    return folder


def test_what_leaks_from_the_training_is_kept_and_said(
    asked: Asked, chain: Chain, other: Path, tmp_path: Path
) -> None:
    leaks, said = asked("one", chain.run, "--data", other)
    with (tmp_path / "one" / LEAKS).open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    train = training(chain)
    near = {row["asked"]: row for row in rows if row["leak"] == "look alike"}
    assert near["small.png"]["trained_on"] == train.images[0].id
    assert int(near["small.png"]["bits"]) <= leaks["alike"]["bits"] == 4
    assert "turned.png" not in near or near["turned.png"]["trained_on"] != train.images[0].id
    assert leaks["alike"]["pictures"] == len(near)
    assert leaks["alike"]["compared"] == [3, 40]
    assert {row["asked"] for row in rows if row["leak"] == "same caption"} >= {"small.png#0"}
    assert leaks["captions"]["compared"] == 4
    assert leaks["identical"] == 0
    assert leaks["unknown_words"]["unseen"] >= 5
    assert "zebra" in leaks["unknown_words"]["most"]
    facts = report(tmp_path / "one")
    assert facts["files"][LEAKS] == file_sha256(tmp_path / "one" / LEAKS)
    assert verify_report(tmp_path / "one") == []
    for note, words in zip(facts["notes"][-2:], ("look like one", "are none that"), strict=True):
        assert words in note
        assert note in said.err
    assert str(tmp_path) not in str(leaks)
    (tmp_path / "one" / LEAKS).write_text("none\n")
    again, _ = asked("one", chain.run, "--data", other)
    assert again == leaks
    assert verify_report(tmp_path / "one") == []


def test_the_second_evaluation_looks_at_nothing(
    asked: Asked, chain: Chain, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    asked("one", chain.run)
    request.getfixturevalue("nothing_is_read")
    _, there = asked("one", chain.run)
    assert f"{SAME} {tmp_path / 'one' / 'report.json'}" in there.err
    asked("two", chain.run)
    assert report(tmp_path / "two") == report(tmp_path / "one")


def test_what_corpus_has_looked_at_is_known(
    tencrop: Type, asked: Asked, chain: Chain, work: Path, request: pytest.FixtureRequest
) -> None:
    said = tencrop("corpus", chain.data, "--backbone", "squeezenet1_1", "--work", work)
    assert said.code == 0, said.err
    request.getfixturevalue("nothing_is_read")
    leaks, _ = asked("one", chain.run)
    assert leaks["alike"]["compared"] == [12, 40]


def test_likeness_may_be_left_out_and_is_made_up_for(
    asked: Asked, chain: Chain, work: Path, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("nothing_is_read")
    without, _ = asked("one", chain.run, "--no-likeness")
    assert (without["alike"]["pictures"], without["alike"]["why"]) == (None, NOT_ASKED)
    assert without["captions"]["same"] is not None
    request.getfixturevalue("monkeypatch").undo()
    whole, said = asked("one", chain.run)
    assert "is replaced: it does not tell whether pictures look alike" in said.err
    assert whole["alike"]["why"] == ""
    again, said = asked("one", chain.run, "--no-likeness")
    assert SAME in said.err
    assert again == whole


def test_make_may_leave_it_out_too(
    tencrop: Type, chain: Chain, work: Path, tmp_path: Path, nothing_is_read: None
) -> None:
    run = shutil.copytree(chain.run, tmp_path / chain.run.name)
    shutil.rmtree(run / "eval-test", ignore_errors=True)
    said = tencrop("all", "--run", run, "--no-likeness", "--work", work)
    assert said.code == 0, said.err
    assert report(run / "eval-test")["leaks"]["alike"]["why"] == NOT_ASKED


def test_a_training_that_is_gone_is_said_and_made_up_for(
    asked: Asked, chain: Chain, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> Path:
        raise RunError("the corpus is gone")

    with monkeypatch.context() as patched:
        patched.setattr(leaking, "corpus_of", refuse)
        leaks, said = asked("one", chain.run, "--data", other)
        assert leaks["alike"]["unseen"] == {"not in the corpus by now": 40}
        assert leaks["alike"]["compared"] == [3, 0]
        assert leaks["captions"] == {"same": None, "compared": 4, "why": GONE}
        assert "40 pictures could not be looked at for likeness" in said.err
        assert f"captions were not compared with those of the training: {GONE}" in said.err
        assert SAME in asked("one", chain.run, "--data", other)[1].err
    leaks, said = asked("one", chain.run, "--data", other)
    assert "is replaced: the corpus of the training is there again" in said.err
    assert leaks["alike"]["compared"] == [3, 40]


def test_a_training_whose_corpus_is_damaged_says_how(
    asked: Asked, chain: Chain, other: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = shutil.copytree(chain.data, tmp_path / "scenes")
    captions = (data / "scenes.json").read_text()
    (data / "scenes.json").write_text('{"images": ')
    monkeypatch.setattr(leaking, "corpus_of", lambda *_: data)
    leaks, said = asked("one", chain.run, "--data", other)
    with pytest.raises(InputError) as error:
        read_corpus(data, read_config(chain.run)["given"]["data_format"])
    assert leaks["captions"] == {"same": None, "compared": 4, "why": str(error.value)}
    assert f"captions were not compared with those of the training: {error.value}" in said.err
    assert GONE not in said.err
    assert SAME in asked("one", chain.run, "--data", other)[1].err
    (data / "scenes.json").write_text(captions)
    leaks, said = asked("one", chain.run, "--data", other)
    assert "is replaced: the corpus of the training can be read again" in said.err
    assert leaks["captions"]["why"] == ""


def test_pictures_of_the_training_that_are_gone(
    tencrop: Type, asked: Asked, chain: Chain, tmp_path: Path
) -> None:
    data = shutil.copytree(chain.data, tmp_path / "scenes")
    lost = [file_of(image.picture) for image in read_corpus(data, "auto").split("train").images]
    away = tmp_path / "away"
    lost[0].rename(away)
    words = (chain.run, "--data", data, "--cache", chain.cache)
    leaks, said = asked("one", *words)
    assert leaks["alike"]["unseen"] == {"missing file": 1}
    assert "1 picture could not be looked at for likeness (1: missing file)" in said.err
    assert SAME in asked("one", *words)[1].err
    away.rename(lost[0])
    leaks, said = asked("one", *words)
    assert "is replaced: pictures are there that were not when it was made" in said.err
    assert leaks["alike"]["compared"] == [12, 40]


def test_what_was_trained_on_is_the_same_file_and_nothing_else_is_compared(
    asked: Asked, chain: Chain
) -> None:
    leaks, _ = asked("one", chain.run, "--split", "train")
    assert leaks["identical"] == 40
    assert leaks["alike"]["why"] == "all of these pictures were trained on"
    assert leaks["captions"] == {"same": 0, "compared": 0, "why": ""}


def test_of_several_runs_it_is_one(asked: Asked, chain: Chain, tmp_path: Path) -> None:
    words = (chain.cache, "--data", chain.data, *SMALL, "--seed", 5, "--set", "min_count=9")
    second = typed("train", *words, "--work", tmp_path / "second")
    one, _ = asked("one", chain.run)
    two, _ = asked("two", second)
    both, said = asked("both", chain.run, second)
    assert both == {**one, "unknown_words": [one["unknown_words"], two["unknown_words"]]}
    assert one["unknown_words"] != two["unknown_words"]
    assert SAME in asked("both", chain.run, second)[1].err
    assert said.code == 0
