"""`list` and `remove`: what there is, and what may go."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.lock import exclusive
from tests.e2e.conftest import Chain, Type
from tests.e2e.test_bad_input import one_line
from tests.work_folder import cache, run


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return tmp_path / "work"


def answering(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def test_the_list_of_what_the_stages_made(tencrop: Type, chain: Chain) -> None:
    said = tencrop("list", "--json", "--work", chain.work)
    assert (said.code, said.err) == (0, "")
    told = json.loads(said.out)
    caches = {row["name"]: row for row in told["caches"]}
    made = caches[chain.cache.name]
    assert (made["state"], made["backbone"], made["crops"], made["pictures"]) == (
        "finished",
        "squeezenet1_1",
        1,
        64,
    )
    assert (made["data"], made["weights"]) == ("scenes", "random(seed=0)")
    (row,) = [row for row in told["runs"] if row["name"] == chain.run.name]
    assert (row["state"], row["recipe"], row["seed"]) == ("finished", "vse++w", 0)
    assert (row["epochs_done"], row["epochs"]) == (2, 2)
    assert (row["data"], row["cache"]) == (str(chain.data), str(chain.cache))
    scores = (chain.run / "metrics.jsonl").read_text().splitlines()
    assert row["score"] == max(json.loads(line)["score"] for line in scores)
    page = tencrop("list", "--work", chain.work)
    assert chain.run.name in page.out
    assert page.out.startswith(f"{chain.work}: ")


def test_nothing_heavy_is_imported(tmp_path: Path) -> None:
    for words in (["list"], ["remove", "--help"], ["corpus", "--help"]):
        code = (
            "import sys\nfrom pipeline.cli import main\n"
            f"try:\n    main({words!r})\nexcept SystemExit as end:\n    assert not end.code\n"
            "assert not {'torch', 'torchvision', 'nltk'} & set(sys.modules)"
        )
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        subprocess.run([sys.executable, "-c", code], check=True, env=environment, cwd=tmp_path)


def test_an_empty_place_is_no_error(tencrop: Type, tmp_path: Path) -> None:
    said = tencrop("list", "--work", tmp_path / "none")
    assert (said.code, said.err) == (0, "")
    assert "no caches and no runs" in said.out


def test_removing_asks_and_takes_a_no(
    tencrop: Type, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = run(work)
    for answer in ("\n", "n\n", "no\n", "x\n"):
        answering(monkeypatch, answer)
        said = tencrop("remove", path.name, "--work", work)
        assert (said.code, said.out) == (1, "")
        assert "remove it? [y/N]" in said.err
        assert said.err.endswith("nothing was removed\n")
    answering(monkeypatch, "")
    one_line(tencrop("remove", path.name, "--work", work), "nothing was removed", "--yes")
    assert path.is_dir()


def test_removing_says_what_goes_and_does_it(
    tencrop: Type, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = cache(work)
    other, kept = run(work, of=one), run(work, "kept")
    answering(monkeypatch, "y\n")
    said = tencrop("remove", one.name, "--work", work)
    assert said.code == 0, said.err
    assert "1 run was trained on it" in said.err
    assert said.out.startswith(f"removed: {one}, ")
    assert not one.exists()
    said = tencrop("remove", "--yes", other.name, other, "--work", work)
    assert said.code == 0, said.err
    assert "[y/N]" not in said.err
    assert said.out.count("removed: ") == 1
    assert [path.name for path in (work / "runs").iterdir()] == [kept.name]


def test_one_wrong_name_among_several_removes_nothing(tencrop: Type, work: Path) -> None:
    path = run(work)
    said = tencrop("remove", "--yes", path.name, "kepd", "--work", work)
    one_line(said, "'kepd' is no cache or run", "python -m pipeline list")
    assert path.is_dir()


def test_what_is_being_written_is_refused(tencrop: Type, work: Path) -> None:
    for path in (cache(work, shards=1), run(work, done=1)):
        with exclusive(path):
            said = tencrop("remove", "--yes", path.name, "--work", work)
        one_line(said, "is being written by process")
        assert path.is_dir()


def test_what_is_removed_is_made_again(tencrop: Type, chain: Chain, tmp_path: Path) -> None:
    words = ("train", chain.cache, "--data", chain.data, "--set", "epochs=1", "--work", tmp_path)
    small = ("--set", "embed_dim=8", "--set", "word_dim=8")
    made = Path(tencrop(*words, *small).last)
    before = (made / "model.safetensors").read_bytes()
    assert tencrop("remove", "--yes", made.name[:12], "--work", tmp_path).code == 0
    assert Path(tencrop(*words, *small).last) == made
    assert (made / "model.safetensors").read_bytes() == before
