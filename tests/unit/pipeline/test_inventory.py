"""What a work folder holds: each thing a row, whatever state it is in."""

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest

from core.sealed import read_sealed, write_sealed
from pipeline.inventory.holdings import Holdings
from pipeline.inventory.losses import losses
from pipeline.inventory.table import lines, sized
from tests.work_folder import PICTURES, cache, run


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return tmp_path / "work"


def states(work: Path) -> dict[str, str]:
    return {row.name: row.state for row in Holdings.of(work).rows}


def test_a_cache_tells_what_it_is(work: Path) -> None:
    path = cache(work, "my-vgg19-photos")
    (row,) = Holdings.of(work).caches
    assert (row.name, row.path, row.state, row.why) == (path.name, path, "finished", "")
    assert (row.data, row.backbone, row.layer, row.weights) == (
        "my-vgg19-photos",
        "vgg19",
        "pooled",
        "random",
    )
    assert (row.crops, row.keep, row.dtype) == (10, "mean", "float32")
    assert row.pictures == row.done == len(PICTURES)
    assert row.bytes == sum(file.stat().st_size for file in path.iterdir())
    assert path.name.endswith(row.key[:8])


@pytest.mark.parametrize(("shards", "done"), [(0, 0), (1, 4), (2, 8)])
def test_a_cache_that_is_begun_tells_how_far(work: Path, shards: int, done: int) -> None:
    cache(work, shards=shards)
    (row,) = Holdings.of(work).caches
    assert (row.state, row.done, row.pictures, row.why) == ("begun", done, 10, "")


@pytest.mark.parametrize("name", ["shard-00001.h5", "shard-00001.json"])
def test_a_shard_that_is_gone(work: Path, name: str) -> None:
    path = cache(work)
    (path / name).unlink()
    (row,) = Holdings.of(work).caches
    assert (row.state, row.done) == ("damaged", 6)
    assert row.why == f"{path / name} is missing; run the same `features` command to mend it"


@pytest.mark.parametrize("name", ["shard-00001.h5", "shard-00001.json"])
@pytest.mark.parametrize("harm", ["cut", "junk", "folder"])
def test_a_shard_that_is_damaged(work: Path, name: str, harm: str) -> None:
    path = cache(work)
    if harm == "folder":
        in_its_place(path / name)
    else:
        data = (path / name).read_bytes()
        (path / name).write_bytes(data[:-20] if harm == "cut" else b"junk" * 99)
    (row,) = Holdings.of(work).caches
    assert (row.state, row.done) == ("damaged", 6)
    assert row.why.startswith(f"{path / name} is ")
    assert row.why.endswith("run the same `features` command to mend it")
    assert ("; move it elsewhere and " in row.why) == (harm == "folder")


def test_a_shard_of_another_digest_than_its_cache_tells(work: Path) -> None:
    path = cache(work)
    facts = read_sealed(path / "shard-00001.json")
    write_sealed(path / "shard-00001.json", {**facts, "sha256": "0" * 64})
    (row,) = Holdings.of(work).caches
    assert (row.state, row.done) == ("damaged", 6)


def test_a_damaged_shard_of_a_cache_that_is_begun_does_not_count(work: Path) -> None:
    path = cache(work, shards=2)
    os.truncate(path / "shard-00000.h5", 100)
    (row,) = Holdings.of(work).caches
    assert (row.state, row.done, row.why) == ("begun", 4, "")


def unreadable(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Let a file be another user's, also where the tests are root's."""
    real = os.open

    def opened(path: Any, *args: Any, **named: Any) -> int:
        if Path(str(path)).name == name:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path, *args, **named)

    monkeypatch.setattr(os, "open", opened)


@pytest.mark.parametrize(
    "name",
    [
        *("cache.json", "shard-00001.h5", "shard-00001.json"),
        *("config.json", "last.json", "model.safetensors", "seen.json", "metrics.jsonl"),
    ],
)
def test_what_may_not_be_read_is_a_row_that_says_so(
    work: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache(work)
    run(work)
    unreadable(monkeypatch, name)
    (row,) = [row for row in Holdings.of(work).rows if row.state == "damaged"]
    assert row.why == (
        f"{row.path / name} cannot be read (Permission denied); see to that (chmod u+rwX): "
        "it may be whole"
    )


def test_a_damaged_run_tells_what_its_whole_files_say(work: Path) -> None:
    config, last = run(work, "config"), run(work, "last")
    (config / "config.json").write_text("{")
    (last / "last.json").write_text("{")
    rows = {row.name: row for row in Holdings.of(work).runs}
    for row in rows.values():
        assert (row.state, row.epochs_done, row.score, row.seconds) == ("damaged", 2, 50.0, 200.0)
    assert (rows["config"].epochs, rows["last"].epochs, rows["last"].seed) == (0, 2, 3)
    page = {line.split()[-1]: line.split() for line in lines(Holdings.of(work)) if line}
    assert "2/?" in page["config"]
    assert "2/2" in page["last"]


def test_what_is_lost_with_something_damaged(work: Path) -> None:
    features = cache(work)
    (features / "cache.json").write_text("{")
    made = run(work, done=0)
    (made / "config.json").write_text("{")
    holdings = Holdings.of(work)
    for row in holdings.rows:
        first, why, *more = losses(row, holdings)
        kind = "cache" if row.path == features else "run"
        assert first == f"{row.path}: a damaged {kind}, {sized(row.bytes)}"
        assert why == row.why
        assert not more


@pytest.mark.parametrize(
    ("content", "word"),
    [(None, "no cache.json"), ("{", "damaged"), ("[]", "damaged"), ('{"format": 3}', "damaged")],
)
def test_a_damaged_manifest_is_a_row(work: Path, content: str | None, word: str) -> None:
    path, whole = cache(work), cache(work, "other", backbone="alexnet")
    (path / "cache.json").unlink()
    if content:
        (path / "cache.json").write_text(content)
    rows = {row.name: row for row in Holdings.of(work).caches}
    assert rows[whole.name].state == "finished"
    assert rows[path.name].state == "damaged"
    assert word in rows[path.name].why
    assert "features" in rows[path.name].why.rpartition("; ")[2]


def test_a_changed_manifest_is_damaged(work: Path) -> None:
    path = cache(work)
    text = (path / "cache.json").read_text()
    (path / "cache.json").write_text(text.replace("vgg19", "vgg16"))
    assert states(work) == {path.name: "damaged"}


def test_a_run_tells_what_it_is(work: Path) -> None:
    features = cache(work)
    path = run(work, of=features)
    (work.parent / "photos").mkdir()
    (path / "eval-test").mkdir()
    (path / "eval-test" / "report.json").write_text("{}")
    (row,) = Holdings.of(work).runs
    assert (row.name, row.state, row.why) == (path.name, "finished", "")
    assert (row.data, row.cache) == (str(work.parent / "photos"), str(features))
    assert (row.backbone, row.crops, row.keep) == ("vgg19", 10, "mean")
    assert (row.recipe, row.seed, row.epochs_done, row.epochs) == ("vse++w", 3, 2, 2)
    assert (row.best_epoch, row.score, row.seconds) == (1, 50.0, 200.0)
    assert row.reports == ("eval-test",)
    assert row.bytes == sum(f.stat().st_size for f in path.rglob("*") if f.is_file())


def test_a_run_without_an_epoch_and_one_that_goes_on(work: Path) -> None:
    new, on = run(work, "new", done=0), run(work, "on", done=3, epochs=5)
    rows = {row.name: row for row in Holdings.of(work).runs}
    assert (rows[new.name].state, rows[new.name].epochs_done, rows[new.name].score) == (
        "begun",
        0,
        None,
    )
    assert (rows[on.name].state, rows[on.name].epochs_done, rows[on.name].epochs) == ("begun", 3, 5)


def break_config(run: Path, **changes: Any) -> None:
    config = read_sealed(run / "config.json")
    write_sealed(run / "config.json", {**config, **changes})


def in_its_place(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize(
    ("harm", "word"),
    [
        (lambda run: (run / "config.json").unlink(), "config.json is missing"),
        (lambda run: (run / "config.json").write_text("{"), "config.json is damaged"),
        (lambda run: (run / "config.json").write_text("[]"), "config.json is damaged"),
        (lambda run: break_config(run, given=[]), "config.json is damaged"),
        (lambda run: break_config(run, identity={}), "config.json is damaged"),
        (lambda run: break_config(run, sources={"image": 3}), "config.json is damaged"),
        (lambda run: break_config(run, format="tencrop-run/1"), "has format 'tencrop-run/1'"),
        (lambda run: (run / "last.json").write_text("{}"), "last.json is damaged"),
        (lambda run: (run / "last.json").unlink(), "no last.json"),
        (lambda run: (run / "model.safetensors").unlink(), "model.safetensors is missing"),
        (lambda run: os.truncate(run / "model.safetensors", 900), "model.safetensors is damaged"),
        (lambda run: (run / "model.safetensors").write_text("junk" * 99), "model.safetensors is"),
        (lambda run: os.truncate(run / "seen.json", 10), "seen.json is damaged"),
        (lambda run: os.truncate(run / "previous.json", 10), "previous.json is damaged"),
        (lambda run: (run / "metrics.jsonl").write_text("{}"), "metrics.jsonl is not what"),
        (lambda run: in_its_place(run / "config.json"), "config.json is not a regular file; move"),
        (lambda run: in_its_place(run / "last.json"), "last.json is not a regular file; move"),
        (lambda run: in_its_place(run / "seen.json"), "seen.json is not a regular file; move"),
    ],
)
def test_a_damaged_run_is_a_row(work: Path, harm: Any, word: str) -> None:
    harmed, whole = run(work, "harmed"), run(work, "whole")
    harm(harmed)
    rows = {row.name: row for row in Holdings.of(work).runs}
    assert rows[whole.name].state == "finished"
    assert rows["harmed"].state == "damaged"
    assert word in rows["harmed"].why
    assert "train" in rows["harmed"].why.rpartition("; ")[2]


def test_nothing_there(tmp_path: Path) -> None:
    holdings = Holdings.of(tmp_path / "none")
    assert holdings.rows == ()
    assert list(lines(holdings)) == [
        f"{tmp_path / 'none'}: no caches and no runs; make a cache with `features DATA`"
    ]
    assert not (tmp_path / "none").exists()


def test_the_page_has_a_line_each_and_says_what_is_damaged(work: Path) -> None:
    features = cache(work)
    run(work, of=features)
    run(work, "line\nbreak", done=0)
    begun = cache(work, "other", backbone="alexnet", shards=1)
    (features / "shard-00000.h5").unlink()
    page = list(lines(Holdings.of(work)))
    assert page[0].startswith(f"{work}: 2 caches, ")
    rows = {line.split()[-1]: line.split() for line in page if line}
    assert rows[features.name][0] == "damaged"
    assert rows[begun.name][0] == "begun"
    assert "4/10" in rows[begun.name]
    assert r"line\nbreak" in rows
    (name,) = [name for name in rows if "seed3" in name]
    assert {"2/2", "50.0", "vse++w", "vgg19"} <= set(rows[name])
    assert page[-1].startswith(f"{features.name}: ")
    assert "shard-00000.h5 is missing" in page[-1]
    assert not any("\n" in line for line in page)


def test_columns_are_aligned(work: Path) -> None:
    cache(work)
    cache(work, "a-longer-name", backbone="alexnet")
    titles, *rows = list(lines(Holdings.of(work)))[2:]
    column = titles.index("backbone")
    assert [row[column:].split()[0] for row in rows] == ["alexnet", "vgg19"]


def test_json_tells_all_of_it(work: Path) -> None:
    run(work, of=cache(work))
    told = json.loads(json.dumps(Holdings.of(work).to_json()))
    assert told["work"] == str(work)
    assert told["caches"][0]["pictures"] == 10
    assert told["runs"][0]["score"] == 50.0
    assert told["runs"][0]["path"].endswith(told["runs"][0]["name"])


def test_which_runs_were_trained_on_a_cache(work: Path) -> None:
    one, other = cache(work), cache(work, "other", backbone="alexnet")
    path = run(work, of=one)
    holdings = Holdings.of(work)
    assert [row.name for row in holdings.trained_on(one)] == [path.name]
    assert holdings.trained_on(other) == []


def test_what_a_killed_removal_left_is_tidied_and_never_listed(work: Path) -> None:
    left = cache(work)
    left.rename(left.parent / f".tmp-{2**22 + 1}-0")
    living = work / "runs" / f".tmp-{os.getpid()}-0"
    living.mkdir(parents=True)
    assert Holdings.of(work).rows == ()
    assert list((work / "features").iterdir()) == []
    assert living.is_dir()
