"""A change of what a file computes is seen; one of how it is told is not."""

import ast
import sys
from pathlib import Path

import pytest

from core import code as kept
from core.code import changed, code, code_beside
from core.errors import SettingError

PACKAGE = "parts_that_are_changed"
PART = '''
"""What it is."""

from parts_that_are_changed.face import Face
from parts_that_are_changed.parts import _shared
from parts_that_are_changed.parts._half import half


class Part(Face):
    """A class."""

    def forward(self, x):
        """A function."""
        return half(x) + _shared.ONE
'''
SOME = f"{PACKAGE}.parts.some"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stage whose part leans on two files, one of which leans on a third."""
    parts = tmp_path / PACKAGE / "parts"
    parts.mkdir(parents=True)
    for empty in (parts.parent, parts):
        (empty / "__init__.py").touch()
    (parts.parent / "face.py").write_text("class Face: ...\n")
    (parts.parent / "table.py").write_text("ONE = 1\n")
    (parts / "some.py").write_text(PART)
    (parts / "_half.py").write_text("def half(x):\n    return x / 2\n")
    (parts / "_shared.py").write_text("from ..table import ONE\nimport json\n")
    monkeypatch.syspath_prepend(tmp_path)
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        monkeypatch.delitem(sys.modules, name)
    return parts


def now() -> dict[str, str]:
    return code([SOME], {f"{PACKAGE}.face"})


def test_a_part_leans_on_files_of_its_stage_but_for_faces(folder: Path) -> None:
    assert list(now()) == [
        *(f"{PACKAGE}.parts._half", f"{PACKAGE}.parts._shared", SOME, f"{PACKAGE}.table")
    ]
    assert SOME not in sys.modules


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("return half", "# why\n        return half"),
        ("What it is.", "What it was."),
        ('        """A function."""\n', ""),
        ("half(x) + _shared.ONE", "(half( x )\n            + _shared.ONE)"),
        ('"""A class."""', '"""A\n    class."""'),
    ],
)
def test_how_it_is_told_changes_nothing(folder: Path, before: str, after: str) -> None:
    then = now()
    assert before in PART
    (folder / "some.py").write_text(PART.replace(before, after))
    assert now() == then
    assert changed(then, now()) == []


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("some.py", "_shared.ONE", "2"),
        ("some.py", "half(x) +", "half(x) -"),
        ("some.py", "return half", "return +half"),
        ("_half.py", "x / 2", "x / 2.0"),
        ("_half.py", "return", ""),
        ("../table.py", "ONE = 1", "ONE = True"),
    ],
)
def test_what_it_computes_changes_its_file(folder, file: str, before: str, after: str) -> None:
    then, text = now(), (folder / file).read_text()
    assert before in text
    (folder / file).write_text(text.replace(before, after))
    path = (Path(PACKAGE) / "parts" / file).as_posix().replace("parts/../", "")
    assert changed(then, now()) == [path]


def test_the_same_words_are_parsed_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    then, parse, seen = now(), kept.parse, []
    monkeypatch.setattr(kept, "parse", lambda data, file: seen.append(file) or parse(data, file))
    assert now() == then
    (folder / "_half.py").touch()
    assert now() == then
    assert seen == []
    (folder / "_half.py").write_text("def half(x):\n    return x / 3\n")
    assert now() != then
    (folder / "_half.py").write_text("def half(x):\n    return x / 2\n")
    assert now() == then
    assert seen == [folder / "_half.py"]


def test_a_face_changes_nothing_and_a_file_that_is_gone_does(folder: Path) -> None:
    then = now()
    (folder.parent / "face.py").write_text("class Face:\n    other = 1\n")
    assert now() == then
    (folder / "some.py").write_text("")
    lost = {path.rpartition("/")[2] for path in changed(then, now())}
    assert lost == {"_half.py", "_shared.py", "some.py", "table.py"}


@pytest.mark.parametrize("then", [None, {}, "ab", ["ab"], 7])
def test_what_was_not_noted_tells_nothing(then: object) -> None:
    assert changed(then, {"a.b": "cd"}) == []


def test_a_folder_is_a_part_and_a_library_is_its_bytes(folder: Path) -> None:
    (folder / "large").mkdir()
    (folder / "large" / "__init__.py").write_text("from .inner import x\n")
    (folder / "large" / "inner.py").write_text("x = 1\n")
    name = f"{PACKAGE}.parts.large"
    assert list(code([name], ())) == [name, f"{name}.inner"]
    assert code([f"{PACKAGE}.parts.none"], ()) == {}


def test_a_folder_from_outside_is_looked_into(folder: Path, tmp_path: Path, monkeypatch) -> None:
    import parts_that_are_changed.parts as package

    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "guest.py").write_text("from parts_that_are_changed.parts._half import half\n")
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(outside)])
    assert list(code([f"{PACKAGE}.parts.guest"], ())) == [
        *(f"{PACKAGE}.parts._half", f"{PACKAGE}.parts.guest")
    ]


def test_what_is_no_python_is_named_with_its_line(folder: Path) -> None:
    (folder / "_half.py").write_text("x = 1\nthis is no python\n")
    with pytest.raises(SettingError, match=r"_half.py is no Python, line 2: .*; mend that line$"):
        now()


def test_fields_that_another_version_of_python_has_do_not_count() -> None:
    tree = ast.parse(Path(kept.__file__).read_bytes())
    node = tree.body[-1]
    told = kept._told(node)
    node._fields = (*node._fields, "type_params_of_tomorrow")
    node.type_params_of_tomorrow = []
    assert kept._told(node) == told


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import numpy, helper", {"own", "helper"}),
        ("def f():\n    from inner.deep import one", {"own", "inner", "inner.deep"}),
        ("from inner import deep", {"own", "inner", "inner.deep"}),
        ("from helper import own, other", {"own", "helper"}),
        ("import elsewhere", {"own"}),
    ],
)
def test_code_beside_a_file_is_what_it_imports_from_its_folder(tmp_path, text, found):
    for name, said in {
        "helper.py": "import own",
        "inner/__init__.py": "",
        "inner/deep.py": "from . import deep",
        "own.py": text,
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(said)
    named = {name.removesuffix(".__init__") for name in code_beside(tmp_path / "own.py")}
    assert named == found
