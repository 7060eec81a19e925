"""What was given is read again as it was written, wherever one stands, or refused."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.sealed import write_sealed
from pipeline.memory.remembered import (
    NAME,
    Damaged,
    Memory,
    absolute,
    forget,
    note,
    read,
    remember,
    write,
)

GIVEN = {"path": ("photos",), "backbone": ("vgg19",), "assignments": ("margin=0.1", "a=b c")}


def memory(**changes: object) -> Memory:
    return remember({**GIVEN, **changes}, {"path"}, Memory())


def test_what_is_written_is_read(tmp_path: Path) -> None:
    work = tmp_path / "is" / "made"
    assert read(work) is None
    write(work, memory())
    assert read(work) == memory()


def test_a_path_is_typed_as_then_where_it_is_the_same_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    kept = memory()
    assert kept.options() == GIVEN
    (tmp_path / "photos").mkdir()
    monkeypatch.chdir(tmp_path / "photos")
    assert kept.options() == GIVEN | {"path": (str(tmp_path / "photos"),)}


def test_a_link_is_known_by_its_name(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    link = tmp_path / "photos"
    link.symlink_to("first")
    (tmp_path / "by").symlink_to(".")
    there = absolute(str(link))
    assert there == str(tmp_path.resolve() / "photos") == absolute(str(tmp_path / "by" / "photos"))
    link.unlink()
    link.symlink_to("second")
    assert absolute(str(link)) == there
    assert absolute(str(link / "..")) == absolute(str(tmp_path))


def test_what_was_made_moves_with_work(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    made = memory().with_made(before, [before / "features" / "c"], before / "runs" / "r")
    assert made.made_run(after) == after / "runs" / "r"
    elsewhere = memory().with_made(before, [before / "c"], tmp_path / "mine")
    assert elsewhere.made_run(after) == tmp_path / "mine"


def test_another_cache_is_not_what_the_run_was_trained_on(tmp_path: Path) -> None:
    made = memory().with_made(tmp_path, [tmp_path / "c"], tmp_path / "r")
    assert made.with_made(tmp_path, [tmp_path / "c"], None).run == "r"
    assert made.with_made(tmp_path, [tmp_path / "other"], None).run == ""


def test_several_caches_are_made_last(tmp_path: Path) -> None:
    two = [tmp_path / "features" / "a", tmp_path / "features" / "b"]
    made = memory().with_made(tmp_path, two, tmp_path / "r")
    write(tmp_path, made)
    assert read(tmp_path) == made
    assert made.caches == ("features/a", "features/b")
    assert made.with_made(tmp_path, two, None).run == "r"
    for others in (two[:1], two[::-1], [*two, tmp_path / "c"]):
        assert made.with_made(tmp_path, others, None).run == ""


@pytest.mark.parametrize(("cache", "caches"), [("features/c", ("features/c",)), ("", ())])
def test_what_an_earlier_version_wrote_is_read(
    tmp_path: Path, cache: str, caches: tuple[str, ...]
) -> None:
    content = {"given": [["path", ["photos"]]], "places": {}, "cache": cache, "run": "runs/r"}
    write_sealed(tmp_path / NAME, {"format": "tencrop-remembered/1", **content})
    assert read(tmp_path) == Memory({"path": ("photos",)}, {}, caches, "runs/r")


def test_each_of_several_files_of_weights_is_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    typed = "a.pth,DEFAULT,odd,,name.pth"
    kept = remember({"weights": (typed,)}, {"weights"}, Memory())
    assert kept.options() == {"weights": (typed,)}
    (tmp_path / "inside").mkdir()
    monkeypatch.chdir(tmp_path / "inside")
    there = f"{tmp_path}/a.pth,DEFAULT,{tmp_path}/odd,,name.pth"
    assert kept.options() == {"weights": (there,)}
    for name in ("a.pth", "odd,name.pth"):
        (tmp_path / "inside" / name).touch()
    assert kept.options() == {"weights": (typed,)}  # all has moved
    (tmp_path / "a.pth").touch()
    assert kept.options() == {"weights": (there,)}


def test_what_was_made_is_not_noted_over_what_was_given_meanwhile(tmp_path: Path) -> None:
    made = memory().with_made(tmp_path, [tmp_path / "c"], tmp_path / "r")
    note(tmp_path, made)
    assert read(tmp_path) is None
    write(tmp_path, memory())
    note(tmp_path, made)
    assert read(tmp_path) == made
    elsewhere = replace(memory(), places={"path": "/elsewhere/photos"})
    for other in (memory(backbone=("vgg16",)), elsewhere):
        write(tmp_path, other)
        note(tmp_path, made)
        assert read(tmp_path) == other
    (tmp_path / NAME).write_text("{")
    note(tmp_path, made)
    assert (tmp_path / NAME).read_text() == "{"


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-20],
        lambda text: text.replace("vgg19", "vgg16"),
        lambda text: "[]",
        lambda text: json.dumps({"format": "tencrop-remembered/2"}),
        lambda text: json.dumps({"format": "tencrop-remembered/1", "given": 3}),
    ],
)
def test_what_is_damaged_is_refused_and_can_be_forgotten(
    tmp_path: Path, change: Callable[[str], str]
) -> None:
    write(tmp_path, memory())
    file = tmp_path / NAME
    file.write_text(change(file.read_text()))
    with pytest.raises(Damaged, match=NAME):
        read(tmp_path)
    assert forget(tmp_path)
    assert read(tmp_path) is None
    assert not forget(tmp_path)


def test_an_option_without_a_value_is_damage(tmp_path: Path) -> None:
    write(tmp_path, memory(crops=()))
    with pytest.raises(Damaged, match="an option has no value"):
        read(tmp_path)


def test_a_path_is_as_it_was_typed_where_all_has_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("before", "after"):
        (tmp_path / name).mkdir()
    (tmp_path / "after" / "photos").mkdir()
    monkeypatch.chdir(tmp_path / "before")
    kept = memory()
    monkeypatch.chdir(tmp_path / "after")
    assert kept.options()["path"] == ("photos",)
    (tmp_path / "before" / "photos").mkdir()
    assert kept.options()["path"] == (str(tmp_path / "before" / "photos"),)
    (tmp_path / "before" / "photos").rmdir()
    (tmp_path / "after" / "photos").rmdir()
    assert kept.options()["path"] == (str(tmp_path / "before" / "photos"),)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    with pytest.raises(Damaged, match="not a regular file"):
        read(tmp_path)


def test_options_keep_their_order(tmp_path: Path) -> None:
    write(tmp_path, memory(aside=("x",)))
    kept = read(tmp_path)
    assert kept is not None
    assert list(kept.given) == ["path", "backbone", "assignments", "aside"]


def test_an_option_of_another_version_is_refused(tmp_path: Path) -> None:
    write(tmp_path, memory())
    assert read(tmp_path, ("assignments", "path", "backbone")) == memory()
    with pytest.raises(Damaged, match="no option 'assignments'"):
        read(tmp_path, ("path", "backbone"))


def test_where_it_cannot_be_written_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "work").write_text("a file")
    write(tmp_path / "work", memory())
    said = capsys.readouterr().err
    assert said.endswith("what was given is not remembered\n")
    assert said.count("\n") == 1
    assert [file.name for file in tmp_path.iterdir()] == ["work"]
