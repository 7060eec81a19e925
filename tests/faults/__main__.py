"""``python -m tests.faults``: all cases, or every nth; the figures on stdout as JSON."""

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

# Read once, when numpy and torch are imported: nothing may be forked beside their threads.
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

from tests.faults.child import make_ready
from tests.faults.trial import Case, attempt, cases
from tests.faults.whole import World

EVERY_SECONDS = 30.0


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where no case has a complaint, else 1."""
    told = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    told.add_argument("--every", type=int, default=1, help="try every nth case")
    told.add_argument("--jobs", type=int, default=2, help="cases at a time")
    told.add_argument("--stage", help="only those of this stage")
    told.add_argument("--case", help="one case alone, such as train:17:EIO")
    asked = told.parse_args(arguments)
    asked.jobs = 1 if asked.case else asked.jobs
    began = time.monotonic()
    with make_ready(), tempfile.TemporaryDirectory(prefix="faults-") as folder:
        children = {_worker(asked, Path(folder), job) for job in range(asked.jobs)}
        sound = _wait(children, Path(folder), began)
        found = [line for job in range(asked.jobs) for line in _lines(Path(folder), job)]
    figures = _figures(found) | {"minutes": round((time.monotonic() - began) / 60, 1)}
    sys.stdout.write(json.dumps(figures, indent=1) + "\n")
    return 0 if sound and not figures["complaints"] else 1


def _worker(asked: argparse.Namespace, folder: Path, job: int) -> int:
    """Fork one that tries each ``jobs``-th case and writes a line of each; its process id."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        place = folder / str(job)
        place.mkdir()
        with (folder / f"{job}.jsonl").open("w", encoding="utf-8") as out:
            world = World(place)
            chosen = _chosen(asked, world)
            operations = {stage: len(whole.operations) for stage, whole in world.wholes.items()}
            out.write(json.dumps({"operations": operations, "chosen": len(chosen)}) + "\n")
            for case in chosen[job :: asked.jobs]:
                out.write(json.dumps(asdict(attempt(world, case))) + "\n")
                out.flush()
        code = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(code)


def _chosen(asked: argparse.Namespace, world: World) -> list[Case]:
    if asked.case:
        stage, at, fault = asked.case.split(":")
        return [Case(stage, int(at), fault)]
    every = [case for case in cases(world) if asked.stage in (None, case.stage)]
    return every[:: asked.every]


def _wait(children: set[int], folder: Path, began: float) -> bool:
    """Whether all came to their end; how far they are is said now and then."""
    codes, said = [], time.monotonic()
    while children:
        child, status = os.waitpid(-1, os.WNOHANG)
        if child:
            children.discard(child)
            codes.append(status)
        time.sleep(0.2)
        if time.monotonic() - said > EVERY_SECONDS:
            said = time.monotonic()
            _say(folder, said - began)
    return not any(codes)


def _say(folder: Path, seconds: float) -> None:
    lines = [_lines(folder, int(file.stem)) for file in folder.glob("*.jsonl")]
    chosen = max((part[0]["chosen"] for part in lines if part), default=0)
    done = sum(len(part[1:]) for part in lines)
    bad = sum(bool(each["complaints"]) for part in lines for each in part[1:])
    sys.stderr.write(f"{done} of {chosen} cases, {bad} with complaints, {seconds:.0f} s\n")


def _lines(folder: Path, job: int) -> list[dict[str, Any]]:
    text = (folder / f"{job}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def _figures(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Counts a stage and a fault, and every complaint with its case."""
    tried = [line for line in found if "case" in line]
    counted = Counter((each["case"][0], each["case"][2], each["outcome"]) for each in tried)
    table: dict[str, dict[str, dict[str, int]]] = {}
    for (stage, fault, outcome), count in sorted(counted.items()):
        table.setdefault(stage, {}).setdefault(fault, {})[outcome] = count
    return {
        "operations": next(line["operations"] for line in found if "operations" in line),
        "cases": len(tried),
        "outcomes": table,
        "complaints": [_complaint(each) for each in tried if each["complaints"]],
    }


def _complaint(tried: dict[str, Any]) -> dict[str, Any]:
    kind, path, _ = tried["operation"]
    case = ":".join(map(str, tried["case"]))
    return {
        "case": case,
        "operation": f"{kind} {path}",
        "message": tried["message"],
        "complaints": tried["complaints"],
    }


if __name__ == "__main__":
    sys.exit(main())
