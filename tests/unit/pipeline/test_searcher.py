"""A search of vectors that are known, by an encoder that knows them too."""

import json
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError, SettingError
from core.heard import Heard
from core.matrices import Row
from core.records import Caption, Corpus, Image
from core.vectors import Vectors
from pipeline.indexed import candidates
from pipeline.indexed.candidates import Candidates
from pipeline.searched import timed
from pipeline.searched.asks import Ask
from pipeline.searched.collection import Collection
from pipeline.searched.found import Found, Result
from pipeline.searched.galleries import Galleries
from pipeline.searched.listed import listed
from pipeline.searched.page import page
from pipeline.searched.searcher import RunSearcher
from pipeline.searched.sentences import LONGEST

MANY, WIDE = 30, 6
SPLITS = ("train", "val", "test")
WORDS = {"dog": 3, "snow": 4, "hund": 5, "собака": 6}


class Words:
    """A sentence is the vector of its last word, a picture that of its first byte."""

    def __init__(self, vectors):
        self.vectors = vectors

    def text(self, sentences):
        words = [self.heard(each).known[-1] for each in sentences]
        return self.vectors[[WORDS[word] for word in words]]

    def image(self, pictures, names):
        if pictures[0].startswith(b"text"):
            raise InputError(f"{names[0]} is not a picture; give a JPEG")
        return self.vectors[[each[0] for each in pictures]]

    def heard(self, sentence):
        words = list(dict.fromkeys(sentence.lower().replace("!", "").split()))
        known = [word for word in words if word in WORDS]
        return Heard(tuple(known), tuple(word for word in words if word not in WORDS))


def unit(draw, many):
    values = draw.standard_normal((many, WIDE)).astype(np.float32)
    return values / np.linalg.norm(values, axis=1, keepdims=True)


def made(*, biased=False, captions=True, similarity="inner"):
    draw = np.random.default_rng(0)
    images = [
        Image(f"i{row:02}", Row("m.npy", row) if row == 2 else f"at/{row}.jpg", SPLITS[row % 3])
        for row in range(MANY)
    ]
    texts = [
        (f"i{row:02}", Caption(f"i{row:02}#{n}", f"caption {n} of {row}"))
        for row in range(0 if captions else MANY, MANY)
        for n in range(row % 3)
    ]
    corpus = Corpus.build("drawn", images, texts)
    sides = {"i": unit(draw, MANY), "c": unit(draw, len(corpus.captions))}
    if biased:
        sides = {
            side: np.concatenate([v, draw.normal(size=(len(v), 1)).astype(np.float32)], axis=1)
            for side, v in sides.items()
        }
    ids = np.array([image.id for image in corpus.images])
    spoken = np.array([caption.id for caption in corpus.captions], dtype=np.str_)
    vectors = Vectors(spoken, sides["c"]) if captions else None
    return Collection(corpus, Vectors(ids, sides["i"]), vectors, similarity, biased)


@pytest.fixture(params=[False, True], ids=["plain", "biased"])
def searcher(request):
    return RunSearcher(made(biased=request.param), Words(unit(np.random.default_rng(1), MANY)))


def asked(searcher, row):
    """The vector of a query, with what finds a bias behind it."""
    vector = searcher._encoder.vectors[row].astype(np.float64)
    return np.append(vector, 1.0) if searcher.collection.biased else vector


def best(scores, k=5):
    return [int(row) for row in np.argsort(-scores)[:k]]


def test_a_sentence_finds_the_pictures_that_are_nearest_by_the_runs_similarity(searcher):
    found = searcher.by_text("Two dog!", 5)
    scores = searcher.collection.images.value.astype(np.float64) @ asked(searcher, WORDS["dog"])
    assert [each.row for each in found.results] == best(scores)
    assert [each.score for each in found.results] == pytest.approx(sorted(scores)[-5:][::-1])
    assert (found.query, found.unknown) == ("Two dog!", ("two",))
    assert [each.rank for each in found.results] == [1, 2, 3, 4, 5]
    for each in found.results:
        image = searcher.corpus.images[each.row]
        assert each.id == image.id
        assert each.path == ("" if each.row == 2 else f"at/{each.row}.jpg")
        assert each.captions == tuple(f"caption {n} of {each.row}" for n in range(each.row % 3))


def test_a_picture_finds_captions_and_pictures(searcher):
    captions = searcher.collection.captions.value.astype(np.float64)
    found = searcher.by_picture(b"\x07", 4, name="seven.jpg", find="captions")
    rows = best(captions @ asked(searcher, 7), 4)
    every = searcher.corpus.captions
    assert [each.id for each in found.results] == [every[row].id for row in rows]
    assert [each.captions for each in found.results] == [(every[row].text,) for row in rows]
    assert [each.row for each in found.results] == searcher.corpus.owner[rows].tolist()
    assert found.query == "seven.jpg"
    plain = searcher.collection.images.value[:, :WIDE].astype(np.float64)
    alike = searcher.by_picture(b"\x07", 4)
    assert [each.row for each in alike.results] == best(plain @ asked(searcher, 7)[:WIDE], 4)


def test_a_row_finds_its_neighbours_and_not_itself(searcher):
    plain = searcher.collection.images.value[:, :WIDE].astype(np.float64)
    found = searcher.by_row(9, MANY)
    cosines = plain @ plain[9]
    cosines[9] = -np.inf
    assert [each.row for each in found.results] == best(cosines, MANY - 1)
    assert found.query == "i09"
    assert len(searcher.by_row(9, 3, find="captions").results) == 3
    for row in (-1, MANY):
        with pytest.raises(InputError, match=f"no picture {row}; .*0 to {MANY - 1}"):
            searcher.by_row(row, 1)


def test_captions_are_found_by_a_sentence_as_sentences_are_alike(searcher):
    plain = searcher.collection.captions.value[:, :WIDE].astype(np.float64)
    found = searcher.by_text("dog", 3, find="captions")
    rows = best(plain @ asked(searcher, WORDS["dog"])[:WIDE], 3)
    assert [each.id for each in found.results] == [searcher.corpus.captions[r].id for r in rows]


def test_how_much_was_searched_is_told_as_it_was(searcher):
    assert searcher.size("pictures", []) == "30 pictures"
    assert searcher.size("pictures", ["val"]) == "10 pictures of the split val"
    assert searcher.size("captions", ["val", "test"]) == "30 captions of the split val + test"
    answers = [(Ask("dog"), Found("dog", (), ()))]
    text = page(Path("runs/r"), searcher.corpus, answers, searcher.size("captions", ["val"]))
    assert "r searched 10 captions of the split val of drawn" in text


def tossed(scores, ids, k=5):
    """The ids of the best; of equal ones, such as all that exceed nothing, by their SHA-256."""
    pairs = sorted(zip(-scores, (sha256(i.encode()).digest() for i in ids), ids, strict=True))
    return [str(name) for _, _, name in pairs[:k]]


@pytest.mark.parametrize("find", ["pictures", "captions"])
def test_splits_alone_answer_and_no_more_than_there_are(searcher, find):
    found = searcher.by_text("dog", 1000, find=find, splits=["val", "test"])
    splits = {searcher.corpus.images[each.row].split for each in found.results}
    assert splits == {"val", "test"}
    assert len(found.results) == (20 if find == "pictures" else MANY)
    assert len(searcher.by_text("dog", 1000).results) == MANY


def test_what_is_no_question_is_one_line(searcher):
    for query, said in (
        ("", "the query is empty; "),
        (" \n\t ", "the query is empty; "),
        ("a\0b", "holds a NUL; "),
        ("a\udce4", "no text that could be written as UTF-8"),
        ("dog " * 2_500_000, f"10,000,000 characters; .*{LONGEST:,} or fewer"),
        ("zebra okapi", r"no word of the query \(zebra, okapi\); "),
        ("!!!", "holds no word; "),
    ):
        with pytest.raises(InputError, match=said) as refused:
            searcher.by_text(query, 3)
        assert "\n" not in str(refused.value)
    with pytest.raises(SettingError, match="k = 0"):
        searcher.by_text("dog", 0)
    with pytest.raises(InputError, match="unknown split 'tset'.*test"):
        searcher.by_text("dog", 3, splits=["tset"])
    with pytest.raises(InputError, match="'restval' has no pictures .*choose one of these"):
        searcher.by_text("dog", 3, splits=["restval"])
    with pytest.raises(InputError, match="'train' has no captions to find; look for pictures"):
        searcher.by_text("dog", 3, find="captions", splits=["train"])
    with pytest.raises(InputError, match="^the picture is not a picture"):
        searcher.by_picture(b"text", 3)
    with pytest.raises(InputError, match=r"^two\\nlines.jpg is not a picture"):
        searcher.by_picture(b"text", 3, name="two\nlines.jpg")


def test_without_captions_pictures_are_found_and_captions_are_none():
    searcher = RunSearcher(made(captions=False), Words(unit(np.random.default_rng(1), MANY)))
    assert {each.captions for each in searcher.by_text("dog", 3).results} == {()}
    with pytest.raises(InputError, match="the collection has no captions to find"):
        searcher.by_picture(b"\x01", 3, find="captions")


def test_words_of_several_scripts_are_asked_with(searcher):
    for query in ("HUND", "собака", "Собака dog"):
        assert searcher.by_text(query, 2).unknown == ()


def test_an_order_similarity_stands_pictures_above_captions():
    searcher = RunSearcher(made(similarity="order"), Words(unit(np.random.default_rng(1), MANY)))
    query = asked(searcher, WORDS["snow"])
    excess = np.maximum(query - searcher.collection.images.value.astype(np.float64), 0)
    found = searcher.by_text("snow", 5)
    assert [each.id for each in found.results] == tossed(
        -np.linalg.norm(excess, axis=1), searcher.collection.images.id
    )
    above = np.maximum(searcher.collection.captions.value - asked(searcher, 8), 0)
    told = searcher.by_picture(b"\x08", 5, find="captions")
    assert [each.id for each in told.results] == tossed(
        -np.linalg.norm(above, axis=1), searcher.collection.captions.id
    )


def test_many_threads_are_answered_alike(searcher):
    def ask(number):
        return searcher.by_row(number % MANY, 5), searcher.by_text("dog", 5)

    with ThreadPoolExecutor(8) as pool:
        several = list(pool.map(ask, range(60)))
    assert several == [ask(number) for number in range(60)]


def test_a_list_breaks_no_line_and_moves_no_cursor(searcher):
    found = searcher.by_text("dog \x1b[2J", 4)
    lines = listed(found).split("\n")
    assert lines[0] == "dog \\x1b[2J (taken for the unknown word: \\x1b[2j)"
    assert sum(line.strip()[:1].isdigit() for line in lines) == 4
    assert not any(ord(char) < 32 for line in lines for char in line)


@pytest.mark.parametrize("biased", [False, True])
def test_the_time_that_is_told_is_of_what_was_done(monkeypatch, biased):
    class Asked:
        def answer(self, *_, **__): ...

    class Index:
        def nearest(self, query, many, *_):
            return np.arange(many)[None]

    monkeypatch.setattr(timed, "REPEATED", 2)
    here = made(biased=biased)
    exact = RunSearcher(here, Words(None))
    assert timed.timed(exact, Asked(), 3).startswith(
        f"exact search of 30 vectors of {WIDE} numbers: "
    )
    indexed = RunSearcher(
        here, Words(None), Galleries(here, {"pictures": Candidates(Index(), MANY, 1, 1)})
    )
    told = timed.timed(indexed, Asked(), 3)
    assert told.startswith(f"exact search of 30 vectors of {WIDE} numbers, too few for the index: ")
    monkeypatch.setattr(candidates, "ALL_COMPARED", 3)
    told = timed.timed(indexed, Asked(), 4)
    assert told.startswith(f"search by the index of 30 vectors of {WIDE} numbers: ")


def test_what_programs_read_is_utf_8_whatever_a_name_is_made_of():
    odd = "caf\udce9"
    told = Found(odd, (odd,), (Result(1, 0, odd, f"at/{odd}", 0.5, (odd,)),)).to_json()
    json.dumps(told, ensure_ascii=False).encode()
    mended = "caf\\udce9"
    assert (told["query"], told["unknown"]) == (mended, [mended])
    (result,) = told["results"]
    assert (result["id"], result["path"], result["captions"]) == (mended, f"at/{mended}", [mended])
