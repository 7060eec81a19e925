"""`serve` as it is typed: what it prints, answers and refuses, and how it ends."""

import http.client
import json
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest

from tests.e2e.conftest import Chain, Said, Type
from tests.e2e.started import Started

pytest.importorskip("uvicorn", reason="make setup EXTRAS=1 installs uvicorn")
pytest.importorskip("fastapi", reason="make setup EXTRAS=1 installs FastAPI")

PATIENCE = 120.0


class Page:
    """A server that was typed, in a process of its own."""

    def __init__(self, folder: Path, *words: object):
        self._started = Started(folder, ["serve", *map(str, words)], 1)
        until = time.monotonic() + PATIENCE
        while not self.out.endswith("/\n"):
            assert self._started.each[0].is_alive(), self.err
            assert time.monotonic() < until
            time.sleep(0.05)
        self.address = self.out.splitlines()[-1]

    @property
    def out(self) -> str:
        there = self._started._folder / "out0"
        return there.read_text() if there.exists() else ""

    @property
    def err(self) -> str:
        return self._started.err(0)

    def ask(self, path: str, method: str = "GET", body: bytes | None = None) -> Any:
        line = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=60)
        line.request(method, path, body, {"Content-Type": "image/png"} if body else {})
        got = line.getresponse()
        data = got.read()
        line.close()
        return json.loads(data) if "json" in got.headers["content-type"] else (got.status, data)

    def end(self, number: int) -> int | None:
        self._started.kill(0, number)
        return self._started.codes()[0]

    def kill(self) -> None:
        self._started.end()


@pytest.fixture(scope="module")
def page(chain: Chain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    folder = tmp_path_factory.mktemp("served") / "here"
    page = Page(folder, chain.run, "--work", chain.work, "--port", 0)
    yield page
    page.kill()


def one_line(said: Said, *parts: str) -> None:
    """It was refused in one line that says so."""
    assert (said.code, said.out) == (1, "")
    lines = [line for line in said.err.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1
    assert "Traceback" not in said.err
    assert all(part in lines[0] for part in parts), lines[0]


def test_a_run_is_searched_over_http(page: Page, chain: Chain) -> None:
    about = page.ask("/api/about")
    assert about["run"] == chain.run.name
    (only,) = about["collections"]
    assert (only["pictures"], only["splits"]) == (64, {"test": 12, "train": 40, "val": 12})
    status, index = page.ask("/")
    assert (status, b"<html" in index) == (200, True)

    row = page.ask("/api/search?q=a+red+circle&split=test")["results"][0]["picture"]
    picture = page.ask(f"/api/pictures/0/{row}")
    assert picture["split"] == "test"
    assert picture["path"] == f"images/{picture['id']}"
    near = page.ask(f"/api/pictures/0/{row}/neighbours?k=100")["results"]
    assert row not in [each["picture"] for each in near]
    assert len(near) == 63

    data = (chain.data / picture["path"]).read_bytes()
    sent = page.ask("/api/search?k=1&name=mine", "POST", data)
    assert (sent["query"], sent["results"][0]["id"]) == ("mine", picture["id"])
    assert sent["results"][0]["score"] == pytest.approx(1.0, abs=1e-3)


def test_another_name_is_said_loudly(chain: Chain, page: Page, tmp_path: Path) -> None:
    words = ("--work", chain.work, "--port", 0, "--host", "0.0.0.0", "--name", "mybox.lan")
    other = Page(tmp_path / "here", chain.run, *words, "--split", "val")
    try:
        assert "warning: whoever reaches 0.0.0.0 may search and see" in other.err
        assert other.address.startswith("http://127.0.0.1:")
        assert other.ask("/api/about")["collections"][0]["splits"] == {"val": 12}
        # Ctrl-C, where a client holds a connection and says nothing.
        with socket.create_connection(("127.0.0.1", urlsplit(other.address).port)) as line:
            line.send(b"GET /")
            code = other.end(signal.SIGINT)
        assert (code, other.err.splitlines()[-1]) == (128 + signal.SIGINT, "stopped")
    finally:
        other.kill()


def test_it_asks_the_index_and_says_what_that_finds(
    chain: Chain, page: Page, tencrop: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("faiss", reason="make setup EXTRAS=1 installs FAISS")
    words = (chain.run, "--work", chain.work, "--out", tmp_path / "vectors")
    one_line(tencrop("serve", *words, "--port", 0, "--index"), "no index of pictures; build one")
    assert tencrop("index", *words).code == 0
    # Of so few all would be compared.
    among = "pipeline.indexed.candidates.Candidates.among"
    monkeypatch.setattr(among, lambda *_: np.arange(64) < 3)
    other = Page(tmp_path / "here", *words, "--port", 0, "--index")
    try:
        assert "by the index index-pictures-" in other.err
        assert "recall@10 1.000 against exact search" in other.err
        assert "there is no index of captions: they are all compared" in other.err
        asked = "/api/search?q=a+red+circle"
        assert {each["picture"] for each in other.ask(asked)["results"]} == {0, 1, 2}
        of_captions = f"{asked}&find=captions"
        assert other.ask(of_captions)["results"] == page.ask(of_captions)["results"]
        assert other.end(signal.SIGTERM) == 128 + signal.SIGTERM
    finally:
        other.kill()


def test_a_port_that_is_taken(page: Page, chain: Chain, tencrop: Type) -> None:
    port = urlsplit(page.address).port
    one_line(tencrop("serve", chain.run, "--work", chain.work, "--port", port), "--port")


def test_what_cannot_be_served(chain: Chain, tencrop: Type) -> None:
    run = ("serve", chain.run, "--work", chain.work, "--port", 0)
    one_line(tencrop(*run, "--host", "0.0.0.0"), "--name NAME")
    one_line(tencrop(*run, "--host", "no such host"), "--host no such host is no address")
    one_line(tencrop(*run, "--host", "192.0.2.1"), "no address of this machine")
    one_line(tencrop(*run, "--split", "extra"), "'extra'", "splits there")
    one_line(tencrop(*run, "--split", "tset"), "did you mean 'test'")
    both = ("--data", chain.data, "--data", chain.data)
    one_line(tencrop(*run, *both, "--out", "o"), "--out keeps the vectors of one corpus")
    one_line(tencrop("serve", "none", "--work", chain.work), "none")
    one_line(tencrop(*run[:-1], 99999), "--port")


@pytest.mark.parametrize("library", ["fastapi", "uvicorn"])
def test_without_its_libraries_it_says_what_to_type(
    library: str, chain: Chain, tencrop: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    one_line(tencrop("serve", chain.run), library, "make setup EXTRAS=1")


def test_sigterm_ends_it_too(page: Page) -> None:
    code = page.end(signal.SIGTERM)
    assert (code, page.err.splitlines()[-1]) == (128 + signal.SIGTERM, "stopped")
    assert "Traceback" not in page.err
