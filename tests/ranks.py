"""Several ranks of one training as processes that are forked here, and what each of them gives."""

import multiprocessing
import tempfile
import time
import traceback
import warnings
from multiprocessing.connection import wait
from pathlib import Path

import torch
import torch.distributed as dist

from train.ranks.several import Several
from train.ranks.wires import FOREVER, Wires

PATIENCE = 300.0  # seconds, of a machine that many share


def together(count, work, *given):
    """What ``work(ranks, *given)`` gives in each of ``count`` processes, in their order.

    Raises:
        AssertionError: one of them failed, with its trace; or they do not end.
    """
    fork = multiprocessing.get_context("fork")
    with tempfile.TemporaryDirectory() as folder:
        pipes = [fork.Pipe(duplex=False) for _ in range(count)]
        each = [
            fork.Process(target=_rank, args=(rank, count, Path(folder), end, work, given))
            for rank, (_, end) in enumerate(pipes)
        ]
        with warnings.catch_warnings():  # of Python 3.12: torch has threads here, which are idle
            warnings.simplefilter("ignore", DeprecationWarning)
            for process in each:
                process.start()
        try:
            return _results([here for here, _ in pipes])
        finally:
            for process in each:
                process.kill()
                process.join()


def _rank(rank, count, folder, end, work, given):
    torch.set_num_threads(1)
    said = []
    try:
        store = dist.FileStore(str(folder / "store"), count)
        dist.init_process_group("gloo", store=store, rank=rank, world_size=count, timeout=FOREVER)
        end.send((work(Several(Wires(), said.append), *given), ""))
    except BaseException:
        end.send((None, traceback.format_exc()))
    finally:
        end.close()
        time.sleep(PATIENCE)  # until it is ended: others may still need what it holds


def _results(pipes):
    until, results = time.monotonic() + PATIENCE, {}
    while len(results) < len(pipes):
        ready = wait([p for p in pipes if p not in results], until - time.monotonic())
        assert ready, f"{len(pipes) - len(results)} of {len(pipes)} ranks do not end"
        for pipe in ready:
            results[pipe], trace = pipe.recv()
            assert not trace, f"rank {pipes.index(pipe)}: {trace}"
    return [results[pipe] for pipe in pipes]
