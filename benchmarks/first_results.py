"""From the key to the first results on the screen, in a browser, of many vectors.

The vectors of RUN's collection are repeated, each time a little elsewhere, until there are COUNT
pictures, and are served as `serve` does. A browser types sentences of the collection, each once,
and notes when the ten results stand on the page and when all their pictures do: of a server and a
browser that share this machine.

    python -m benchmarks.first_results RUN [--count 100000] [--queries 200] [--work WORK]
"""

import argparse
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.repeated import repeated
from benchmarks.timing import show
from pipeline.memory.once import Once
from pipeline.searched.collect import collect
from pipeline.searched.embedder import load
from pipeline.searched.searcher import RunSearcher
from pipeline.served.app import Served
from pipeline.served.collection import ServedCorpus
from pipeline.served.guard import Guard
from pipeline.served.limits import Limits
from pipeline.served.listening import address_of, bound, names_of
from pipeline.served.page_files import page_files
from pipeline.served.server import Server
from pipeline.stages.terms import Terms

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
HOST = "127.0.0.1"
ASK = """words => new Promise(done => {
    const list = document.getElementById("results"), began = performance.now();
    let there = 0;
    const drawn = () => requestAnimationFrame(() => setTimeout(end));
    const end = async () => {
        there = performance.now() - began;
        const seen = [...list.querySelectorAll("img")];
        await Promise.all(seen.map(image => image.decode()));
        requestAnimationFrame(() => done([there, performance.now() - began]));
    };
    const watch = new MutationObserver(() => { watch.disconnect(); drawn(); });
    watch.observe(list, { childList: true });
    document.getElementById("q").value = words;
    document.getElementById("form").requestSubmit();
})"""


@contextmanager
def served(run: str, searcher: RunSearcher, root: Path) -> Iterator[str]:
    """Serve until the block ends; the address."""
    limits = Limits()
    app = Served(run, [ServedCorpus(searcher.corpus.name, searcher, root)], page_files(), limits)
    listening = threading.Event()
    with bound(HOST, 0) as held:
        server = Server(Guard(app.app, names_of(HOST, ())), limits, listening.set)
        thread = threading.Thread(target=server.run, args=([held],))
        thread.start()
        listening.wait()
        yield address_of(held, HOST).rstrip("/")
        server.should_exit = True
        thread.join()
        app.close()


def asked(base: str, sentences: list[str]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """(sentences, 2) milliseconds: until ten results stand there, and until their pictures do."""
    from playwright.sync_api import sync_playwright

    browser = next(filter(None, map(shutil.which, BROWSERS)))
    with sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = chromium.new_page()
        page.goto(base)
        page.wait_for_selector("#results .tile img")
        found = [page.evaluate(ASK, words) for words in sentences]
        chromium.close()
    return np.array(found[1:])


def main() -> None:
    """Measure one run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--work", type=Path, default=Path("work"))
    words = parser.parse_args()
    once = Once(words.work)
    found = collect(words.run, terms=Terms(work=words.work), once=once)
    drawn = np.random.default_rng(1).permutation(len(found.corpus.captions))
    sentences = [found.corpus.captions[row].text for row in drawn[: words.queries + 1]]
    searcher = RunSearcher(repeated(found, words.count), load(words.run, device="cpu"))
    with served(words.run.name, searcher, words.run) as base:
        there, pictures = asked(base, sentences).T
    row = {"name": "first_results", "pictures": words.count, "dim": found.dim}
    for name, each in (("results_ms", there), ("pictures_ms", pictures)):
        row[name] = {f"p{at}": float(f"{np.percentile(each, at):.4g}") for at in (50, 95)}
    show(row | {"queries": len(there)})


if __name__ == "__main__":
    main()
