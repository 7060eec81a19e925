"""What is done is found without what would compute it, and each change is noticed as without that.

Each change is tried twice on the same world: with what is kept in WORK/known, and without it. What
is said, the exit code and every file must be the same.
"""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.memory import known, program
from pipeline.memory.known import FOLDER
from tests.e2e.conftest import Restored, Type, typed
from tests.e2e.done import SAME, TRAINED, flip, in_child, of, tried_twice, weights
from tests.faults.child import PARTS
from tests.faults.world import BACKBONE, draw
from tests.plugin_folder import added


@pytest.fixture(autouse=True)
def small_backbone() -> Iterator[None]:
    with added(PARTS):
        yield


def options(root: Path) -> list[str]:
    file = str(root / "weights.safetensors")
    made = ["--backbone", BACKBONE, "--weights", file, "--crops", "1", "--shard-size", "4"]
    trained = ["--recipe", "demo", "--seed", "3", *TRAINED]
    return ["all", str(root / "data"), *made, *trained, "--work", str(root / "work")]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Restored:
    """A world in which all is done."""
    root = tmp_path_factory.mktemp("done") / "world"
    draw(root / "data")
    with added(PARTS):
        weights(root / "weights.safetensors", 1)
        typed(*options(root))
    return Restored.of(root)


@pytest.fixture
def world(made: Restored) -> Path:
    """That world as it was made, at the same place: runs and caches remember where things are."""
    return made.put_back()


def _in(pattern: str, at: float = 0.5) -> Callable[[Path], list[str]]:
    def change(root: Path) -> list[str]:
        flip(of(root, pattern), at)
        return options(root)

    return change


def _option(*words: str) -> Callable[[Path], list[str]]:
    return lambda root: [*options(root), *words]


def _picture(root: Path) -> list[str]:
    with (root / "data" / "images" / "10.png").open("ab") as stream:
        stream.write(b"\0")
    return options(root)


def _no_picture(root: Path) -> list[str]:
    (root / "data" / "images" / "10.png").unlink()
    return [*options(root), "--max-errors", "20"]


def _caption(split: str) -> Callable[[Path], list[str]]:
    def change(root: Path) -> list[str]:
        table = root / "data" / "captions.csv"
        lines = table.read_text().splitlines()
        row = next(n for n, line in enumerate(lines) if line.endswith(f",{split}"))
        image, _, rest = lines[row].partition(",")
        lines[row] = f"{image},a {rest}"
        table.write_text("\n".join(lines) + "\n")
        return options(root)

    return change


def _weights(root: Path) -> list[str]:
    flip(root / "weights.safetensors", 1.0)
    return options(root)


def _weights_by_another_name(root: Path) -> list[str]:
    (root / "weights.safetensors").rename(root / "other.safetensors")
    return [*options(root), "--weights", str(root / "other.safetensors")]


def _gone(pattern: str) -> Callable[[Path], list[str]]:
    def change(root: Path) -> list[str]:
        of(root, pattern).unlink()
        return options(root)

    return change


def _moved(root: Path) -> list[str]:
    (root / "data").rename(root / "elsewhere")
    words = options(root)
    words[1] = str(root / "elsewhere")
    return words


CHANGES: dict[str, Callable[[Path], list[str]]] = {
    "nothing": options,
    "a picture": _picture,
    "no picture": _no_picture,
    "a caption of train": _caption("train"),
    "a caption of test": _caption("test"),
    "the weights": _weights,
    "the weights' name": _weights_by_another_name,
    "the folder's name": _moved,
    "a shard": _in("features/*/shard-00001.h5", 0.9),
    "a shard's facts": _in("features/*/shard-00001.json"),
    "the manifest": _in("features/*/cache.json"),
    "a shard is gone": _gone("features/*/shard-00002.h5"),
    "the model": _in("runs/*/model.safetensors", 0.9),
    "the model is gone": _gone("runs/*/model.safetensors"),
    "the config": _in("runs/*/config.json"),
    "the record": _in("runs/*/last.json"),
    "the record before": _in("runs/*/previous.json"),
    "the words": _in("runs/*/vocab.json"),
    "what was seen": _in("runs/*/seen.json"),
    "the metrics": _in("runs/*/metrics.jsonl"),
    "the report": _in("runs/*/eval-test/report.json"),
    "the embeddings": _in("runs/*/eval-test/embeddings.npz"),
    "no report": _gone("runs/*/eval-test/report.json"),
    "another split": _option("--split", "val"),
    "another seed": _option("--seed", "4"),
    "another setting": _option("--set", "margin=0.3"),
    "another transform": _option("--transform", "18:16"),
    "a device that is none": _option("--device", "cuda:77"),
    "an unknown measure": _option("--measures", "recal"),
    "an unknown setting": _option("--set", "margn=0.3"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_noticed_as_without_what_is_kept(
    change: str, world: Path, tencrop: Type, tmp_path: Path
) -> None:
    tried_twice(world, tencrop, CHANGES[change](world), tmp_path / "spare")


def test_another_program_is_another_answer(
    world: Path, tencrop: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {file.name for file in (world / "work" / FOLDER).glob("*.json")}
    for module in (known, program):
        monkeypatch.setattr(module, "code", lambda: "f" * 64)
    said = tencrop(*options(world))
    assert "report.json is replaced: it was made with another version of this program\n" in said.err
    after = {file.name for file in (world / "work" / FOLDER).glob("*.json")}
    assert before < after
    assert len(after) == 2 * len(before)


def test_what_is_kept_may_be_damaged_in_any_way(world: Path, tencrop: Type) -> None:
    files = sorted((world / "work" / FOLDER).glob("*.json"))
    whole = tencrop(*options(world))
    assert SAME in whole.err
    for way in range(5):
        for file in files:
            data = file.read_bytes()
            damaged = [data[:-9], b"", b"[]", b'{"answer": {}}', data.replace(b'": ', b'": 9', 1)]
            file.write_bytes(damaged[way])
        assert tencrop(*options(world)) == whole
        assert sorted((world / "work" / FOLDER).glob("*.json")) == files


def test_an_answer_under_another_question_is_none(world: Path, tencrop: Type) -> None:
    files = sorted((world / "work" / FOLDER).glob("*.json"))
    kept = [file.read_bytes() for file in files]
    whole = tencrop(*options(world))
    for file, other in zip(files, [*kept[1:], kept[0]], strict=True):
        file.write_bytes(other)
    assert tencrop(*options(world)) == whole
    assert [file.read_bytes() for file in files] == kept


def test_the_second_time_nothing_that_computes_is_loaded(world: Path) -> None:
    code, table, _ = in_child(*options(world))
    assert (code, table.splitlines()[0]) == (0, "test: 3 images, 5 captions")
    assert in_child(*options(world)) == (0, table, False)
    cache, run = of(world, "features/*"), of(world, "runs/*")
    work = ["--work", str(world / "work")]
    made, trained = options(world)[2:10], options(world)[10:-2]
    data = str(world / "data")
    assert in_child("features", data, *made, *work) == (0, f"{cache}\n", False)
    assert in_child("train", str(cache), "--data", data, *trained, *work) == (0, f"{run}\n", False)
    assert in_child("evaluate", str(run), *work) == (0, table, False)
    shutil.rmtree(world / "work" / FOLDER)
    assert in_child(*options(world)) == (0, table, True)
    assert in_child(*options(world)) == (0, table, False)


def test_each_file_is_hashed_once(world: Path, tencrop: Type, opened: Counter[str]) -> None:
    opened.clear()
    assert SAME in tencrop(*options(world)).err
    pictures = len(list((world / "data" / "images").iterdir()))
    shards = len(list((world / "work").glob("features/*/*.h5")))
    curves, vectors_and_queries = 1, 2
    assert (opened[".png"], opened[".h5"]) == (pictures + curves, shards)
    assert opened[".npz"] == vectors_and_queries
    assert opened[".safetensors"] == 2  # the weights and the model
