"""How much may be skipped."""

from pathlib import Path

import pytest

from core.errors import TooManyFailures
from pipeline.device import resolve
from pipeline.refusals.failures import left_out, listed, require, too_many


@pytest.mark.parametrize(("count", "total", "limit"), [(0, 0, 0.0), (1, 1000, 0.1), (0, 5, 0.0)])
def test_up_to_the_limit_is_accepted(count: int, total: int, limit: float) -> None:
    assert too_many(count, total, limit, "pictures") is None


def test_the_advice_of_the_error_is_enough() -> None:
    problem = too_many(3, 1000, 0.1, "pictures could not be read")
    assert problem is not None
    assert problem.exit_code == 2
    advised = float(str(problem).rsplit(" ", 1)[1])
    assert too_many(3, 1000, advised, "pictures could not be read") is None


def test_require_raises_only_a_problem() -> None:
    require(None)
    with pytest.raises(TooManyFailures):
        require(TooManyFailures("x"))


def test_the_first_few_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    listed("picture", "could not be read", [f"{n}.jpg: why" for n in range(8)])
    said = capsys.readouterr().err
    assert "8 pictures could not be read" in said
    assert "0.jpg" in said
    assert "and 3 more" in said
    listed("nothing", "is", [])
    assert capsys.readouterr().err == ""


def test_the_device_that_is_asked_for() -> None:
    assert resolve("cpu").type == "cpu"
    assert resolve("auto").type in ("cpu", "cuda")


def test_all_are_listed_in_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    full = left_out(tmp_path, "my photos", "captions")
    assert full == tmp_path / "left-out" / "my_photos-captions.txt"
    lines = [f"{n}.jpg#0: why" for n in range(8)]
    listed("caption", "left out", [*lines, "two\nlines: why"], full)
    said = capsys.readouterr().err
    assert f"9 captions left out (all listed in {full}):" in said
    assert "and 4 more" in said
    assert full.read_text().splitlines() == [*lines, "two\\nlines: why"]
    listed("caption", "left out", [], full)
    assert not full.exists()


def test_a_list_that_cannot_be_written_is_said(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "left-out").write_text("in the way")
    listed("caption", "left out", ["a"], left_out(tmp_path, "x", "captions"))
    assert "1 caption left out (they cannot be listed in" in capsys.readouterr().err
