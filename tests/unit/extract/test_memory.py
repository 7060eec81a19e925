"""Room for large pictures among threads; short memory as one line."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from core.errors import InputError, is_short_of_memory
from extract.memory import Room, said_when_short


def test_no_more_is_held_than_there_is_and_everybody_gets_a_turn():
    room, lock = Room(10), threading.Lock()
    held = most = 0

    def work(units):
        nonlocal held, most
        with room.take(units):
            with lock:
                held += units
                most = max(most, held)
            time.sleep(0.001)
            with lock:
                held -= units
        return units

    units = [3, 10, 1, 7, 4, 10, 2, 6] * 8
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, units)) == units
    assert (held, most) == (0, 10)


def test_more_than_there_is_takes_all_and_an_error_gives_it_back():
    room = Room(10)
    with pytest.raises(ZeroDivisionError), room.take(99):
        raise ZeroDivisionError
    with room.take(10):
        pass


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("[enforce fail] DefaultCPUAllocator: not enough memory: you tried to"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
        OSError("out of memory error when reading image file"),
    ],
    ids=repr,
)
def test_short_memory_is_one_line_with_the_way_out(error):
    assert is_short_of_memory(error)
    with pytest.raises(InputError) as found, said_when_short("a.jpg", "close other programs"):
        raise error
    assert str(found.value) == "memory is too short for a.jpg; close other programs"


def test_another_error_is_left_as_it_is():
    for error in (RuntimeError("shapes differ"), OSError("no such file"), ValueError("memory")):
        assert not is_short_of_memory(error)
        with pytest.raises(type(error)), said_when_short("a.jpg", "close other programs"):
            raise error


def test_torchs_own_words_are_known():
    with pytest.raises(RuntimeError) as found:
        torch.empty(2**59, dtype=torch.int8)
    assert is_short_of_memory(found.value)
