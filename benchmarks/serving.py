"""200 searches from 8 clients of the server: how many are lost, and how long they take.

The server is a process of its own, over drawn vectors that are mapped from a file, as a
collection's are. A sentence goes through a GRU of the size of a recipe's, with drawn weights, and
the whole gallery is searched, exactly. One client alone is measured in the same run; of its time,
the share that is not the search itself is what HTTP costs. Seconds are a watch's: on a busy machine
they are its neighbours' too.

    python -m benchmarks.serving [--vectors 100000] [--dim 1024] [--full]
"""

import argparse
import http.client
import itertools
import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote, urlsplit

import numpy as np
import torch
from torch import nn

from benchmarks.timing import show
from core.heard import Heard
from core.records import Corpus, Image
from core.vectors import Vectors

WORDS, WORD_DIM, LENGTH = 8_000, 300, 10
CLIENTS, SEARCHES = 8, 200


class Drawn:
    """An embedder whose weights were drawn: a sentence costs what one of a run does."""

    def __init__(self, dim: int):
        """Of ``dim`` numbers a sentence."""
        torch.manual_seed(0)
        self._words = nn.Embedding(WORDS, WORD_DIM)
        self._gru = nn.GRU(WORD_DIM, dim, batch_first=True)

    def heard(self, sentence: str) -> Heard:
        """Every word is known."""
        return Heard(tuple(sentence.split()), ())

    def text(self, sentences: list[str]) -> Any:
        """Unit vectors (n, dim) float32."""
        words = [[hash(word) % WORDS for word in each.split()] for each in sentences]
        with torch.inference_mode():
            _, last = self._gru(self._words(torch.tensor(words)))
            return nn.functional.normalize(last[0]).numpy()


def write(folder: Path, vectors: int, dim: int) -> None:
    """Unit vectors (vectors, dim) float32, some at a time."""
    draw = np.random.default_rng(0)
    made = np.lib.format.open_memmap(
        folder / "image.npy", "w+", dtype=np.float32, shape=(vectors, dim)
    )
    for first in range(0, vectors, 10_000):
        rows = draw.standard_normal((min(10_000, vectors - first), dim), dtype=np.float32)
        made[first : first + len(rows)] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    made.flush()


def serve(folder: Path) -> None:
    """Serve what ``write`` wrote; the address is printed once it answers."""
    from pipeline.searched.collection import Collection as Found
    from pipeline.searched.searcher import RunSearcher
    from pipeline.served.app import Served
    from pipeline.served.collection import ServedCorpus
    from pipeline.served.guard import Guard
    from pipeline.served.limits import Limits
    from pipeline.served.listening import address_of, bound, names_of
    from pipeline.served.server import Server
    from pipeline.served.together import Together

    value = np.load(folder / "image.npy", mmap_mode="r")
    ids = np.array([f"{row:07d}.jpg" for row in range(len(value))])
    images = tuple(Image(each, None, "test") for each in ids.tolist())
    corpus = Corpus("drawn", images, (), np.zeros(0, np.int64))
    found = Found(corpus, Vectors(ids, value), None, "inner")
    embedder: Any = Drawn(value.shape[1])
    searcher = RunSearcher(found, embedder, Together(found))
    searcher.by_text("a word", 1)
    of = ServedCorpus("drawn", searcher, folder)
    limits, host = Limits(), "127.0.0.1"
    with bound(host, 0) as held:
        served = Served("drawn", [of], {}, limits)
        guard = Guard(served.app, names_of(host, ()))
        Server(guard, limits, lambda: print(address_of(held, host), flush=True)).run([held])


def asked(address: str, clients: int, searches: int) -> dict[str, Any]:
    """``searches`` by so many clients at once: seconds of each, and how many were lost."""
    numbers, told = itertools.count(), list[tuple[int, float, float]]()

    def client() -> None:
        line = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
        while (number := next(numbers)) < searches:
            words = quote(" ".join(f"w{number * LENGTH + n}" for n in range(LENGTH)))
            began = time.perf_counter()
            line.request("GET", f"/api/search?q={words}&k=10")
            got = line.getresponse()
            answer = json.loads(got.read())
            inside = answer.get("seconds", 0.0) if got.status == 200 else 0.0
            told.append((len(answer.get("results", [])), time.perf_counter() - began, inside))

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    seconds = [whole for many, whole, _ in told if many == 10]
    p50, p95 = np.percentile(seconds, [50, 95]).round(4).tolist()
    return {
        "clients": clients,
        "searches": searches,
        "lost": searches - len(seconds),
        "p50_s": p50,
        "p95_s": p95,
        "searching": round(float(np.median([inside / whole for _, whole, inside in told])), 3),
    }


def main() -> None:
    """Print a row of one client, and one of eight."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--vectors", type=int, default=20_000)
    options.add_argument("--dim", type=int, default=1024)
    options.add_argument("--full", action="store_true", help="100,000 vectors")
    options.add_argument("--serve", type=Path, default=None, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.serve:
        serve(given.serve)
        return
    many = 100_000 if given.full else given.vectors
    with TemporaryDirectory() as folder:
        write(Path(folder), many, given.dim)
        words = [sys.executable, "-m", "benchmarks.serving", "--serve", folder]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
            try:
                assert server.stdout is not None
                address = server.stdout.readline().strip()
                asked(address, 1, 20)
                for clients in (1, CLIENTS):
                    show(
                        {
                            "name": "serving",
                            "vectors": many,
                            "dim": given.dim,
                            **asked(address, clients, SEARCHES),
                        }
                    )
            finally:
                server.terminate()


if __name__ == "__main__":
    main()
