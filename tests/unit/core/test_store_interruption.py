"""Whatever interrupts a writer, no wrong cache is left and the rest ends with the same bytes."""

import errno
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cache_cases
import pytest
from cache_cases import FIELDS, PICTURES, SHARD_SIZE, commit, contents, write

from core import files
from core.errors import BusyError, CacheError
from core.store import FeatureCache, FeatureWriter, verify_cache

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a cache that nothing interrupted."""
    return contents(write(tmp_path_factory.mktemp("whole")))


def assert_no_shard_is_wrong(cache: Path, whole: dict[str, bytes]) -> None:
    """Every file with a final name is as it would have been; only the manifest may differ."""
    for name, content in contents(cache).items():
        if not name.startswith(files.TEMPORARY) and name != "cache.json":
            assert content == whole[name]
    if (cache / "cache.json").exists() and contents(cache)["cache.json"] != whole["cache.json"]:
        with pytest.raises(CacheError, match="is not complete"):
            verify_cache(cache)


@pytest.mark.parametrize("order", [[2, 0, 1], [1, 2, 0], [2, 1, 0]])
def test_the_order_of_the_shards_changes_no_byte(
    tmp_path: Path, whole: dict[str, bytes], order: list[int]
) -> None:
    with FeatureWriter.open(tmp_path, "toy", FIELDS, PICTURES, shard_size=SHARD_SIZE) as writer:
        pending = dict(writer.pending())
        for number in order:
            commit(writer, number, pending[number])
        assert contents(writer.finish()) == whole


def test_an_error_between_shards_loses_no_shard(tmp_path: Path, whole: dict[str, bytes]) -> None:

    def stop_after_two() -> None:
        with FeatureWriter.open(tmp_path, "toy", FIELDS, PICTURES, shard_size=SHARD_SIZE) as writer:
            for number, rows in writer.pending()[:2]:
                commit(writer, number, rows)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop_after_two()
    with FeatureWriter.open(tmp_path, "toy", FIELDS, PICTURES, shard_size=99) as writer:
        assert writer.pending() == [(2, range(8, 11))]
        with pytest.raises(CacheError, match=r"shards \[2\] are missing"):
            writer.finish()
    assert contents(write(tmp_path)) == whole


def test_deleted_shards_are_made_again(tmp_path: Path, whole: dict[str, bytes]) -> None:
    draw = random.Random(0)
    cache = write(tmp_path)
    for _ in range(20):
        for name in draw.sample(sorted(whole.keys() - {"cache.json"}), draw.randint(1, 6)):
            (cache / name).unlink()
        assert contents(write(tmp_path)) == whole


def test_nothing_is_written_again_when_all_is_there(tmp_path: Path) -> None:
    cache = write(tmp_path)
    before = {path.name: path.stat().st_mtime_ns for path in cache.glob("shard*")}
    write(tmp_path)
    assert {path.name: path.stat().st_mtime_ns for path in cache.glob("shard*")} == before


def watch(monkeypatch: pytest.MonkeyPatch, step: Callable[[str], None]) -> None:
    """Call ``step`` before and after each thing that ``replace_file`` asks of the system."""

    def watched(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            step(f"before {name}")
            result = real(*given, **named)
            step(f"after {name}")
            return result

        return call

    monkeypatch.setattr(files.secrets, "token_hex", watched("name", files.secrets.token_hex))
    monkeypatch.setattr(os, "fsync", watched("fsync", os.fsync))
    monkeypatch.setattr(Path, "replace", watched("rename", Path.replace))


def steps_of_a_whole_cache(folder: Path) -> int:
    """How many steps ``watch`` sees while a cache is written."""
    seen: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        watch(patch, seen.append)
        write(folder)
    return len(seen)


def chosen(steps: int, count: int) -> list[int]:
    """Some of the steps: the first, the last, and others drawn with a seed."""
    return sorted({0, steps - 1, *random.Random(0).sample(range(steps), count - 2)})


def failing_at(number: int) -> Callable[[str], None]:
    left = iter(range(number, -1, -1))

    def step(name: str) -> None:
        if next(left, None) == 0:
            raise OSError(errno.EIO, f"made up, {name}")

    return step


def test_an_input_output_error(tmp_path: Path, whole: dict[str, bytes]) -> None:
    steps = steps_of_a_whole_cache(tmp_path / "count")
    assert steps == 8 * (2 * 3 + 2)
    for number in chosen(steps, 24):
        root = tmp_path / str(number)
        with pytest.MonkeyPatch.context() as patch:
            watch(patch, failing_at(number))
            with pytest.raises(OSError, match="made up"):
                write(root)
        (cache,) = root.iterdir()
        assert not list(cache.glob(f"{files.TEMPORARY}*")) or number % 8 == 1
        assert_no_shard_is_wrong(cache, whole)
        assert contents(write(root)) == whole


class FullDisk:
    """A stream that takes ``room`` bytes and no more."""

    def __init__(self, stream: Any, room: int):
        self._stream, self._room = stream, room

    def __enter__(self) -> "FullDisk":
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def write(self, content: bytes) -> int:
        self._stream.write(content[: self._room])
        if len(content) > self._room:
            raise OSError(errno.ENOSPC, "No space left on device")
        self._room -= len(content)
        return len(content)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@pytest.mark.parametrize("room", [0, 1, 500, 1000])
def test_a_full_disk(tmp_path: Path, whole: dict[str, bytes], room: int) -> None:
    real = os.fdopen
    with FeatureWriter.open(tmp_path, "toy", FIELDS, PICTURES, shard_size=SHARD_SIZE) as writer:
        (number, rows), *_ = writer.pending()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "fdopen", lambda *given: FullDisk(real(*given), room))
            with pytest.raises(OSError, match="No space left"):
                commit(writer, number, rows)
        assert sorted(contents(writer.path)) == ["cache.json"]
    assert contents(write(tmp_path)) == whole


# One process without threads forks a writer for each step, and the writer kills itself there.
KILLS = """
import os, signal, sys
from pathlib import Path
import pytest
import test_store_interruption as cases
root, steps = Path(sys.argv[1]), [int(word) for word in sys.argv[2:]]
for number in steps:
    child = os.fork()
    if not child:
        left = iter(range(number, -1, -1))
        def step(name):
            if next(left, None) == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        cases.watch(pytest.MonkeyPatch(), step)
        cases.write(root / str(number))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def environment() -> dict[str, str]:
    here = str(Path(cache_cases.__file__).parent)
    return {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{here}", "OPENBLAS_NUM_THREADS": "1"}


def test_a_kill(tmp_path: Path, whole: dict[str, bytes]) -> None:
    steps = chosen(steps_of_a_whole_cache(tmp_path / "count"), 12)
    ended = subprocess.run(
        [sys.executable, "-c", KILLS, str(tmp_path), *map(str, steps)],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert [int(word) for word in ended.stdout.split()] == [-signal.SIGKILL] * len(steps)
    for number in steps:
        (cache,) = (tmp_path / str(number)).iterdir()
        assert_no_shard_is_wrong(cache, whole)
        assert contents(write(cache.parent)) == whole


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has committed one shard and holds the cache."""
    script = Path(cache_cases.__file__)
    command = [sys.executable, str(script), str(tmp_path)]
    with subprocess.Popen(
        command, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "holding\n"
        yield process
        process.kill()


def test_a_second_writer_is_refused_and_the_first_loses_nothing(
    tmp_path: Path, whole: dict[str, bytes], holder: subprocess.Popen[str]
) -> None:
    for _ in range(3):
        with pytest.raises(BusyError, match=f"is being written by process {holder.pid} on"):
            write(tmp_path)
    holder.communicate("go on\n")
    assert holder.returncode == 0
    (cache,) = tmp_path.iterdir()
    assert contents(cache) == whole
    assert write(tmp_path) == cache


def test_the_lock_of_a_killed_writer_is_free(
    tmp_path: Path, whole: dict[str, bytes], holder: subprocess.Popen[str]
) -> None:
    holder.kill()
    holder.wait()
    assert contents(write(tmp_path)) == whole


def test_a_second_writer_in_the_same_process_is_refused(tmp_path: Path) -> None:
    with (
        FeatureWriter.open(tmp_path, "toy", FIELDS, PICTURES),
        pytest.raises(BusyError, match=f"is being written by process {os.getpid()} on"),
    ):
        write(tmp_path)


def test_a_cache_of_another_key_may_be_written_meanwhile(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    other = write(tmp_path, fields=FIELDS | {"crops": 5})
    assert FeatureCache(other).manifest["complete"]
    assert holder.poll() is None
