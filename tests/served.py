"""A server on a port of its own, over a few drawn pictures, and what a client says to it."""

import http.client
import io
import json
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image as Pillow

from core.errors import InputError
from core.records import Caption, Corpus, Image
from extract.images import UnreadablePicture, decode
from pipeline.searched.found import Found, Result

COLOURS = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255)}


@dataclass
class Colours:
    """A searcher: a sentence's vector is the mean of its colours, a picture's its mean colour."""

    corpus: Corpus
    vectors: np.ndarray
    asked: list[tuple[Any, ...]] = field(default_factory=list)
    gate: threading.Event | None = None

    def by_text(self, query, k, *, find="pictures", splits=()):
        if self.gate:
            self.gate.wait(30)
        self.asked.append((query, k, find, tuple(splits)))
        words = query.split()
        if not words:
            raise InputError("the query is empty; say what is to be seen")
        known = [COLOURS[word] for word in words if word in COLOURS]
        unknown = tuple(word for word in words if word not in COLOURS)
        if not known:
            raise InputError("the run knows no word of the query; use words of its captions")
        return self._found(query, unknown, np.mean(known, axis=0), k, find, splits)

    def by_picture(self, picture, k, *, name="", find="pictures", splits=()):
        try:
            seen = np.asarray(decode(picture)).mean(axis=(0, 1))
        except UnreadablePicture as error:
            raise InputError(f"{name}: {error}; send another") from error
        return self._found(name, (), seen, k, find, splits)

    def by_row(self, row, k, *, find="pictures", splits=()):
        return self._found(
            self.corpus.images[row].id, (), self.vectors[row], k, find, splits, but=row
        )

    def _found(self, query, unknown, vector, k, find, splits, but=-1):
        rows = [
            row
            for row, image in enumerate(self.corpus.images)
            if row != but and (not splits or image.split in splits)
        ]
        scores = {row: -float(np.abs(self.vectors[row] - vector).sum()) for row in rows}
        rows = sorted(rows, key=lambda row: (-scores[row], row))[:k]
        texts = [
            tuple(
                caption.text
                for caption, owner in zip(self.corpus.captions, self.corpus.owner, strict=True)
                if owner == row
            )
            for row in rows
        ]
        results = [
            Result(rank, row, self.corpus.images[row].id, "/not/told", scores[row], said)
            for rank, (row, said) in enumerate(zip(rows, texts, strict=True), start=1)
        ]
        return Found(query, unknown, tuple(results))


def drawn(folder: Path, names: Sequence[str] = (), captions: Sequence[str] = ()) -> Colours:
    """Nine pictures of three colours in ``folder``, of two splits, and one of each name."""
    images, said, vectors = [], [], []
    for number, name in enumerate([f"{n}.jpg" for n in range(9)] + list(names)):
        colour = list(COLOURS)[number % 3]
        shade = tuple(value // (1 + number // 3) for value in COLOURS[colour])
        path = folder / f"{number}.jpg"
        Pillow.new("RGB", (60, 40), shade).save(path)
        images.append(Image(name, path, "train" if number < 6 else "test", (colour,)))
        said.append((name, Caption(f"{name}#0", f"a {colour} one")))
        vectors.append(shade)
    said += [("0.jpg", Caption(f"0.jpg#{n}", text)) for n, text in enumerate(captions, start=1)]
    corpus = Corpus.build("colours", images, said)
    order = {image.id: vector for image, vector in zip(images, vectors, strict=True)}
    return Colours(corpus, np.array([order[i.id] for i in corpus.images], dtype=float))


class Told(NamedTuple):
    """An answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        assert self.headers["content-type"] == "application/json"
        return json.loads(self.body)

    @property
    def error(self) -> str:
        """The one line of a refusal, which leads on."""
        (name, line), *others = self.json.items()
        assert (name, others) == ("error", [])
        assert "\n" not in line
        assert ";" in line
        return line


class Client(NamedTuple):
    """Where it listens."""

    port: int

    def ask(self, path: str, method: str = "GET", body: Any = None, **headers: str) -> Told:
        """One request of one connection, as it is typed."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            line.request(method, path, body, named)
            got = line.getresponse()
            told = {name.lower(): value for name, value in got.getheaders()}
            return Told(got.status, told, got.read())
        finally:
            line.close()

    def send(self, body: Any, query: str = "", **headers: str) -> Told:
        """A picture to search by."""
        given = {"content_type": "image/jpeg"} | headers
        return self.ask(f"/api/search?{query}", "POST", body, **given)

    def line(self, sent: bytes = b"") -> socket.socket:
        """A connection on which so much was sent."""
        line = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        line.sendall(sent)
        return line


def jpeg(colour: tuple[int, int, int], size: tuple[int, int] = (30, 20), **more: Any) -> bytes:
    """A picture file of one colour."""
    stream = io.BytesIO()
    Pillow.new("RGB", size, colour).save(stream, "JPEG", **more)
    return stream.getvalue()


@contextmanager
def serving(
    collections: Sequence[Any], page: Path | None = None, **limits: Any
) -> Iterator[Client]:
    """Serve on a free port in a thread, until the block ends; ``limits`` are not the usual ones."""
    from pipeline.served.app import Served
    from pipeline.served.guard import Guard
    from pipeline.served.limits import Limits
    from pipeline.served.listening import bound, names_of
    from pipeline.served.page_files import page_files
    from pipeline.served.server import Server

    few = Limits(**limits)
    served = Served("a-run", collections, page_files(page) if page else {}, few)
    listening = threading.Event()
    server = Server(Guard(served.app, names_of("127.0.0.1", ())), few, listening.set)
    held = bound("127.0.0.1", 0)
    thread = threading.Thread(target=server.run, args=([held],))
    thread.start()
    try:
        assert listening.wait(20)
        yield Client(held.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(20)
        served.close()
        assert not thread.is_alive()
