"""The ranks of a training meet, and end together."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from core.errors import RunError, SettingError
from core.wording import counted
from pipeline.device import resolve
from pipeline.launched import Launch, RanksEnded, launched, note_gone
from pipeline.said import progress
from pipeline.said.errors import told
from pipeline.stages.terms import Terms
from train.ranks.lifeline import COME, DIED

if TYPE_CHECKING:
    from torch.distributed.distributed_c10d import Store

    from train.ranks.lifeline import End, Lifeline
    from train.ranks.ranks import Ranks

KNOWN = 3.0
"""Seconds in which one learns that rank 0 has failed too, and says why."""
ALL = 1.0
"""Seconds in which what ends all of them has reached each."""
LEFT = 20.0
"""Seconds that a process has to leave what it computes once another is gone."""
AGAIN = "run the same command again: it goes on from there"


@contextmanager
def together(terms: Terms) -> "Iterator[tuple[Ranks | None, Terms]]":
    """Meet the other ranks, if there are any, and end with them.

    Yields:
        This rank, None where the process is alone, and the terms with its own device.

    Raises:
        SettingError: there are not as many devices as ranks.
        RunError: a rank does not come.
        RanksEnded: another rank has ended; who and why is said.
    """
    launch = launched()
    if launch is None:
        yield None, terms
        return
    if launch.rank:
        progress.hush()
    device = device_of(terms.device, launch)
    line = _Line(launch)
    try:
        yield line.meet(device), replace(terms, device=device)
    except BaseException as error:
        note_gone()
        line.leave(error)
        raise
    line.close()


def device_of(name: str, launch: Launch) -> str:
    """The device of a rank: its own GPU where there are GPUs, else the CPU.

    Raises:
        SettingError: there are fewer GPUs than ranks, or one device would be that of all.
    """
    import torch

    if name == "cpu" or (name == "auto" and not torch.cuda.is_available()):
        return "cpu"
    if name not in ("auto", "cuda"):
        resolve(name)
        raise SettingError(
            f"--device {name} would be that of all {launch.local_ranks} ranks; use --device cuda, "
            "of which each has its own, or --device cpu"
        )
    resolve("cuda")
    many = torch.cuda.device_count()
    if launch.local_rank >= many:
        raise SettingError(
            f"{launch.local_ranks} ranks are on a machine with {counted(many, 'CUDA device')}; "
            f"start {many} a machine (--nproc-per-node={many}), or use --device cpu"
        )
    return f"cuda:{launch.local_rank}"


class _Line:
    """This process among the ranks: who of them is lost, and what is said of it."""

    def __init__(self, launch: Launch):
        self._launch = launch
        self._line: Lifeline | None = None
        self._ending = self._leaving = False
        self._said, self._told = threading.Event(), threading.Event()

    def meet(self, device: str) -> "Ranks":
        """Wait for all to come."""
        import torch
        import torch.distributed as dist

        from train.ranks.lifeline import Lifeline
        from train.ranks.several import Several
        from train.ranks.wires import FOREVER, Wires

        rank, count = self._launch.rank, self._launch.ranks
        if "OMP_NUM_THREADS" not in os.environ:
            torch.set_num_threads(max(1, torch.get_num_threads() // self._launch.local_ranks))
        if device != "cpu":
            torch.cuda.set_device(torch.device(device))
        store = _store(rank, count)
        dist.init_process_group(
            "gloo" if device == "cpu" else "cpu:gloo,cuda:nccl",
            store=store,
            rank=rank,
            world_size=count,
            timeout=FOREVER,
        )
        wires = Wires(self._watch)
        host, heard = self._launch.host, (self._lost, self._others_asked)
        self._line = Lifeline(rank, count, host, wires.from_first, *heard)
        return Several(wires, progress.say, self._asked)

    def close(self) -> None:
        """All is done."""
        import torch.distributed as dist

        self._leaving = True
        if self._line:
            self._line.close()
        dist.destroy_process_group()

    def leave(self, error: BaseException) -> None:
        """Let the others know why this rank ends.

        Raises:
            RanksEnded: another one has ended, or rank 0 says what this one's error is.
        """
        if self._line is None:
            return
        try:
            self._leave(self._line, error)
        except KeyboardInterrupt:
            if self._said.is_set():  # the lifeline's own
                raise RanksEnded from error
            self._leaving = True
            raise

    def _leave(self, line: "Lifeline", error: BaseException) -> None:
        from train.ranks.wires import Apart

        # What ends all, such as Ctrl-C, is each rank's own, even if another was faster.
        own = isinstance(error, KeyboardInterrupt) and not self._said.is_set()
        self._ending, failed = True, isinstance(error, Exception)
        if isinstance(error, Apart) or (self._launch.rank and failed):
            self._await_loss()
        if line.lost and not own:
            self._said.wait(KNOWN)
            raise RanksEnded from error
        self._leaving = True
        line.close(f"ended: {told(error)}" if failed else f"was interrupted; {AGAIN}")
        if failed and self._launch.rank:
            raise RanksEnded from error

    def _await_loss(self) -> None:
        """An error may come of a loss that is not known yet, or be rank 0's too."""
        until = time.monotonic() + KNOWN
        while self._line and not self._line.lost and time.monotonic() < until:
            time.sleep(0.05)

    def _watch(self) -> None:
        if self._line and self._line.lost:
            raise RanksEnded

    def _asked(self) -> None:
        """This process has got a signal, and goes on until the state is saved."""
        self._told.set()
        if self._line:
            self._line.ask()

    def _others_asked(self, end: "End") -> None:
        """From the lifeline's thread of rank 0: another has got one; what all get is its own."""
        if self._told.wait(ALL) or self._leaving:
            return
        self._told.set()
        progress.say(f"rank {end.rank} of {self._launch.ranks} ({end.who}) is to end: so are all")
        _signal()

    def _lost(self, end: "End") -> None:
        """From the lifeline's thread: say it, and end what the main thread does."""
        died = end.how == DIED
        if not died:
            time.sleep(ALL)  # what ends all of them, such as Ctrl-C, each says for itself
        if self._leaving:
            return
        note_gone()
        if self._launch.rank == (0 if end.rank else 1) and (died or end.rank):
            how = f"has died; {AGAIN}" if died else end.how
            progress.complain(f"rank {end.rank} of {self._launch.ranks} ({end.who}) {how}")
        self._said.set()
        if not self._ending:
            _signal()
        time.sleep(LEFT)
        os._exit(1)


def _signal() -> None:
    """As Ctrl-C, in the main thread."""
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


def _store(rank: int, count: int) -> "Store":
    """Where the ranks find each other; all are there.

    Raises:
        RunError: one is not.
    """
    from torch.distributed.distributed_c10d import PrefixStore
    from torch.distributed.rendezvous import rendezvous

    try:
        store, *_ = next(iter(rendezvous("env://", timeout=timedelta(seconds=COME))))
        mine = PrefixStore("tencrop", store)
        mine.set(f"here{rank}", "")
        mine.wait([f"here{other}" for other in range(count)], timedelta(seconds=COME))
    except (RuntimeError, ValueError, OSError) as error:  # torch's own are RuntimeErrors
        minutes = int(COME // 60)
        raise RunError(
            f"not all {count} ranks have come within {minutes} minutes; look at what the others "
            f"say, and {AGAIN}"
        ) from error
    return mine
