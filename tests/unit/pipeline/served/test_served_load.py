"""Two hundred searches of eight clients at once: none is lost."""

import http.client
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

pytest.importorskip("uvicorn", reason="make setup EXTRAS=1 installs uvicorn")
pytest.importorskip("fastapi", reason="make setup EXTRAS=1 installs FastAPI")

from pipeline.served.collection import ServedCorpus
from tests.served import drawn, jpeg, serving

CLIENTS, EACH = 8, 25
ASKS = (
    ("GET", "/api/search?q=red", None, 9),
    ("GET", "/api/search?q=green+blue&find=captions", None, 9),
    ("GET", "/api/pictures/0/3/neighbours", None, 8),
    ("GET", "/api/search?q=blue&split=test&k=2", None, 2),
    ("POST", "/api/search?name=mine.jpg", jpeg((255, 0, 0)), 9),
)
TOLD = {"content-type": "image/jpeg"}


def test_none_is_lost(tmp_path):
    def client(line):
        answers = []
        for number in range(EACH):
            method, path, body, _ = ASKS[number % len(ASKS)]
            line.request(method, path, body, TOLD if body else {})
            answer = line.getresponse()
            answers.append((answer.status, len(json.loads(answer.read())["results"])))
        line.close()
        return answers

    with serving([ServedCorpus("colours", drawn(tmp_path), tmp_path)]) as server:
        lines = [
            http.client.HTTPConnection("127.0.0.1", server.port, timeout=60) for _ in range(CLIENTS)
        ]
        with ThreadPoolExecutor(CLIENTS) as pool:
            clients = list(pool.map(client, lines))
    assert clients == [[(200, many) for *_, many in ASKS] * 5] * CLIENTS
