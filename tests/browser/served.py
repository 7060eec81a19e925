"""A small run that is served: drawn scenes, among them one whose captions and name are scripts."""

import csv
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from core.files import read_json
from tests.browser.hostile import STRINGS
from tests.e2e.conftest import FEATURES, SMALL, typed
from tests.plugin_folder import ROOT

COUNTS = {"train": 40, "val": 12, "test": 24}
HOSTILE_NAME = "<img src=x onerror=window.hostile=1>.png"


class Served(NamedTuple):
    """``base`` is the address of the page; ``sentence`` one of which the run knows each word."""

    base: str
    sentence: str
    picture: Path
    data: Path
    work: Path
    cache: str
    run: str


@contextmanager
def served(root: Path) -> Iterator[Served]:
    """Draw, train and serve below ``root``, as a user does."""
    data, sentence = drawn(root)
    work = root / "work"
    cache = typed("features", data, *FEATURES, "--work", work)
    run = typed("train", cache, "--data", data, *SMALL, "--work", work)
    words = [sys.executable, "-m", "pipeline", "serve", run, "--port", "0", "--work", str(work)]
    told = {**os.environ, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(words, cwd=ROOT, env=told, stdout=subprocess.PIPE, text=True) as server:
        try:
            base, picture = said(server), data / "images" / "test-00003-seed0.png"
            yield Served(base, sentence, picture, data, work, cache, run)
        finally:
            server.terminate()


def said(server: "subprocess.Popen[str]") -> str:
    """The address that a server prints."""
    assert server.stdout is not None
    for line in server.stdout:
        if found := re.search(r"http://[\w.]+:\d+", line):
            return found[0]
    raise AssertionError(f"the server ended with {server.wait()}")


def drawn(root: Path) -> tuple[Path, str]:
    """A folder of scenes with their captions, and a sentence that is one of its training's."""
    scenes, data = root / "scenes", root / "data"
    typed(
        "scenes",
        scenes,
        *(word for split in COUNTS.items() for word in (f"--{split[0]}", split[1])),
    )
    listed = read_json(scenes / "scenes.json")["pictures"]
    shutil.copytree(scenes / "images", data / "images")
    rows = [(each["id"], text, each["split"]) for each in listed for text in each["captions"]]
    shutil.copyfile(scenes / listed[-1]["file"], data / "images" / HOSTILE_NAME)
    rows += [(HOSTILE_NAME, text, "extra") for text in STRINGS]
    with (data / "captions.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([("image", "caption", "split"), *rows])
    return data, listed[0]["captions"][0]
