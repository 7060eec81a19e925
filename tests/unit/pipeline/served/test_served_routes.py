"""What the server answers, and that OpenAPI says all of it."""

import io
import json
import re
import threading

import pytest
from PIL import Image as Pillow

pytest.importorskip("uvicorn", reason="make setup EXTRAS=1 installs uvicorn")
pytest.importorskip("fastapi", reason="make setup EXTRAS=1 installs FastAPI")

from pipeline.served.collection import ServedCorpus
from pipeline.served.spoken import MOST
from tests.served import drawn, jpeg, serving

RED = (255, 0, 0)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    root = tmp_path_factory.mktemp("served")
    for name in ("all", "some", "page"):
        (root / name).mkdir()
    (root / "page" / "index.html").write_text("<!doctype html><title>a page</title>")
    (root / "page" / "page.js").write_text("export {};")
    (root / "page" / "notes.txt").write_text("of nobody's concern")
    return root


@pytest.fixture(scope="module")
def client(world):
    every = ServedCorpus("all", drawn(world / "all", captions=["dépêche: 山"]), world / "all")
    some = ServedCorpus("some", drawn(world / "some"), world / "some", splits=("test",))
    with serving([every, some], world / "page") as client:
        yield client


def rows(told):
    assert told.status == 200, told.body
    return [hit["picture"] for hit in told.json["results"]]


def test_the_page_and_its_files(client):
    page, script = client.ask("/"), client.ask("/static/page.js")
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert b"a page" in page.body
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert client.ask("/static/notes.txt").status == 404
    again = client.ask("/static/page.js", if_none_match=script.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert again.headers["content-security-policy"] == script.headers["content-security-policy"]


def test_what_is_served(client):
    every, some = client.ask("/api/about").json["collections"]
    assert every == {
        "number": 0,
        "name": "all",
        "pictures": 9,
        "captions": 10,
        "splits": {"test": 3, "train": 6},
        "some": list(range(9)),
    }
    assert list(every["splits"]) == ["train", "test"]
    assert (some["pictures"], some["captions"], some["splits"]) == (3, 3, {"test": 3})
    assert some["some"] == [6, 7, 8]
    about = client.ask("/api/about").json
    assert (about["most"], about["longest"]) == (MOST, 2_000)
    assert client.ask("/api/search?q=" + "x" * 2_001).error == about["too_long"]
    assert "knows no word" in client.ask("/api/search?q=" + "x" * 2_000).error
    assert client.ask("/api/about").json["run"] == "a-run"


def test_a_sentence_is_answered_as_the_searcher_does(client):
    told = client.ask("/api/search?q=red%20dog&k=2").json
    assert (told["query"], told["unknown"]) == ("red dog", ["dog"])
    assert told["seconds"] >= 0
    first, second = told["results"]
    assert first == {
        "rank": 1,
        "id": "0.jpg",
        "path": "0.jpg",
        "score": 0.0,
        "picture": 0,
        "captions": ["a red one", "dépêche: 山"],
    }
    assert (second["rank"], second["picture"]) == (2, 3)


def test_ten_results_and_pictures_are_the_default_and_k_above_the_gallery_gives_all(client):
    assert len(rows(client.ask("/api/search?q=red"))) == 9
    assert len(rows(client.ask(f"/api/search?q=red&k={MOST}"))) == 9


def test_a_split_and_a_collection_are_chosen(client):
    assert rows(client.ask("/api/search?q=red&split=test")) == [6, 7, 8]
    assert rows(client.ask("/api/search?q=red&corpus=1")) == [6, 7, 8]
    assert rows(client.ask("/api/search?q=red&corpus=1&split=test&find=captions")) == [6, 7, 8]


def test_a_picture_is_searched_by(client):
    told = client.send(jpeg(RED), "k=1&name=mine.jpg")
    assert (rows(told), told.json["query"]) == ([0], "mine.jpg")
    parts = iter([jpeg(RED)[:100], jpeg(RED)[100:]])
    assert rows(client.send(parts, "k=1", content_type="application/octet-stream")) == [0]


def test_neighbours_leave_the_picture_itself_out(client):
    assert rows(client.ask("/api/pictures/0/3/neighbours?k=2")) == [6, 0]
    assert rows(client.ask("/api/pictures/0/0/neighbours?split=test&k=1")) == [6]


def test_what_is_known_of_a_picture(client):
    assert client.ask("/api/pictures/0/0").json == {
        "picture": 0,
        "id": "0.jpg",
        "path": "0.jpg",
        "split": "train",
        "labels": ["red"],
        "captions": ["a red one", "dépêche: 山"],
    }


def test_a_picture_is_drawn_anew_and_no_larger_than_asked(client, world):
    small, large = client.ask("/pictures/0/0?edge=30"), client.ask("/pictures/0/0")
    for told, size in ((small, (30, 20)), (large, (60, 40))):
        assert told.headers["content-type"] == "image/jpeg"
        assert told.headers["cache-control"] == "private, no-cache"
        with Pillow.open(io.BytesIO(told.body)) as picture:
            assert (picture.format, picture.size) == ("JPEG", size)
    again = client.ask("/pictures/0/0?edge=30", if_none_match=small.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert client.ask("/pictures/0/0", if_none_match=small.headers["etag"]).status == 200


def test_where_a_picture_was_taken_is_not_told(client, world):
    exif = Pillow.Exif()
    exif[0x010E] = "at home"
    exif[0x0112] = 6
    (world / "all" / "1.jpg").write_bytes(jpeg(RED, (60, 40), exif=exif) + b"<script>")
    told = client.ask("/pictures/0/1?edge=50")
    assert b"at home" not in told.body
    assert b"<script>" not in told.body
    with Pillow.open(io.BytesIO(told.body)) as picture:
        assert (picture.size, dict(picture.getexif())) == ((33, 50), {})


@pytest.mark.parametrize("content", [b"", b"<svg onload='alert(1)'/>", b"\xff\xd8\xff broken"])
def test_what_is_no_picture_is_gone(client, world, content):
    (world / "all" / "2.jpg").write_bytes(content)
    told = client.ask("/pictures/0/2?edge=20")
    assert told.status == 410
    assert "mend its file" in told.error
    assert str(world) not in told.error


def test_a_picture_whose_file_is_gone(client, world):
    (world / "some" / "7.jpg").unlink()
    assert client.ask("/pictures/1/7").status == 410
    assert client.ask("/api/pictures/1/7").status == 200


@pytest.mark.parametrize(
    "path", ["/pictures/1/0", "/api/pictures/1/0", "/api/pictures/1/0/neighbours"]
)
def test_a_picture_of_another_split_is_not_served(client, path):
    told = client.ask(path)
    assert (told.status, told.error[:24]) == (404, "there is no picture 0; s")


BAD = [
    ("/api/search?q=", 400, "the query is empty"),
    ("/api/search", 400, "^q: "),
    ("/api/search?q=xyzzy", 400, "knows no word"),
    ("/api/search?q=red&k=0", 400, "^k: "),
    (f"/api/search?q=red&k={MOST + 1}", 400, "^k: "),
    ("/api/search?q=red&k=many", 400, "^k: "),
    (f"/api/search?q=red&k={'9' * 5000}", 400, "^k: "),
    ("/api/search?q=red&corpus=2", 404, "no collection 2"),
    ("/api/search?q=red&corpus=-1", 400, "^corpus: "),
    ("/api/search?q=red&split=none", 400, "train, test"),
    ("/api/search?q=red&corpus=1&split=train", 400, "choose one of test"),
    ("/api/search?q=red&find=none", 400, "^find: "),
    ("/api/search?q=red&klm=1", 400, "^klm: "),
    (f"/api/search?q={'red+' * 600}", 413, "2,000 characters"),
    ("/api/pictures/0/9", 404, "no picture 9"),
    (f"/api/pictures/0/{'9' * 150}", 404, "no picture 9"),
    (f"/api/pictures/0/{'9' * 5000}", 404, "no such page"),
    ("/pictures/9/0", 404, "no collection 9"),
    ("/pictures/0/0?edge=1", 400, "^edge: "),
    ("/pictures/0/0?edge=100000", 400, "^edge: "),
    ("/docs", 404, "no such page"),
    ("/redoc", 404, "no such page"),
    ("/api/search/", 404, "no such page"),
]


@pytest.mark.parametrize(("path", "status", "line"), BAD)
def test_what_is_not_answered_is_said_in_a_line(client, path, status, line):
    told = client.ask(path)
    assert told.status == status
    assert re.search(line, told.error)


def test_a_method_that_a_route_does_not_have(client):
    assert client.ask("/api/about", "POST", b"x").status == 405
    assert client.ask("/api/about", "DELETE").error.startswith("this is not done")


def test_what_nobody_foresaw_is_a_line_here_and_there(tmp_path, capsys):
    searcher = drawn(tmp_path)
    searcher.by_text = None
    with serving([ServedCorpus("broken", searcher, tmp_path)]) as client:
        told = client.ask("/api/search?q=red")
        assert (told.status, "serve" in told.error) == (500, True)
        assert client.ask("/api/about").status == 200
    said = capsys.readouterr().err
    assert re.fullmatch("a request failed: unexpected TypeError: .*\n", said)


def test_too_many_at_once_are_told_to_come_again(tmp_path):
    searcher = drawn(tmp_path)
    searcher.gate = threading.Event()
    told = []
    with serving([ServedCorpus("slow", searcher, tmp_path)], searches=1, waiting=2) as client:
        asked = [
            threading.Thread(target=lambda: told.append(client.ask("/api/search?q=red")))
            for _ in range(8)
        ]
        for each in asked:
            each.start()
        while len(told) < 5:
            asked[0].join(0.01)
        # Who asks for something else does not wait for those.
        assert client.ask("/pictures/0/0").status == 200
        searcher.gate.set()
        for each in asked:
            each.join()
    assert sorted(each.status for each in told) == [200] * 3 + [503] * 5
    refused = next(each for each in told if each.status == 503)
    assert refused.headers["retry-after"] == "1"
    assert "ask again" in refused.error


def test_names_and_words_that_json_cannot_hold(tmp_path):
    searcher = drawn(tmp_path, names=["\udcff\x00.jpg"], captions=["\ud800 \x1b[2J"])
    with serving([ServedCorpus("odd \udcff", searcher, tmp_path)]) as client:
        found = {
            hit["id"]: hit["captions"] for hit in client.ask("/api/search?q=red").json["results"]
        }
        assert "\\udcff\x00.jpg" in found
        assert found["0.jpg"] == ["a red one", "\\ud800 \x1b[2J"]
        assert client.ask("/api/about").json["collections"][0]["name"] == "odd \\udcff"
        assert client.ask("/api/search?q=red%FF%00").status == 400
        assert client.ask("/api/search?q=red+%FF%00").json["unknown"] == ["\ufffd\x00"]


ROUTES = {
    "/": {"get"},
    "/static/{name}": {"get"},
    "/api/about": {"get"},
    "/api/search": {"get", "post"},
    "/api/pictures/{corpus}/{row}": {"get"},
    "/api/pictures/{corpus}/{row}/neighbours": {"get"},
    "/pictures/{corpus}/{row}": {"get"},
}


def test_openapi_lists_every_route_and_describes_every_parameter(client):
    told = json.loads(client.ask("/openapi.json").body)
    assert {path: set(methods) for path, methods in told["paths"].items()} == ROUTES
    parameters = [
        parameter
        for methods in told["paths"].values()
        for each in methods.values()
        for parameter in each.get("parameters", [])
    ]
    assert {each["name"] for each in parameters} == {
        *("q", "k", "split", "find", "corpus", "name", "row", "edge")
    }
    assert all(each["description"] for each in parameters)
    body = told["paths"]["/api/search"]["post"]["requestBody"]["content"]
    assert set(body) == {"image/*", "application/octet-stream"}
    for methods in told["paths"].values():
        for each in methods.values():
            assert {"200", "4XX", "503"} == set(each["responses"])


def test_the_answers_are_as_openapi_says(client):
    schemas = json.loads(client.ask("/openapi.json").body)["components"]["schemas"]
    told = client.ask("/api/search?q=red").json
    assert set(told) == set(schemas["Answer"]["properties"])
    assert set(told["results"][0]) == set(schemas["Hit"]["properties"])
    assert set(client.ask("/nope").json) == set(schemas["Fault"]["properties"])


def test_a_few_pictures_of_many_are_of_all_its_parts(tmp_path):
    searcher = drawn(tmp_path, [f"more {n:02d}" for n in range(91)])
    some = ServedCorpus("many", searcher, tmp_path).some
    assert some == [5, 15, 25, 35, 45, 55, 65, 75, 85, 95]
    kept = ServedCorpus("few", searcher, tmp_path, splits=("train",)).some
    assert [searcher.corpus.images[row].split for row in kept] == ["train"] * 6


def test_a_picture_is_called_the_same_once_its_corpus_has_moved(tmp_path):
    photos = tmp_path / "photos"
    photos.mkdir()
    collection = ServedCorpus("moved", drawn(photos), photos)
    before = collection.path_of(0)
    photos.rename(tmp_path / "elsewhere")
    assert collection.path_of(0) == before == "0.jpg"
