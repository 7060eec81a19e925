"""Pages that are kept: drawn once, and anew where they show something else."""

from pathlib import Path

import pytest

from pipeline.shown import keeping
from pipeline.shown.document import document
from pipeline.shown.keeping import keep
from pipeline.shown.sealed import shown

ONE, OTHER = "1" * 64, "2" * 64


def test_a_page_is_drawn_where_it_is_not_as_it_would_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, drawn = tmp_path / "report.html", []

    def draw(head: list) -> str:
        drawn.append(1)
        return document("a page", [], head=head)

    for digest in (ONE, ONE, OTHER):
        keep(file, digest, draw)
        assert capsys.readouterr().err == f"to look at: {file}\n"
        assert shown(file) == digest
    assert len(drawn) == 2


def test_where_nobody_may_write_it_says_what_to_type(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "is_writable", lambda folder: False)
    keep(tmp_path / "report.html", ONE, lambda head: pytest.fail("it is drawn"))
    assert capsys.readouterr().err.endswith(
        "was not drawn: no writing there; name another folder with --out DIR\n"
    )
    assert not list(tmp_path.iterdir())
