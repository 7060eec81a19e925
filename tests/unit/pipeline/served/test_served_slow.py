"""Clients that keep a server waiting keep no other client waiting, and not for ever."""

import http.client
import socket
import time

import pytest

pytest.importorskip("uvicorn", reason="make setup EXTRAS=1 installs uvicorn")
pytest.importorskip("fastapi", reason="make setup EXTRAS=1 installs FastAPI")

from pipeline.served.collection import ServedCorpus
from tests.served import drawn, jpeg, serving

POST = b"POST /api/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/jpeg\r\n"
SLOW = {
    "says nothing": b"",
    "is in the midst of its head": b"GET /api/about HTTP/1.1\r\nHost: loc",
    "is in the midst of a picture": POST + b"Content-Length: 100\r\n\r\n" + b"\xff\xd8",
    "is in the midst of a chunk": POST + b"Transfer-Encoding: chunked\r\n\r\nff\r\n\xff",
}
LEFT = ConnectionResetError, BrokenPipeError


@pytest.fixture
def collection(tmp_path):
    return ServedCorpus("colours", drawn(tmp_path), tmp_path)


def rest(line):
    """All that the server still sends before it ends the connection."""
    told = b""
    try:
        while part := line.recv(2**16):
            told += part
    except ConnectionResetError:
        pass
    return told


def one(line):
    """The status of one answer, which is read whole."""
    with http.client.HTTPResponse(line) as got:
        got.begin()
        assert got.read()
        return got.status


def send_on(line, data):
    """Send for longer than any server should take it, and read nothing."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        line.sendall(data)
        time.sleep(0.005)


def test_the_thirty_third_client_is_answered(collection):
    with serving([collection]) as client:
        slow = [client.line(sent) for sent in SLOW.values() for _ in range(8)]
        for line in slow:
            line.send(b"a")
        assert len(slow) == 32
        assert client.ask("/api/search?q=red").status == 200
        assert client.send(jpeg((255, 0, 0))).status == 200
        assert client.ask("/pictures/0/0").status == 200
        for line in slow:
            line.close()


@pytest.mark.parametrize("what", SLOW)
def test_who_is_too_slow_is_told_so(collection, what):
    with serving([collection], head_seconds=0.1, body_seconds=0.1) as client:
        with client.line(SLOW[what]) as line:
            told = rest(line)
        assert told.startswith(b"HTTP/1.1 408 ")
        assert b"send it again" in told


def test_a_byte_now_and_then_gives_no_more_time(collection):
    few = {"head_seconds": 0.2, "drained_seconds": 0.1}
    with (
        serving([collection], **few) as client,
        client.line(SLOW["is in the midst of its head"]) as line,
        pytest.raises(LEFT),
    ):
        send_on(line, b"a")


def test_a_connection_is_used_again_and_closed_when_it_idles(collection):
    asked = b"GET /api/about HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with serving([collection], idle_seconds=1) as client, client.line() as line:
        for _ in range(3):
            line.sendall(asked)
            assert one(line) == 200
        line.sendall(asked + asked)  # both at once
        told = rest(line)
        assert told.count(b"HTTP/1.1 200 ") == 2


def test_the_head_of_a_second_request_is_not_waited_for_either(collection):
    with serving([collection], head_seconds=0.2) as client, client.line() as line:
        line.sendall(b"GET /api/about HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert one(line) == 200
        line.sendall(b"GET /api")
        assert rest(line).startswith(b"HTTP/1.1 408 ")


def test_who_takes_nothing_is_left(collection):
    with serving([collection], taken_seconds=0.3) as client:
        line = socket.socket()
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        line.settimeout(60)
        line.connect(("127.0.0.1", client.port))
        asked = b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n"
        with line, pytest.raises(LEFT):
            send_on(line, asked * 50)
        assert client.ask("/api/about").status == 200


def test_what_is_still_sent_of_what_was_refused_is_not_taken_for_ever(collection):
    large = POST + b"Content-Length: 99999999999\r\n\r\n"
    with serving([collection], drained_seconds=0.2) as client, client.line(large) as line:
        assert line.recv(100).startswith(b"HTTP/1.1 413 ")
        with pytest.raises(LEFT):
            send_on(line, bytes(2**16))


def test_more_connections_than_there_may_be_are_sent_away(collection):
    with serving([collection], connections=4) as client:
        held = [client.line(b"GET") for _ in range(4)]
        told = client.ask("/api/about")
        assert (told.status, told.headers["retry-after"]) == (503, "60")
        held.pop().close()
        held.pop().close()
        until = time.monotonic() + 60
        while client.ask("/api/about").status != 200:
            assert time.monotonic() < until
        for line in held:
            line.close()


def test_a_server_ends_although_clients_keep_it_waiting(collection):
    for_ever = dict.fromkeys(("head_seconds", "body_seconds", "drained_seconds"), 10_000.0)
    with serving([collection], **for_ever) as client:
        slow = [client.line(sent) for sent in SLOW.values()]
        assert client.ask("/api/about").status == 200
    for line in slow:
        assert rest(line) == b""
        line.close()
