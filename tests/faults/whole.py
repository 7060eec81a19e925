"""The stages without a fault: what they do, what they leave, and what they say."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.cli import main
from tests.faults.child import in_child
from tests.faults.contents import Contents, contents, digest
from tests.faults.injector import DEATH, Operation, Watch, fail_once, watching
from tests.faults.world import STAGES, command, draw, run_of

MIDWAY = 0.7  # of its operations, of the stage whose kill is resumed from


@dataclass(frozen=True)
class Whole:
    """A stage that nothing interrupts.

    Attributes:
        words: what is typed.
        start: a copy of the world before it.
        operations: what it does, in order; paths from the world's root.
        known: (path, digest) of each file that is there at some moment.
        end: what is there in the end.
        said: what it says on stdout.
    """

    words: list[str]
    start: Path
    operations: list[Operation]
    known: frozenset[tuple[str, str]]
    end: Contents
    said: str


class World:
    """A folder in which cases are tried one after the other, each from the start of its stage.

    Attributes:
        root: the folder, which has the same name all the time: runs remember where things are.
        wholes: stage -> what it is without a fault.
        rsums: epoch -> the validation's rsum of the run.
    """

    def __init__(self, folder: Path):
        """Draw the pictures and run each stage without a fault, twice."""
        self._folder = folder.resolve()
        self.root = self._folder / "world"
        self.wholes: dict[str, Whole] = {}
        draw(self.root / "data")
        for stage in STAGES:
            self._begin(stage)
            self.wholes[stage] = self._whole(stage)
        self.rsums = dict(_rsums(run_of(self.root) / "metrics.jsonl"))

    def reset(self, stage: str) -> Whole:
        """Begin anew before ``stage``."""
        self._put_back(self.wholes[stage].start)
        return self.wholes[stage]

    def _begin(self, stage: str) -> None:
        """Make what ``stage`` begins with; that of one on its own is what was left before it."""
        name, _, kind = stage.partition("-")
        if kind == "resumed":
            whole = self.reset(name)
            watch = Watch(self.root, fail_once(int(MIDWAY * len(whole.operations)), DEATH))
            in_child(lambda: watched(whole.words, watch))
        shutil.copytree(self.root, self._folder / stage)

    def _put_back(self, start: Path) -> None:
        shutil.rmtree(self.root)
        shutil.copytree(start, self.root)

    def _whole(self, stage: str) -> Whole:
        start = self._folder / stage
        first = self._once(stage, start)
        self._put_back(start)
        if first != self._once(stage, start):
            raise RuntimeError(f"{stage} is another each time: its faults cannot be numbered")
        return first

    def _once(self, stage: str, start: Path) -> Whole:
        words, notes = command(stage, self.root), start.with_suffix(".json")
        ended = in_child(lambda: _noted(words, self.root, notes))
        if ended.code:
            raise RuntimeError(f"{stage} fails without a fault: {ended.err}")
        operations, named = json.loads(notes.read_text(encoding="utf-8"))
        end, begin = contents(self.root), contents(start)
        known = frozenset({*begin.items(), *end.items(), *((p, told) for p, told in named)})
        return Whole(words, start, [Operation(*o) for o in operations], known, end, ended.out)


def watched(words: list[str], watch: Watch) -> None:
    """Type a command under a watch."""
    with watching(watch):
        main(words)


def _noted(words: list[str], root: Path, notes: Path) -> None:
    """Run a command and write down what it does, and what is in each file that it names."""
    named: list[tuple[str, str]] = []

    def note(operation: Operation, number: int) -> None:
        if operation.kind == "rename":
            path = str(Path(operation.path).relative_to(root))
            named.append((path, digest(operation.source)))

    watch = Watch(root, note)
    try:
        watched(words, watch)
    finally:
        operations = [(o.kind, _plain(o.path, root)) for o in watch.seen]
        notes.write_text(json.dumps([operations, named]), encoding="utf-8")


def _plain(path: str, root: Path) -> str:
    """The path from the root; a private name, which is drawn by lot, without its end."""
    place = Path(path).relative_to(root)
    return str(place.with_name(".tmp-") if place.name.startswith(".tmp-") else place)


def _rsums(metrics: Path) -> Iterator[tuple[int, float]]:
    for line in metrics.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield row["epoch"], row["rsum"]
