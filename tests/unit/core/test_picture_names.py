"""The check of a picture's name against the path that it stands for."""

from pathlib import PurePosixPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.corpora._places import inside
from core.errors import InputError

PARTS = st.sampled_from(["", ".", "..", "...", ".a", "a.", "a b", "\n", "\0", "é", "a.jpg", "\\"])
NAMES = st.one_of(st.lists(PARTS, max_size=5).map("/".join), st.text(max_size=8))


def slow(name: str) -> str | None:
    """The path without its empty parts and ``.``; None where it may leave the folder."""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if name.startswith("/") or ".." in parts or "\0" in name or not parts:
        return None
    return "/".join(parts)


@given(NAMES)
@example("a/./b.jpg")
@example("a//b.jpg")
@example("a.jpg/")
@example("a/..")
@example("..a/b..c")
def test_a_name_is_the_plain_path_or_refused(name: str) -> None:
    expected = slow(name)
    if expected is None:
        with pytest.raises(InputError, match="must be a path inside"):
            inside(name, "table:1")
    else:
        assert inside(name, "table:1") == expected == str(PurePosixPath(name))


@pytest.mark.parametrize("name", ["\ud800.jpg", "a/./\udfff.jpg"])
def test_half_a_surrogate_pair_is_refused_however_plain_the_path(name: str) -> None:
    with pytest.raises(InputError, match="surrogate"):
        inside(name, "table:1")


def test_a_plain_name_is_not_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: str) -> None:
        raise AssertionError("a path was made of each caption's picture")

    monkeypatch.setattr("core.corpora._places.PurePosixPath", refuse)
    assert inside("people/a.jpg", "table:1") == "people/a.jpg"
