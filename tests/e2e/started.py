"""Ranks of a command that is typed in each, without torchrun: what each said, and how it ended."""

import multiprocessing
import os
import socket
import sys
import time
import warnings
from collections.abc import Mapping
from multiprocessing.context import ForkProcess
from pathlib import Path

import torch

from pipeline.cli import main

PATIENCE = 200.0  # seconds, of a machine that many share


class Started:
    """Ranks of a command that is typed in each: forked, so that nothing is imported again."""

    def __init__(self, folder: Path, words: list[str], count: int):
        self._folder, port = folder, _free_port()
        folder.mkdir()
        given = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": str(count)}
        fork = multiprocessing.get_context("fork")
        self.each: list[ForkProcess] = []
        for rank in range(count):
            own = {**given, "RANK": str(rank)}
            files = folder / f"out{rank}", folder / f"err{rank}"
            self.each.append(fork.Process(target=_typed, args=(words, own, *files)))
        with warnings.catch_warnings():  # of Python 3.12: torch has threads here, which are idle
            warnings.simplefilter("ignore", DeprecationWarning)
            for process in self.each:
                process.start()

    def codes(self) -> list[int | None]:
        """How each ended."""
        until = time.monotonic() + PATIENCE
        for process in self.each:
            process.join(max(0.0, until - time.monotonic()))
        return [process.exitcode for process in self.each]

    def out(self, rank: int) -> str:
        return (self._folder / f"out{rank}").read_text()

    def err(self, rank: int) -> str:
        return (self._folder / f"err{rank}").read_text()

    def kill(self, rank: int, number: int) -> None:
        assert self.each[rank].pid is not None
        os.kill(self.each[rank].pid, number)

    def end(self) -> None:
        for process in self.each:
            process.kill()
            process.join()


def _typed(words: list[str], given: Mapping[str, str], out: Path, err: Path) -> None:
    os.environ.update(given)
    torch.set_num_threads(1)
    with out.open("w", buffering=1) as stdout, err.open("w", buffering=1) as stderr:
        sys.stdout, sys.stderr = stdout, stderr
        main(words)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
