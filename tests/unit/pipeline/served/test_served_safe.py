"""Who may ask, what may be sent, and that nothing but pictures of the corpus gets out."""

import http.client
import itertools
import json
import struct
import zlib

import pytest

pytest.importorskip("uvicorn", reason="make setup EXTRAS=1 installs uvicorn")
pytest.importorskip("fastapi", reason="make setup EXTRAS=1 installs FastAPI")

from pipeline.served.collection import ServedCorpus
from tests.served import drawn, jpeg, serving

SECRET = b"of nobody's concern"
UP = (
    "../",
    "..%2f",
    "%2e%2e/",
    "%2e%2e%2f",
    "..%5c",
    "....//",
    "..;/",
    "%252e%252e%252f",
    "..%c0%af",
    "/",
)
BEFORE = ("/static/", "/pictures/0/", "/api/pictures/0/", "/")
TRAVERSALS = [f"{b}{up * 3}secret.txt" for b, up in itertools.product(BEFORE, UP)]
TRAVERSALS += [
    *("/static/%00", "/static/page.js%00.html", "/static/.", "/static/..", "/static/~root"),
    *("/pictures/0/-1", "/pictures/0/0%00", "/pictures/0/1e1", "/pictures/0/٣", "/pictures/0/0x0"),
    *("/pictures/0/file:%2f%2f%2fetc%2fpasswd", "/static/C:%5csecret.txt", "/file:///etc/passwd"),
]
SCRIPTS = [
    "<script>window.hit=1</script>",
    "<img src=x onerror=window.hit=1>",
    "<svg onload=window.hit=1>",
    "<svg><script>window.hit=1</script></svg>",
    "</script><script>window.hit=1</script>",
    '"><script>window.hit=1</script>',
    "'><img src=x onerror=window.hit=1>",
    "javascript:window.hit=1",
    "<a href='javascript:window.hit=1'>red</a>",
    "<iframe srcdoc='<script>parent.hit=1</script>'>",
    "<body onload=window.hit=1>",
    "<details open ontoggle=window.hit=1>",
    "<input autofocus onfocus=window.hit=1>",
    "<video><source onerror=window.hit=1>",
    "<math><mi xlink:href='javascript:window.hit=1'>",
    "<object data='data:text/html,<script>window.hit=1</script>'>",
    "<style>@import 'https://example.org'</style>",
    "<meta http-equiv=refresh content='0;url=javascript:window.hit=1'>",
    "{{constructor.constructor('window.hit=1')()}}",
    "\u2028<script>\u2029window.hit=1</script>",
]
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "connect-src": "'self'",
    "img-src": "'self' blob:",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    root = tmp_path_factory.mktemp("safe")
    (root / "secret.txt").write_bytes(SECRET)
    (root / "page").mkdir()
    (root / "page" / "page.js").write_text("export {};")
    (root / "page" / "secret.txt").write_bytes(SECRET)
    (root / "pictures").mkdir()
    (root / "pictures" / "secret.txt").write_bytes(SECRET)
    searcher = drawn(root / "pictures", names=SCRIPTS, captions=SCRIPTS)
    of = ServedCorpus("<script>window.hit=1</script>", searcher, root / "pictures")
    with serving([of], root / "page") as client:
        yield client


def guarded(told):
    """Whether an answer says all that keeps a browser from making more of it."""
    policy = [part.strip().partition(" ") for part in
              told.headers["content-security-policy"].split(";")]  # fmt: skip
    assert {name: value for name, _, value in policy} == POLICY
    assert told.headers["x-content-type-options"] == "nosniff"
    assert told.headers["referrer-policy"] == "no-referrer"
    assert told.headers["cross-origin-resource-policy"] == "same-origin"
    assert told.headers["x-frame-options"] == "DENY"
    assert not any(name.startswith("access-control") for name in told.headers)
    assert "server" not in told.headers
    return told


def test_there_are_fifty_traversals_and_twenty_scripts():
    assert len(set(TRAVERSALS)) >= 50
    assert len(set(SCRIPTS)) == 20


def raw(client, target):
    """As ``target`` is written, which no client of HTTP would send."""
    line = client.line(b"GET " + target.encode() + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
    with line, http.client.HTTPResponse(line) as got:
        got.begin()
        return got.status, got.read()


def test_no_path_leads_out_of_the_corpus(client):
    for path in TRAVERSALS:
        status, body = raw(client, path)
        assert status in (400, 404), path
        assert set(json.loads(body)) == {"error"}, path
        assert SECRET not in body


def test_scripts_in_captions_ids_and_names_are_json_and_nothing_else(client):
    told = guarded(client.ask("/api/search?q=red&k=100"))
    texts = {text for hit in told.json["results"] for text in [hit["id"], *hit["captions"]]}
    assert set(SCRIPTS) <= texts
    assert guarded(client.ask("/api/about")).json["collections"][0]["name"].startswith("<script")
    assert guarded(client.ask("/api/pictures/0/0")).json
    assert guarded(client.ask("/openapi.json")).json


def test_scripts_in_queries_are_json_and_nothing_else(client):
    from urllib.parse import quote

    for script in SCRIPTS:
        unknown = script.split()
        told = guarded(client.ask(f"/api/search?q={quote('red ' + script)}"))
        assert told.json["unknown"] == [word for word in unknown if word != "red"]
        for path in (f"/api/search?q={quote(script)}", f"/{quote(script)}"):
            assert guarded(client.ask(path)).status in (400, 404)
            assert client.ask(path).error
        sent = client.send(jpeg((255, 0, 0)), f"name={quote(script)}")
        assert guarded(sent).json["query"] == script


def test_every_kind_of_answer_is_guarded(client):
    for path in ("/static/page.js", "/pictures/0/0", "/nope", "/api/search?q=", "/"):
        guarded(client.ask(path))
    guarded(client.ask("/", Host="evil.example"))
    guarded(client.ask("/api/search?q=" + "x" * 60_000))


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "localhost.evil", "0.0.0.0", "", "a b", "[::2]"],
)
def test_another_name_of_this_machine_is_not_answered(client, host):
    told = client.ask("/api/search?q=red", Host=host)
    assert told.status == 421
    assert "--name" in told.error


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:1", "127.0.0.1:80", "[::1]:8000", "localhost."]
)
def test_its_own_names_are(client, host):
    assert client.ask("/api/search?q=red", Host=host).status == 200


FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "http://localhost:1"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_what_another_page_asks_is_not_answered(client, headers):
    assert client.send(jpeg((255, 0, 0)), **headers).status == 403
    for path in ("/api/search?q=red", "/pictures/0/0", "/static/page.js"):
        assert "open the address" in client.ask(path, **headers).error


def test_a_link_leads_to_the_page_from_anywhere(client):
    from_elsewhere = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert client.ask("/", **from_elsewhere).status == 404  # past the guard: there is no index here
    assert client.ask("/api/about", **from_elsewhere).status == 403
    framed = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    assert client.ask("/", **framed).status == 403


def test_our_own_page_may_ask(client):
    own = {"Origin": f"http://127.0.0.1:{client.port}", "Sec-Fetch-Site": "same-origin"}
    assert client.send(jpeg((255, 0, 0)), **own).status == 200
    assert client.ask("/api/about", **{"Sec-Fetch-Site": "none"}).status == 200


@pytest.mark.parametrize(
    "kind",
    ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", ""],
)
def test_what_a_form_may_send_is_no_picture(client, kind):
    told = client.send(jpeg((255, 0, 0)), content_type=kind)
    assert told.status == 415
    assert "JPEG" in told.error


def test_a_text_and_nothing_as_a_picture(client):
    told = client.send(b"two dogs in the snow", "name=notes.txt")
    assert (told.status, told.error[:24]) == (400, "notes.txt: not a picture")
    assert client.send(b"").status == 400
    assert client.send(jpeg((255, 0, 0))[:300]).status == 400


def test_a_bomb_is_refused_before_it_goes_off(client):
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"x") + chunk(b"IEND", b"")
    told = client.send(bomb, content_type="image/png")
    assert (told.status, "pixels" in told.error) == (400, True)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_is_refused_and_the_client_hears_why(client, chunked):
    most = 20 * 2**20
    body = iter([bytes(2**20)] * 21) if chunked else bytes(most + 1)
    told = client.send(body)
    assert (told.status, "20 megabytes" in told.error) == (413, True)


def test_what_is_said_to_be_too_large_is_refused_before_a_byte_of_it(client):
    head = "POST /api/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"
    line = client.line(f"{head}Content-Length: {10**12}\r\nExpect: 100-continue\r\n\r\n".encode())
    with line:
        assert line.recv(100).startswith(b"HTTP/1.1 413 ")


def test_all_clients_together_send_no_more_than_there_is_room_for(tmp_path):
    of = ServedCorpus("small", drawn(tmp_path), tmp_path)
    with serving([of], uploads=1000) as client:
        assert client.send(bytes(1001)).status == 503
        assert client.send(jpeg((255, 0, 0))[:400]).status == 400
        assert client.send(jpeg((255, 0, 0))[:400]).status == 400  # the room was given back


def test_a_query_of_ten_megabytes(client):
    told = client.ask("/api/search?q=" + "x" * 10_000_000)
    assert (told.status, "ask a shorter one" in told.error) == (413, True)


PADDED = {
    "in its line": b"GET /api/about?%b HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "in a header": b"GET /api/about HTTP/1.1\r\nHost: localhost\r\nCookie: %b\r\n\r\n",
    "in nothing": b"GET /api/about HTTP/1.1\r\nHost:%b localhost\r\n\r\n",
}


def status(line):
    with http.client.HTTPResponse(line) as got:
        got.begin()
        return got.status, got.read()


@pytest.mark.parametrize("where", PADDED)
@pytest.mark.parametrize("pieces", [1, 2])
def test_a_head_has_a_length_in_one_piece_as_in_several(client, where, pieces):
    with_what = b" " if where == "in nothing" else b"x"
    for length, wanted in ((32 * 1024, 200), (32 * 1024 + 1, 413), (70_000, 413)):
        sent = PADDED[where] % (with_what * (length - len(PADDED[where]) + len(b"%b")))
        assert len(sent) == length
        half = length // 2 if pieces == 2 else length
        with client.line(sent[:half]) as line:
            line.sendall(sent[half:])
            got, body = status(line)
        assert (got, b"32,768 bytes" in body) == (wanted, wanted == 413)


def test_a_long_head_behind_another_request_is_too_long_as_well(client):
    first = PADDED["in a header"] % b""
    with client.line(first + PADDED["in a header"] % bytes([120] * 70_000)) as line:
        told = b""
        while part := line.recv(2**16):
            told += part
    assert [told.count(b"HTTP/1.1 %d " % code) for code in (200, 413)] == [1, 1]


def test_a_body_where_none_belongs(client):
    assert client.ask("/api/about", "GET", b"x").status == 413


OWN = b"Origin: http://localhost\r\n"
TWICE = [
    b"Origin: https://evil.example\r\n" + OWN + b"\r\n",
    OWN + OWN + b"\r\n",
    b"Sec-Fetch-Site: cross-site\r\nSec-Fetch-Site: same-origin\r\n\r\n",
]


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01 TLS\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n\r\n",
        b"POST /api/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"
        b"Transfer-Encoding: chunked\r\n\r\nnone\r\n",
        *(b"GET /api/about HTTP/1.1\r\nHost: localhost\r\n" + twice for twice in TWICE),
        b"POST /api/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"
        b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
)
def test_what_is_no_http_is_refused_in_a_line(client, sent, capsys):
    with client.line(sent) as line, http.client.HTTPResponse(line) as got:
        got.begin()
        assert got.status == 400
        assert got.getheader("connection") == "close"
        assert json.loads(got.read())["error"]
        assert got.getheader("x-content-type-options") == "nosniff"
    assert client.ask("/api/about").status == 200
    assert capsys.readouterr().err == ""
