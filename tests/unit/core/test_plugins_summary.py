"""What a plug-in says of itself, without running it."""

import sys
from pathlib import Path

import pytest

from core.errors import SettingError
from core.plugins import about, constant, summary

PACKAGE = "parts_that_tell_of_themselves"
TOLD = '''
"""What it is.

More of it.
"""

import no_such_library

NAMES, LAST = ("a", "b"), None
USUAL = SHOWN = ("a", 1)
MADE = tuple(SHOWN)
TYPED: tuple[str, ...] = ("c", "d")
BARE: int


def command() -> None:
    """What the command does: a line.

    More of that.
    """


def silent() -> None:
    raise SystemExit
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / PACKAGE
    made.mkdir()
    (made / "__init__.py").touch()
    (made / "told.py").write_text(TOLD)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, PACKAGE, raising=False)
    return made


def test_the_first_line_of_the_file_or_of_a_function(folder: Path) -> None:
    assert summary(PACKAGE, "told") == "What it is"
    assert summary(PACKAGE, "told", function="command") == "What the command does: a line"
    assert summary(PACKAGE, "told", function="silent") == "What it is"
    assert summary(PACKAGE, "told", function="missing") == "What it is"
    assert f"{PACKAGE}.told" not in sys.modules


def test_a_constant_is_told_by_its_literal(folder: Path) -> None:
    assert constant(PACKAGE, "told", "USUAL") == constant(PACKAGE, "told", "SHOWN") == ("a", 1)
    assert constant(PACKAGE, "told", "TYPED") == ("c", "d")
    assert f"{PACKAGE}.told" not in sys.modules


@pytest.mark.parametrize("name", ["NAMES", "MADE", "BARE", "MISSING", "silent"])
def test_what_is_no_literal_is_an_error_that_says_what_to_write(folder: Path, name: str) -> None:
    with pytest.raises(SettingError, match=f"does not say what {name} is; write {name} = "):
        constant(PACKAGE, "told", name)


def test_a_folder_is_a_plugin_and_a_file_may_say_nothing(folder: Path) -> None:
    (folder / "large").mkdir()
    (folder / "large" / "__init__.py").write_text('"""A folder."""\n')
    (folder / "mute.py").write_text("x = 1\n")
    assert (summary(PACKAGE, "large"), summary(PACKAGE, "mute")) == ("A folder", "")


def test_a_folder_from_outside_is_looked_into(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "guest.py").write_text('"""A guest."""\n')
    with pytest.raises(SettingError, match="unknown name 'guest'"):
        summary(PACKAGE, "guest")
    package = sys.modules[PACKAGE]
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(outside)])
    assert summary(PACKAGE, "guest") == "A guest"


def test_what_is_no_python_is_named_in_one_line(folder: Path) -> None:
    (folder / "broken.py").write_text("x = 1\nthis is no python\n")
    with pytest.raises(SettingError) as caught:
        summary(PACKAGE, "broken")
    assert str(folder / "broken.py") in str(caught.value)
    assert "line 2" in str(caught.value)
    assert str(caught.value).endswith("; mend that line")
    assert "\n" not in str(caught.value)
    assert about(PACKAGE, "broken") == f"broken: {caught.value}"
    assert about(PACKAGE, "told") == "What it is"
    with pytest.raises(SettingError, match="unknown name 'none'"):
        about(PACKAGE, "none")
