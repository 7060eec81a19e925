"""What report.json says, when it answers, where it is kept, and that no byte of it changes."""

import errno
import json
import os
import shutil
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from core import provenance
from core.files import file_sha256
from core.sealed import check_sealed
from core.store import FeatureCache
from core.version import VERSION
from evaluate.measured import SIZES
from evaluate.queries import read_queries
from pipeline.asked import circumstances
from pipeline.said.progress import TrainingBar
from tests.e2e.conftest import Chain, Type
from tests.e2e.test_bad_input import one_line
from train.record import read_record
from train.trained import Trained

SAME = "nothing that the answer follows from has changed: it is that of"


@pytest.fixture
def run(chain: Chain, tmp_path: Path) -> Path:
    """A copy of the run, without reports."""
    return shutil.copytree(
        chain.run, tmp_path / chain.run.name, ignore=shutil.ignore_patterns("eval-*")
    )


@pytest.fixture
def no_embedding(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on nothing may be predicted."""
    monkeypatch.setattr(Trained, "predict", None)


def report(folder: Path) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return facts


def test_it_says_of_what(tencrop: Type, chain: Chain, run: Path) -> None:
    said = tencrop("evaluate", run)
    assert said.code == 0, said.err
    facts, cache = report(run / "eval-test"), FeatureCache(chain.cache)
    config, record = json.loads((run / "config.json").read_text()), read_record(run)
    assert check_sealed(run / "eval-test" / "report.json")
    assert facts["format"] == "tencrop-report/2"
    assert facts["run"] == chain.run.name
    assert (facts["epoch"], facts["epochs_done"], facts["epochs"]) == (record.best_epoch, 2, 2)
    assert facts["finished"] is True
    assert facts["model"] == record.model_sha256
    assert facts["cache"] == cache.key
    assert facts["encoders"]["image"] == {
        "sha256": config["sources"]["image"]["encoder"],
        "backbone": "squeezenet1_1",
        "weights": "random",
        "layer": "pooled",
        "crops": 1,
        "keep": "mean",
        "dtype": "float32",
    }
    assert facts["corpus"]["name"] == "scenes"
    assert len(facts["corpus"]["sha256"]) == len(facts["recipe"]["sha256"]) == 64
    assert (facts["recipe"]["name"], facts["seed"]) == ("vse++w", 0)
    assert facts["threads"]["training"] == config["threads"]
    assert facts["threads"]["evaluation"] >= 1
    assert (facts["version"], len(facts["code"])) == (VERSION, 64)
    assert {"commit", "device", "torch"} <= facts.keys()
    assert facts["chance"]["t2i"]["r1"] == pytest.approx(100 / 12)
    assert tuple(facts["i2t"][key] for key in SIZES) == (12, 60, 5.0)
    assert tuple(facts["t2i"][key] for key in SIZES) == (60, 12, 1.0)
    npz = run / "eval-test" / "embeddings.npz"
    told = {file.name: file_sha256(file) for file in (npz, npz.with_name("queries.npz"))}
    assert facts["files"] == told
    assert said.out == f"{facts['table']}\n{facts['line']}\n"
    assert facts["intervals"]["pictures"] == 12
    low, high = facts["intervals"]["rsum"]
    assert f"rsum {facts['rsum']:.1f} (95 %: {low:.1f}-{high:.1f})" in facts["table"]
    assert facts["table"].splitlines()[-1].startswith("95 %: of 10,000 resamples of 12 pictures ")
    assert f"{facts['notes'][-1]}\n" in said.err
    assert "they are too narrow; ask about more pictures" in facts["notes"][-1]
    assert facts["line"] == (
        "split test; 12 / 60 queries, 60 / 12 candidates, 5 / 1 right; ties by SHA-256 of ids; "
        "chance R@1 8.33 / 8.33\n"
        f"run {run.name}; epoch {record.best_epoch} of 2, finished; "
        f"model {record.model_sha256[:8]}; cache {cache.key[:8]}"
    )
    assert str(run) not in json.dumps(facts)


def test_where_nothing_has_changed_it_answers(
    tencrop: Type, chain: Chain, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = tencrop("evaluate", run)
    before = {file: file.read_bytes() for file in (run / "eval-test").iterdir()}
    monkeypatch.setattr(Trained, "predict", None)
    second = tencrop("evaluate", run, "--max-errors", 50)
    assert (second.code, second.out) == (0, first.out)
    assert f"{SAME} {run / 'eval-test' / 'report.json'}" in second.err
    assert {file: file.read_bytes() for file in (run / "eval-test").iterdir()} == before
    moved = shutil.copytree(run, run.parent / "elsewhere" / run.name)
    assert tencrop("evaluate", moved).out == first.out


def test_the_same_question_gives_the_same_files(tencrop: Type, run: Path) -> None:
    tencrop("evaluate", run)
    before = {file: file.read_bytes() for file in (run / "eval-test").iterdir()}
    shutil.rmtree(run / "eval-test")
    tencrop("evaluate", run)
    assert {file: file.read_bytes() for file in (run / "eval-test").iterdir()} == before


def test_other_ways_to_break_ties_are_another_question(tencrop: Type, run: Path) -> None:
    assert tencrop("evaluate", run).code == 0
    before = (run / "eval-test" / "report.json").read_bytes()
    said = tencrop("evaluate", run, "--ties")
    assert said.code == 0, said.err
    facts, usual = report(run / "eval-test-by-ties"), report(run / "eval-test")
    assert (run / "eval-test" / "report.json").read_bytes() == before
    assert facts["asked"] == {**usual["asked"], "ties": True}
    assert facts["ties"]["t2i"]["expected"].keys() == {"r1", "r5", "r10", "mean_rank"}
    assert facts["rsum"] == usual["rsum"]
    assert "ties" not in usual


@pytest.mark.parametrize(
    "changed",
    [
        {"version": "0.0.0"},
        {"commit": "0" * 40},
        {"code": "0" * 64},
        {"code": ""},
    ],
)
def test_another_program_does_not_take_the_answer(
    tencrop: Type, run: Path, monkeypatch: pytest.MonkeyPatch, changed: dict[str, str]
) -> None:
    first = tencrop("evaluate", run)
    now = circumstances.program() | changed
    monkeypatch.setattr(circumstances, "program", lambda: now)
    for _ in range(2 if "" in changed.values() else 1):
        said = tencrop("evaluate", run)
        assert (said.out, SAME in said.err) == (first.out, False)
    assert report(run / "eval-test").items() >= changed.items()


def _other_number(folder: Path) -> None:
    file = folder / "report.json"
    file.write_text(file.read_text().replace('"rsum": ', '"rsum": 1'), encoding="utf-8")


def _flipped(folder: Path) -> None:
    data = bytearray((folder / "embeddings.npz").read_bytes())
    data[len(data) // 2] ^= 1
    (folder / "embeddings.npz").write_bytes(data)


@pytest.mark.parametrize(
    "damage",
    [
        _other_number,
        _flipped,
        lambda folder: (folder / "embeddings.npz").unlink(),
        lambda folder: (folder / "report.json").write_text("{"),
        lambda folder: (folder / "report.json").write_text('{"split": "test", "table": "100"}'),
    ],
)
def test_a_changed_answer_is_made_anew(tencrop: Type, run: Path, damage: Any) -> None:
    first = tencrop("evaluate", run)
    before = {file: file.read_bytes() for file in (run / "eval-test").iterdir()}
    damage(run / "eval-test")
    said = tencrop("evaluate", run)
    assert (said.code, said.out, SAME in said.err) == (0, first.out, False)
    assert {file: file.read_bytes() for file in (run / "eval-test").iterdir()} == before


def test_what_makes_numbers_honest_is_checked_each_time(
    tencrop: Type, chain: Chain, run: Path, tmp_path: Path
) -> None:
    data = shutil.copytree(chain.data, tmp_path / "scenes")
    words = ("evaluate", run, "--data", data, "--cache", chain.cache)
    assert tencrop(*words).code == 0
    trained = next((data / "images").glob("train-*.png"))
    shutil.copy(trained, sorted((data / "images").glob("test-*.png"))[3])
    one_line(tencrop(*words), "was made from another file")


def test_each_picture_and_shard_is_hashed_once(
    tencrop: Type, chain: Chain, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: Counter[Path] = Counter()

    def digest(path: Path, **options: Any) -> str:
        counted[path] += 1
        return file_sha256(path, **options)

    monkeypatch.setattr(provenance, "place_sha256", digest)
    monkeypatch.setattr("core.store.committed.file_sha256", digest)
    for words in ((), (), ("--cache", chain.cache)):
        counted.clear()
        assert tencrop("evaluate", run, *words).code == 0
        assert sum(path.suffix == ".png" for path in counted) == 12
        assert set(counted.values()) == {1}


def test_a_report_of_an_earlier_epoch_is_said_and_made_anew(
    tencrop: Type, chain: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(self: TrainingBar, *args: Any, **kwargs: Any) -> None:
        if args[0] == 2:
            raise KeyboardInterrupt

    run = tmp_path / "run"
    small = ("--set", "epochs=4", "--set", "embed_dim=8", "--set", "word_dim=8", "--run", run)
    train = ("train", chain.cache, "--data", chain.data, *small)
    with monkeypatch.context() as patch:
        patch.setattr(TrainingBar, "__call__", interrupt)
        assert tencrop(*train).code == 130
    first = tencrop("evaluate", run)
    assert "epoch 1 of 4, not finished (1 done); model " in first.out
    assert tencrop("run", "verify", run).code == 0
    assert tencrop(*train).code == 0
    record = read_record(run)
    verified = tencrop("run", "verify", run)
    overtaken = "report.json is of epoch 1, whose model is no longer the run's" in verified.err
    assert (verified.code, overtaken) == (0, record.best_epoch != 1)
    second = tencrop("evaluate", run)
    assert f"epoch {record.best_epoch} of 4, finished; model " in second.out
    assert SAME not in second.err
    assert report(run / "eval-test")["model"] == record.model_sha256


def test_measures_and_the_usual_question_keep_a_folder_each(
    tencrop: Type, run: Path, request: pytest.FixtureRequest
) -> None:
    usual = tencrop("evaluate", run)
    asked = tencrop("evaluate", run, "--measures", "average_precision,mean_rank")
    assert asked.code == 0, asked.err
    other = run / "eval-test-measures-average_precision+mean_rank"
    assert report(other)["asked"]["measures"] == ["average_precision", "mean_rank"]
    assert sorted(run.glob("eval-*")) == [run / "eval-test", other]
    request.getfixturevalue("no_embedding")
    assert tencrop("evaluate", run).out == usual.out
    again = tencrop("evaluate", run, "--measures", "average_precision, mean_rank")
    assert again.out == asked.out != usual.out


def test_a_measure_that_is_none_costs_no_embedding(
    tencrop: Type, run: Path, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("no_embedding")
    wrong = tencrop("evaluate", run, "--measures", "recal")
    one_line(wrong, "--measures recal: ", "did you mean 'recall'")
    wrong = tencrop("evaluate", run, "--protocol", "retrievel")
    one_line(wrong, "--protocol retrievel: ", "did you mean 'retrieval'")


def test_options_of_measures_are_another_question(
    tencrop: Type, run: Path, request: pytest.FixtureRequest
) -> None:
    words = ("evaluate", run, "--measures", "recall,precision")
    asked = tencrop(*words, "--set", "recall.k=1,7", "--set", "precision.k=3")
    assert asked.code == 0, asked.err
    assert asked.out.splitlines()[1].split() == ["R@1", "R@7", "P@3"]
    other = run / "eval-test-measures-recall+precision-set-recall.k-1+7-precision.k-3"
    kept = report(other)
    assert kept["asked"]["options"] == {"recall": {"k": [1, 7]}, "precision": {"k": [3]}}
    assert set(kept["i2t"]) - set(SIZES) == {"r1", "r7", "p3"}
    values = {each.way: set(each.values) for each in read_queries(other)}
    assert values["i2t"] == {"r1", "r5", "r10", "r7", "p3"}
    assert tencrop(*words).code == 0
    assert "options" not in report(run / "eval-test-measures-recall+precision")["asked"]
    request.getfixturevalue("no_embedding")
    again = tencrop(*words, "--set", "recall.k=[1, 7] precision.k=3")
    assert again.out == asked.out


@pytest.mark.parametrize(
    ("given", "parts"),
    [
        ("recal.k=5", ("recal.k=5", "did you mean 'recall'")),
        ("recall.q=5", ("recall.q=5", "unknown key 'q'", "accepted: k")),
        ("recall.k=five", ("recall.k=five", "choose another value")),
        ("precision.k=5", ("precision is not asked for", "--measures precision")),
        ("k=5", ("MEASURE.OPTION=VALUE, such as --set-measure recall.k=1,5,50",)),
    ],
)
def test_options_that_mean_nothing_cost_no_embedding(
    tencrop: Type, run: Path, request: pytest.FixtureRequest, given: str, parts: tuple[str, ...]
) -> None:
    request.getfixturevalue("no_embedding")
    one_line(tencrop("evaluate", run, "--set", given), *parts)


def test_out_leaves_the_run_as_it_is(tencrop: Type, run: Path, tmp_path: Path) -> None:
    before = {file: file.stat().st_mtime_ns for file in (run, *run.rglob("*"))}
    out = tmp_path / "deep" / "out"
    said = tencrop("evaluate", run, "--out", out)
    assert said.code == 0, said.err
    assert sorted(file.name for file in out.iterdir()) == [
        *("embeddings.npz", "queries.npz", "report.html", "report.json")
    ]
    assert {file: file.stat().st_mtime_ns for file in (run, *run.rglob("*"))} == before
    again = tencrop("evaluate", run, "--out", out)
    assert (again.out, SAME in again.err) == (said.out, True)
    assert tencrop("evaluate", run).out == said.out
    assert (out / "report.json").read_bytes() == (run / "eval-test" / "report.json").read_bytes()


def test_out_holds_one_question(tencrop: Type, run: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    tencrop("evaluate", run, "--out", out)
    before = (out / "report.json").read_bytes()
    said = tencrop("evaluate", run, "--out", out, "--split", "val")
    one_line(
        said,
        "another question (another corpus and another protocol or measures)",
        "choose another --out",
    )
    assert (out / "report.json").read_bytes() == before
    (out / "report.json").write_bytes(before[:-9])
    assert tencrop("evaluate", run, "--out", out).code == 0
    assert (out / "report.json").read_bytes() == before


@pytest.mark.parametrize("text", ['{"mine": 1}', "[1]", "my notes", ""])
def test_out_takes_no_stranger_s_place(tencrop: Type, run: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "report.json").write_text(text)
    said = tencrop("evaluate", run, "--out", tmp_path)
    one_line(said, "is no report of `evaluate`", "choose another --out")
    assert (tmp_path / "report.json").read_text() == text
    one_line(tencrop("evaluate", run, "--out", run / "config.json"), "is no folder")


@pytest.fixture
def read_only(run: Path, chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing below the run, the cache or the corpus can be made or written."""
    ours = tuple(map(str, (run, chain.cache, chain.data)))
    opened, made, allowed = os.open, os.mkdir, os.access
    writes = os.O_WRONLY | os.O_RDWR | os.O_CREAT

    def no_open(path: Any, flags: int, *rest: Any, **more: Any) -> int:
        if str(path).startswith(ours) and flags & writes:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        return opened(path, flags, *rest, **more)

    def no_mkdir(path: Any, *rest: Any, **more: Any) -> None:
        if str(path).startswith(ours):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        made(path, *rest, **more)

    def no_access(path: Any, mode: int, **more: Any) -> bool:
        return not (str(path).startswith(ours) and mode & os.W_OK) and allowed(path, mode, **more)

    monkeypatch.setattr(os, "open", no_open)
    monkeypatch.setattr(os, "mkdir", no_mkdir)
    monkeypatch.setattr(os, "access", no_access)


def test_a_read_only_disk_names_out(
    tencrop: Type, run: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    usual = tencrop("evaluate", run)
    request.getfixturevalue("read_only")
    assert tencrop("evaluate", run).out == usual.out
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Trained, "predict", None)
        one_line(tencrop("evaluate", run, "--split", "val"), "eval-val", "--out DIR")
    said = tencrop("evaluate", run, "--split", "val", "--out", tmp_path / "out")
    assert said.code == 0, said.err
    assert "val: 12 images" in said.out


def test_a_disk_that_becomes_read_only_names_out(
    tencrop: Type, run: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("read_only")
    monkeypatch.setattr(os, "access", lambda *_, **__: True)
    one_line(tencrop("evaluate", run), "Read-only file system", "--out DIR")


def test_what_a_killed_evaluation_left_is_tidied(tencrop: Type, run: Path) -> None:
    (run / "eval-test").mkdir()
    (run / "eval-test" / f".tmp-{2**22 + 1}-a").write_bytes(b"half")
    (run / "eval-test" / f".tmp-{os.getpid()}-a").write_bytes(b"at work")
    assert tencrop("evaluate", run).code == 0
    names = {f".tmp-{os.getpid()}-a", "report.html", "report.json"}
    names |= {"embeddings.npz", "queries.npz"}
    assert {file.name for file in (run / "eval-test").iterdir()} == names


def test_run_verify_finds_what_changed(tencrop: Type, run: Path) -> None:
    tencrop("evaluate", run)
    said = tencrop("run", "verify", run)
    assert (said.code, said.err) == (0, "")
    assert said.out == f"{run}: every file is as it was written\n"
    _flipped(run / "eval-test")
    said = tencrop("run", "verify", run)
    one_line(said, "1 of its files", code=1)
    assert "eval-test/embeddings.npz is damaged" in said.err
    tencrop("evaluate", run)
    (run / "eval-test" / "mine.txt").write_text("a note")
    said = tencrop("run", "verify", run)
    assert said.code == 0
    assert "eval-test/mine.txt is not named" in said.err
    one_line(tencrop("run", "verify", run / "gone"), "gone")


def test_run_verify_tells_all_that_changed(tencrop: Type, run: Path) -> None:
    tencrop("evaluate", run)
    _flipped(run / "eval-test")
    (run / "seen.json").write_bytes((run / "seen.json").read_bytes()[:-9])
    said = tencrop("run", "verify", run)
    one_line(said, "2 of its files")
    first, second = said.err.splitlines()[:2]
    assert first.startswith("seen.json is damaged")
    assert first.endswith("it mends what it can, and says what it cannot")
    assert second.startswith("eval-test/embeddings.npz is damaged")


def test_run_info(tencrop: Type, chain: Chain, run: Path) -> None:
    tencrop("evaluate", run)
    told = json.loads(tencrop("run", "info", run).out)
    record = read_record(run)
    assert (told["epoch"], told["epochs_done"], told["finished"]) == (record.best_epoch, 2, True)
    assert told["model"] == record.model_sha256
    assert told["reports"] == ["eval-test"]
    assert told["bytes"] == sum(file.stat().st_size for file in run.rglob("*") if file.is_file())


def test_the_journal_has_a_line_a_command_that_did_work(
    tencrop: Type, chain: Chain, run: Path, tmp_path: Path
) -> None:
    work = tmp_path / "journal"
    work.mkdir()
    for _ in range(2):
        assert tencrop("evaluate", run, "--work", work).code == 0
        time.sleep(0.1)
    one_line(tencrop("evaluate", run, "--split", "extra", "--work", work), "extra")
    lines = [json.loads(line) for line in (work / "journal.jsonl").read_text().splitlines()]
    assert [line["outcome"].partition(":")[0] for line in lines] == ["done", "error"]
    assert (lines[0]["what"], lines[0]["items"]) == (str(run / "eval-test"), 12)
    made = [json.loads(line) for line in (chain.work / "journal.jsonl").read_text().splitlines()]
    assert [(line["stage"], line["items"]) for line in made[:2]] == [("features", 64), ("train", 2)]
    assert all(line["bytes"] > 0 and line["seconds"] > 0 for line in made[:2])


def test_the_version_is_said(tencrop: Type) -> None:
    said = tencrop("--version")
    assert (said.code, said.out) == (0, f"tencrop, version {VERSION}\n")
