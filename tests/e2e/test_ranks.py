"""A training that torchrun starts as several processes: one run, one voice, one end."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import torch

from core.errors import SettingError
from core.plugins import load
from pipeline import launched
from pipeline.cli import GOES_ON
from pipeline.launched import Launch
from pipeline.together import device_of
from tests.e2e.conftest import SMALL, Chain, Type
from tests.e2e.started import PATIENCE, Started

ENDLESS = ("--set", "epochs=100000", "--set", "embed_dim=8", "--set", "word_dim=4")
ROOT = Path(__file__).resolve().parents[2]
AGAIN = "run the same command again: it goes on from there"
LOST = 60.0
"""Seconds in which all must end once a rank is lost."""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[object]:
    begun: list[Started] = []

    def begin(*words: object, count: int = 2) -> Started:
        begun.append(Started(tmp_path / f"said{len(begun)}", [*map(str, words)], count))
        return begun[-1]

    yield begin
    for each in begun:
        each.end()


def under_way(run: Path) -> None:
    """Wait until an epoch is done."""
    until = time.monotonic() + PATIENCE
    while not (run / "last.json").exists():
        assert time.monotonic() < until, "no epoch is done"
        time.sleep(0.1)


def training(chain: Chain, run: Path, *words: object) -> tuple[object, ...]:
    return ("train", chain.cache, "--data", chain.data, "--work", chain.work, "--run", run, *words)


def test_two_ranks_train_one_run_and_speak_with_one_voice(start, chain: Chain, tmp_path: Path):
    before = (chain.work / "journal.jsonl").read_text().splitlines()
    ranks = start(*training(chain, tmp_path / "run", *SMALL))
    assert ranks.codes() == [0, 0]
    assert ranks.out(0) == f"{tmp_path / 'run'}\n"
    assert "on cpu, 2 processes of 1 thread\n" in ranks.err(0)
    assert (ranks.out(1), ranks.err(1)) == ("", "")
    told = [json.loads((run / "last.json").read_text()) for run in (tmp_path / "run", chain.run)]
    assert told[0]["best"]["score"] == pytest.approx(told[1]["best"]["score"], abs=20)
    assert [row["examples"] for row in told[0]["history"]] == [200, 200]
    assert len((chain.work / "journal.jsonl").read_text().splitlines()) == len(before) + 1
    again = start(*training(chain, tmp_path / "run", *SMALL))
    assert again.codes() == [0, 0]
    assert "finished, 2 epochs" in again.err(0)
    assert again.err(1) == ""


@pytest.mark.parametrize("dead", [0, 1])
def test_a_rank_that_is_killed_ends_all_by_name(dead: int, start, chain: Chain, tmp_path: Path):
    ranks = start(*training(chain, tmp_path / "run", *ENDLESS))
    under_way(tmp_path / "run")
    began = time.monotonic()
    ranks.kill(dead, signal.SIGKILL)
    codes = ranks.codes()
    assert time.monotonic() - began < LOST
    assert codes[dead] == -signal.SIGKILL
    assert codes[1 - dead] == 1
    who = f"process {ranks.each[dead].pid} on {socket.gethostname()}"
    last = ranks.err(1 - dead).splitlines()[-1]
    assert last == f"error: rank {dead} of 2 ({who}) has died; {AGAIN}"
    assert "Traceback" not in ranks.err(1 - dead)


def test_a_rank_that_is_interrupted_ends_all_once_all_is_saved(start, chain: Chain, tmp_path: Path):
    run = tmp_path / "run"
    ranks = start(*training(chain, run, *ENDLESS))
    under_way(run)
    ranks.kill(1, signal.SIGTERM)
    assert ranks.codes() == [130, 1]
    who = f"process {ranks.each[1].pid} on {socket.gethostname()}"
    *before, saved, end = filter(None, ranks.err(0).splitlines())
    assert f"rank 1 of 2 ({who}) is to end: so are all" in before  # an epoch may end then too
    assert saved.startswith("saved at ")
    assert end == f"error: interrupted; {GOES_ON}"
    assert ranks.err(1) == ""
    on = start(*training(chain, run, *ENDLESS), count=3)
    until = time.monotonic() + PATIENCE
    while "begun with 2 processes, and goes on with 3" not in on.err(0):
        assert time.monotonic() < until, on.err(0)
        time.sleep(0.1)
    for rank in range(3):
        on.kill(rank, signal.SIGINT)
    first, *others = on.codes()
    assert first == 130
    assert set(others) <= {1, 130}  # told by rank 0, or by the signal of its own
    assert on.err(0).splitlines()[-1] == f"error: interrupted; {GOES_ON}"
    assert "is to end" not in on.err(0)
    assert on.err(1) == on.err(2) == ""


def test_a_rank_that_is_not_the_first_is_interrupted_without_a_word(
    tencrop: Type, monkeypatch: pytest.MonkeyPatch
):
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(load("pipeline.commands", "list").command, "callback", interrupted)
    assert tencrop("list") == (130, "", f"\nerror: interrupted; {GOES_ON}\n")
    monkeypatch.setattr("pipeline.cli.refuse_ranks", lambda words: None)
    for name, value in (("RANK", "1"), ("WORLD_SIZE", "2")):
        monkeypatch.setenv(name, value)
    assert tencrop("list") == (130, "", "")


def test_what_all_are_refused_for_is_said_once(start, chain: Chain, tmp_path: Path):
    ranks = start(*training(chain, tmp_path / "run", "--recipe", tmp_path / "no.toml"))
    assert ranks.codes() == [1, 1]
    assert "no.toml" in ranks.err(0)
    assert len(ranks.err(0).splitlines()) == 1
    assert ranks.err(1) == ""


@pytest.mark.parametrize("command", ["all", "evaluate", "features", "sweep", "list"])
def test_other_commands_are_done_by_one_process(
    command: str, tencrop: Type, monkeypatch: pytest.MonkeyPatch
):
    for name, value in (("RANK", "0"), ("WORLD_SIZE", "2"), ("MASTER_ADDR", "localhost")):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("MASTER_PORT", "1")
    said = tencrop(command, "a b", "--work", "w")
    assert said.code == 1
    assert said.err == (
        f"error: `{command}` is done by one process, and RANK and WORLD_SIZE say that this is one "
        f"of 2; type `python -m pipeline {command} 'a b' --work w` without them\n"
    )
    monkeypatch.setenv("RANK", "1")
    assert tencrop(command, "a b") == (1, "", "")


def test_one_process_of_torchrun_is_as_without_it(tencrop: Type, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("RANK", "0")
    monkeypatch.setenv("WORLD_SIZE", "1")
    assert tencrop("list").code == 0


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"RANK": "0", "WORLD_SIZE": "2"}, "MASTER_ADDR and MASTER_PORT not; start with torchrun"),
        (
            {"RANK": "x", "WORLD_SIZE": "2", "MASTER_ADDR": "h", "MASTER_PORT": "1"},
            "RANK = 'x' is no number",
        ),
    ],
)
def test_variables_that_say_half_are_refused(
    given: Mapping[str, str], said: str, monkeypatch: pytest.MonkeyPatch
):
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingError, match=said):
        launched.launched()


def test_each_rank_has_a_device_of_its_own(monkeypatch: pytest.MonkeyPatch):
    launch = Launch(rank=3, ranks=8, local_rank=1, local_ranks=4, host="h")
    assert device_of("auto", launch) == device_of("cpu", launch) == "cpu"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert device_of("auto", launch) == device_of("cuda", launch) == "cuda:1"
    with pytest.raises(SettingError, match=r"--device cuda:0 would be that of all 4 ranks; use"):
        device_of("cuda:0", launch)
    with pytest.raises(SettingError, match=r"4 ranks are on a machine with 2 CUDA devices; start"):
        device_of("auto", launch._replace(local_rank=2))


@pytest.mark.soak
def test_torchrun_itself_trains_and_ends_all_where_one_dies(chain: Chain, tmp_path: Path):
    """Both ranks by the name under which people start them."""
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2", "-m", "--"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}

    def begin(*words: object) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*torchrun, "pipeline", *map(str, words)],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    out, err = begin(*training(chain, tmp_path / "run", *SMALL)).communicate(timeout=600)
    assert out == f"{tmp_path / 'run'}\n"
    assert "2 processes of 1 thread" in err
    endless = begin(*training(chain, tmp_path / "endless", *ENDLESS))
    under_way(tmp_path / "endless")
    holder = (tmp_path / "endless" / ".lock").read_text().split()
    os.kill(int(holder[1]), signal.SIGKILL)
    _, err = endless.communicate(timeout=LOST)
    assert f"rank 0 of 2 ({' '.join(holder)}) has died; {AGAIN}" in err
    out, err = begin("evaluate", tmp_path / "run").communicate(timeout=600)
    assert out == ""
    assert "`evaluate` is done by one process" in err
