"""`search`: what is typed, what is found, and what is refused in a line."""

import json
import re
import shutil
from pathlib import Path

import pytest

from pipeline.searched import start, timed
from pipeline.searched.page_file import mark
from pipeline.shown.document import document
from pipeline.shown.sealed import seal
from tests.e2e.conftest import Chain, Said, Type
from tests.e2e.test_bad_input import one_line

QUERY = "a red circle above a blue square"


@pytest.fixture(scope="module")
def own(chain: Chain, tmp_path_factory: pytest.TempPathFactory) -> Chain:
    """The chain with a copy of its run: vectors are kept in it."""
    run = tmp_path_factory.mktemp("search") / "runs" / "r"
    return chain._replace(run=shutil.copytree(chain.run, run))


class Search:
    def __init__(self, chain: Chain, tencrop: Type):
        self.chain, self._type = chain, tencrop

    def __call__(self, *words: object) -> Said:
        chain = self.chain
        return self._type("search", chain.run, *words, "--work", chain.work, "--device", "cpu")

    def json(self, *words: object) -> list[dict[str, object]]:
        said = self(*words, "--json")
        assert said.code == 0, said.err
        return [json.loads(line) for line in said.out.splitlines()]


@pytest.fixture
def search(own: Chain, tencrop: Type) -> Search:
    return Search(own, tencrop)


def pictures(chain: Chain) -> list[Path]:
    return sorted((chain.data / "images").glob("*"))


def test_programs_read_what_the_page_says_that_they_read(search: Search) -> None:
    (found,) = search.json(f"{QUERY} zebras", "-k", 3)
    assert list(found) == ["query", "unknown", "results"]
    assert (found["query"], found["unknown"]) == (f"{QUERY} zebras", ["zebras"])
    results = found["results"]
    assert isinstance(results, list)
    assert [each["rank"] for each in results] == [1, 2, 3]
    for each in results:
        assert list(each) == ["rank", "id", "path", "score", "captions"]
        assert Path(each["path"]).is_file()
        assert Path(each["path"]).name == each["id"]
        assert len(each["captions"]) == 5
    scores = [each["score"] for each in results]
    assert scores == sorted(scores, reverse=True)


def test_a_person_reads_ranks_scores_paths_and_captions(search: Search) -> None:
    said = search(QUERY, "-k", 2)
    lines = said.out.splitlines()
    assert lines[0] == QUERY
    assert [line.split()[0] for line in lines[1::4]] == ["1", "2"]
    assert re.fullmatch(r" +1 +-?\d\.\d{3}  /.*\.png", lines[1])
    assert lines[4].endswith("and 3 captions more")


def test_each_sentence_of_a_file_is_asked(search: Search, tmp_path: Path) -> None:
    file = tmp_path / "texts.txt"
    file.write_text(f"{QUERY}\n\n  a green circle\r\n", encoding="utf-8")
    found = search.json("--texts", file, "a blue square", "-k", 1)
    assert [each["query"] for each in found] == ["a blue square", QUERY, "a green circle"]


def test_a_picture_finds_itself_first_and_its_captions(search: Search) -> None:
    path = pictures(search.chain)[3]
    (found,) = search.json("--image", path, "-k", 2)
    results = found["results"]
    assert isinstance(results, list)
    assert found["query"] == str(path)
    assert results[0]["id"] == path.name
    assert results[0]["score"] == pytest.approx(1, abs=1e-4)
    (told,) = search.json("--image", path, "-k", 2, "--find", "captions")
    captions = told["results"]
    assert isinstance(captions, list)
    assert all(re.fullmatch(r".*#\d", each["id"]) for each in captions)


def test_another_corpus_and_a_split_are_searched(search: Search, tmp_path: Path) -> None:
    (found,) = search.json(QUERY, "-k", 500, "--split", "val")
    assert isinstance(found["results"], list)
    assert len(found["results"]) == 12
    other = tmp_path / "other"
    other.mkdir()
    for path in pictures(search.chain)[:5]:
        shutil.copy(path, other / f"x{path.name}")
    shutil.copy(Path(__file__), other / "broken.png")
    (found,) = search.json(QUERY, "--data", other, "--max-errors", 20)
    results = found["results"]
    assert isinstance(results, list)
    assert {each["id"] for each in results} == {f"x{p.name}" for p in pictures(search.chain)[:5]}
    assert {tuple(each["captions"]) for each in results} == {()}
    said = search(QUERY, "--data", other, "--find", "captions", "--max-errors", 20)
    one_line(said, "has no captions to find; look for pictures")


def test_the_page_holds_the_pictures_and_escapes_what_was_typed(
    search: Search, tmp_path: Path
) -> None:
    page = tmp_path / "found.html"
    odd = f"{QUERY} <script>alert(1)</script>"
    said = search(odd, "--image", pictures(search.chain)[0], "-k", 3, "--html", page)
    assert said.code == 0
    text = page.read_text(encoding="utf-8")
    assert text.count("data:image/jpeg;base64,") == 7
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert not re.search(r"(src|href)=\"(?!data:|#)", text)


def test_a_page_of_an_earlier_search_is_replaced(search: Search, tmp_path: Path) -> None:
    page = tmp_path / "found.html"
    assert search(QUERY, "-k", 1, "--html", page).code == 0
    before = page.read_bytes()
    assert search("a blue square", "-k", 1, "--html", page).code == 0
    assert page.read_bytes() != before


@pytest.mark.parametrize("kind", ["captions", "page", "folder", "link", "report"])
def test_what_search_has_not_written_is_left_alone(
    search: Search, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start, "searcher", never)
    mine, place = tmp_path / "mine", tmp_path / "found.html"
    ours = str(mark())
    content = {
        "captions": "image,caption\n" + ours,
        "page": "<!doctype html><title>mine</title>",
        "link": f"<!doctype html>{ours}",
        "report": document("a report", [], head=seal("0" * 64)),
    }
    if kind == "folder":
        place.mkdir()
    else:
        (mine if kind == "link" else place).write_text(content[kind], encoding="utf-8")
        if kind == "link":
            place.symlink_to(mine)
    before = place.read_bytes() if kind != "folder" else b""
    one_line(search(QUERY, "--html", place), "search --html` has not written it; choose another")
    assert place.is_symlink() == (kind == "link")
    assert before == (place.read_bytes() if kind != "folder" else b"")


def test_the_time_is_told_with_the_size(search: Search, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timed, "REPEATED", 5)
    said = search(QUERY, "--time", "--split", "test")
    assert re.search(
        r"^exact search of 12 vectors of 32 numbers: p50 [\d.]+ ms, p95 [\d.]+ ms \(5 times\); "
        r"with the query's encoding: p50 [\d.]+ ms",
        said.err,
        re.MULTILINE,
    )


def never(*_: object, **__: object) -> None:
    raise AssertionError("it is refused before anything is loaded")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "nothing is asked; type a sentence"),
        ([""], "the query is empty; "),
        (["   "], "the query is empty; "),
        (["dog", "-k", 0], "0 is not in the range"),
        (["dog " * 2_500_000], "10,000,000 characters"),
        (["dog", "--split", "tset"], "error: --split: unknown split 'tset'"),
        (["--image", "gone.jpg"], "gone.jpg is not there; check the path"),
        (["--image", "."], ". is a folder; give a picture's path"),
        (["--texts", "gone.txt"], "gone.txt"),
        (["dog", "--find", "words"], "'words' is not one of"),
    ],
)
def test_what_is_no_question_is_refused_before_anything_is_loaded(
    search: Search, words: list[object], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start, "searcher", never)
    one_line(search(*words), told)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"a dog\nd\xffg\n", "texts.txt, line 2: no UTF-8; save it"),
        (b"a dog\na\0b\n", "texts.txt, line 2 is no text .* holds a NUL; "),
        (b"a " * 2**23 + b"dog", "larger than 16,777,216 bytes: .*texts.txt"),
        (b"\n\n", "texts.txt holds no sentence; write one a line"),
    ],
)
def test_odd_files_of_sentences_are_refused_with_their_line(
    search: Search, tmp_path: Path, line: bytes, told: str
) -> None:
    file = tmp_path / "texts.txt"
    file.write_bytes(line)
    said = search("--texts", file)
    assert (said.code, said.out) == (1, "")
    assert re.search(told, said.err)
    assert said.err.count("\n") == 1


def test_words_that_are_all_unknown_are_named(search: Search) -> None:
    one_line(search("zebra okapi"), "zebra, okapi")


def test_of_several_queries_those_are_answered_that_can_be(search: Search) -> None:
    said = search("zebra", QUERY, "okapi", "--json")
    assert [json.loads(line)["query"] for line in said.out.splitlines()] == [QUERY]
    one_line(said, "2 of 3 queries were not answered, first", "no word of the query (zebra)")


def test_a_text_as_a_picture_is_one_line(search: Search, tmp_path: Path) -> None:
    file = tmp_path / "text.jpg"
    file.write_text("this is no picture")
    said = search("--image", file)
    one_line(said, f"{file} cannot be read as a picture: ")
    assert said.err.count("text.jpg") == 1
    assert "picture 1" not in said.err


def test_pictures_that_are_not_there_keep_no_other_from_its_answer(
    search: Search, tmp_path: Path
) -> None:
    gone, path = tmp_path / "gone.jpg", pictures(search.chain)[3]
    words = ["--image", gone, "--image", tmp_path, "--image", path]
    said = search(QUERY, *words, "-k", 1, "--json")
    assert [json.loads(line)["query"] for line in said.out.splitlines()] == [QUERY, str(path)]
    first = f"2 of 4 queries were not answered, first: {gone} is not there; check the path"
    one_line(said, first)


def test_a_run_whose_cache_and_pictures_are_gone_is_one_line(
    search: Search, tencrop: Type, tmp_path: Path
) -> None:
    chain = search.chain
    run = shutil.copytree(chain.run, tmp_path / "alone", ignore=shutil.ignore_patterns("vectors"))
    away = chain.cache.with_name("away")
    data = chain.data.with_name("moved")
    chain.cache.rename(away)
    chain.data.rename(data)
    try:
        said = tencrop("search", run, QUERY, "--work", tmp_path / "work")
    finally:
        away.rename(chain.cache)
        data.rename(chain.data)
    one_line(said, "no longer at", f"pipeline search {run} SENTENCE --data DATA")
