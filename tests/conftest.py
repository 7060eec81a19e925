"""Property tests draw the same examples each time; `--plugins DIR` adds a stranger's parts.

No test waits for the disk but those of `tests/unit/core/test_files.py`, which watch what is synced
and when: nobody pulls the plug of the machine here.

What is marked `soak` takes much of an hour: it runs where `-m` names it, and never else. What is
marked `slow` comes first: as the last one of all it would leave a core without work.
"""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.plugin_folder import added

settings.register_profile("tencrop", deadline=None, derandomize=True)
settings.load_profile("tencrop")


def pytest_addoption(parser):
    parser.addoption(
        "--plugins",
        dest="plugin_folders",
        action="append",
        default=[],
        metavar="DIR",
        help="a folder laid out like the packages (DIR/train/losses ...): its parts are tested too",
    )


SYNC = os.fsync


@pytest.fixture
def disk(monkeypatch):
    """The system's own fsync."""
    monkeypatch.setattr(os, "fsync", SYNC)


def pytest_configure(config):
    patch = pytest.MonkeyPatch()
    patch.setattr(os, "fsync", lambda handle: None)
    config.add_cleanup(patch.undo)
    for folder in config.getoption("plugin_folders"):
        parts = added(Path(folder))
        parts.__enter__()
        config.add_cleanup(lambda parts=parts: parts.__exit__(None, None, None))


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Iterator[None]:
    """What is collected stays: looking through it for garbage again and again costs a third more.

    The tests' own garbage is collected as ever, without what was there before them.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(config, items):
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
    if "soak" in config.option.markexpr:
        return
    soaks = [item for item in items if item.get_closest_marker("soak")]
    config.hook.pytest_deselected(items=soaks)
    items[:] = [item for item in items if item not in soaks]
