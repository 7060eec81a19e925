"""A cache, a run and a report, made once by the commands that a user types."""

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from pipeline.cli import main
from tests.faults.child import PARTS
from tests.faults.world import command, draw, run_of
from tests.forked import Ended
from tests.plugin_folder import added


class Made(NamedTuple):
    """A world in which the three stages are done, and what each of them said on stdout."""

    root: Path
    cache: Path
    run: Path
    said: dict[str, str]


def typed(*words: object) -> Ended:
    """Type a command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.raises(SystemExit) as ended,
    ):
        main([str(word) for word in words])
    return Ended(int(ended.value.code or 0), out.getvalue(), err.getvalue())


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    root, said = tmp_path_factory.mktemp("made"), {}
    draw(root / "data")
    with added(PARTS):
        for stage in ("features", "train", "evaluate"):
            ended = typed(*command(stage, root))
            assert ended.code == 0, ended.err
            said[stage] = ended.out
        yield Made(root, Path(said["features"].strip()), run_of(root), said)
