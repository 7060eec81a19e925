"""Trainings that are ended in their midst, and what is compared of a run afterwards."""

import json
from hashlib import sha256

import core.files


class Killed(BaseException):
    """What no ``except Exception`` would catch."""


def interrupted_at(epoch, step, error=KeyboardInterrupt):
    """A progress that ends the training after this step."""

    def progress(now, at, steps, **_):
        if (now, at) == (epoch, step):
            raise error

    return progress


def fail_at(monkeypatch, nth):
    """Fail the nth replacement of a file from now on: odd before, even after its rename."""
    real, count = core.files.replace_file, {"n": 0}

    class Failing:
        def __init__(self, path, **named):
            self.inner = real(path, **named)

        def __enter__(self):
            count["n"] += 1
            if count["n"] == nth:
                raise Killed
            return self.inner.__enter__()

        def __exit__(self, *error):
            result = self.inner.__exit__(*error)
            count["n"] += 1
            if count["n"] == nth:
                raise Killed
            return result

    monkeypatch.setattr(core.files, "replace_file", Failing)
    return count


def record(run):
    """What ``last.json`` says."""
    return json.loads((run / "last.json").read_text())


def tensor_files(run):
    """The names of the tensor files by what ``last.json`` calls them."""
    return {k.removesuffix("_file"): v for k, v in record(run).items() if k.endswith("_file")}


def flip(file, place=-1):
    """Turn one bit of the byte at ``place``."""
    data = bytearray(file.read_bytes())
    data[place] ^= 1
    file.write_bytes(data)


def digests(run, *names):
    return [sha256((run / name).read_bytes()).hexdigest() for name in names]


def metrics(run):
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]


def untimed(row):
    """A row of the metrics without the times."""
    return {key: value for key, value in row.items() if "seconds" not in key}


def assert_same_run(run, whole):
    """Every file of the two is the same; of the metrics, all but the times."""
    files = sorted(file.name for file in whole.iterdir())
    assert sorted(file.name for file in run.iterdir()) == files
    timed = {"metrics.jsonl", "last.json", "previous.json"}
    kept = [name for name in files if name not in timed]
    assert digests(run, *kept) == digests(whole, *kept)
    assert [*map(untimed, metrics(run))] == [*map(untimed, metrics(whole))]
    assert _record(run) == _record(whole)


def _record(run):
    record = json.loads((run / "last.json").read_text())
    del record["digest"], record["metrics_sha256"]
    return record | {"history": [*map(untimed, record["history"])]}
