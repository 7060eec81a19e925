"""Plug-ins by file name, and the end of a message about an unknown one."""

import pkgutil
import sys
from pathlib import Path

import pytest

from core import errors
from core.errors import SettingError, TencropError, choices
from core.plugins import load, names


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package with the plug-ins alpha and beta, and a file that is none."""
    folder = tmp_path / "some_parts_of_tests"
    folder.mkdir()
    for name in ("__init__", "beta", "alpha", "_shared"):
        (folder / f"{name}.py").write_text(f"NAME = {name!r}\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, folder.name, raising=False)
    return folder.name


def test_a_new_file_is_a_new_name(package: str) -> None:
    assert names(package) == ["alpha", "beta"]
    assert load(package, "beta").NAME == "beta"


@pytest.mark.parametrize("name", ["alhpa", "_shared", "__init__", "", "os", "../alpha", "alpha.x"])
def test_any_other_name_is_refused(package: str, name: str) -> None:
    with pytest.raises(SettingError) as caught:
        load(package, name)
    assert f"unknown name {name!r} in some parts of tests: " in str(caught.value)
    assert "accepted: alpha, beta" in str(caught.value)


def test_what_is_imported_already_costs_no_look_at_its_folder(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugin = load(package, "beta")
    monkeypatch.setattr(pkgutil, "iter_modules", lambda path: pytest.fail(f"looked at {path}"))
    assert load(package, "beta") is plugin


@pytest.mark.parametrize("name", ["_shared", "alpha.inner"])
def test_what_is_imported_already_is_a_plugin_by_its_name_alone(
    package: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, f"{package}.{name}", sys)
    with pytest.raises(SettingError, match="accepted: alpha, beta"):
        load(package, name)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = 1\nimport no_such_library\n", "cannot be imported, line 2: ModuleNotFoundError: No "),
        ("x = 1\n\nx y\n", "is no Python, line 3: invalid syntax"),
        ("def f():\n    return no_such_name\n\nf()\n", "cannot be imported, line 2: NameError: "),
    ],
)
def test_a_plugin_that_fails_to_import_says_where(
    package: str, tmp_path: Path, text: str, told: str
) -> None:
    (tmp_path / package / "broken.py").write_text(text)
    with pytest.raises(SettingError) as caught:
        load(package, "broken")
    assert str(caught.value).startswith(f"{tmp_path / package / 'broken.py'} {told}")
    assert str(caught.value).endswith("; mend that line")
    assert "\n" not in str(caught.value)
    assert load(package, "beta").NAME == "beta"


def test_choices() -> None:
    known = ["vgg19", "resnet50", "resnet101"]
    assert choices("resnet51", known).startswith("did you mean 'resnet50'")
    assert choices("zzz", known) == "accepted: resnet101, resnet50, vgg19"
    assert choices("x", []) == "accepted: none"


def test_every_error_is_one_of_the_tree() -> None:
    exceptions = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, BaseException)
    ]
    kinds = [kind for kind in exceptions if issubclass(kind, TencropError)]
    assert kinds == exceptions
    assert len(kinds) >= 7
    done = {errors.TooManyFailures, errors.BelowRecall}
    assert {kind.exit_code for kind in kinds if kind not in done} == {1}
    assert {kind.exit_code for kind in done} == {2}
