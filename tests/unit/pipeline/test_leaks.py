"""What leaks from a training into what is asked: planted twins, captions, and words never seen."""

import csv
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageOps

from core.files import file_sha256
from core.records import Caption, Corpus, Image
from core.splitting import BAG, WORDS
from core.text import Vocabulary
from pipeline.leaks import looks
from pipeline.leaks.alike import NOT_ASKED, STORED, UNKNOWN, Alike, absent_then
from pipeline.leaks.copies import RADIUS
from pipeline.leaks.found import LEAKS, Leaks
from pipeline.leaks.hashed import ANOTHER, GONE, NO_FILE, absent, hashed
from pipeline.leaks.kept import NAME, kept
from pipeline.leaks.looks import MISSING
from pipeline.leaks.training import Pictures, identical, same_captions, with_ids
from pipeline.leaks.words import Words, unknown_words
from train.seen import DIGITS


def photo(seed: int) -> Pillow.Image:
    """Soft shapes in colours, none of which is like another seed's."""
    noise = np.random.default_rng(seed).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    return Pillow.fromarray(noise).resize((320, 240), Pillow.Resampling.BICUBIC)


PLANTED: Mapping[str, Callable[[Pillow.Image, Path], None]] = {
    "smaller.png": lambda one, file: one.resize((160, 120)).save(file),
    "again.jpg": lambda one, file: one.save(file, quality=40),
    "grey.png": lambda one, file: one.convert("L").save(file),
    "mirrored.png": lambda one, file: ImageOps.mirror(one).save(file),
    "another.png": lambda one, file: photo(99).save(file),
}
"""What is asked about, made of the training picture of the same number."""
TWINS = ("smaller.png", "again.jpg", "grey.png")


@pytest.fixture
def sides(tmp_path: Path) -> tuple[Pictures, Pictures]:
    """Asked about and trained on; each of the first is made of one of the others."""
    (tmp_path / "work").mkdir()
    asked, trained = tmp_path / "asked", tmp_path / "trained"
    asked.mkdir()
    trained.mkdir()
    for number, (name, make) in enumerate(PLANTED.items()):
        photo(number).save(trained / f"{number}.png")
        make(photo(number), asked / name)
    return pictures(asked), pictures(trained)


def pictures(folder: Path) -> Pictures:
    files = sorted(folder.iterdir())
    items = [(file.name, file_sha256(file)[:DIGITS]) for file in files]
    return Pictures(items, {file.name: Image(file.name, file, "test") for file in files})


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry a picture that is decoded from now on."""
    told: list[int] = []
    plain = looks.picture_hash

    def counted(data: bytes, *claim: Any) -> int:
        told.append(len(data))
        return plain(data, *claim)

    monkeypatch.setattr(looks, "picture_hash", counted)
    return told


def test_what_was_saved_again_or_resized_is_alike_and_what_is_mirrored_is_not(
    sides: tuple[Pictures, Pictures], tmp_path: Path
) -> None:
    found = Alike.of(*sides, tmp_path / "work")
    numbers = {name: f"{number}.png" for number, name in enumerate(PLANTED)}
    assert {(one, other) for one, other, _ in found.pairs} == {(n, numbers[n]) for n in TWINS}
    assert all(0 <= bits <= RADIUS for *_, bits in found.pairs)
    assert (found.asked, found.trained, dict(found.unseen), found.why) == (5, 5, {}, "")
    assert found.to_json()["pictures"] == len(TWINS)


def test_the_second_time_nothing_is_decoded_or_read(
    sides: tuple[Pictures, Pictures], tmp_path: Path, decoded: list[int]
) -> None:
    first = Alike.of(*sides, tmp_path / "work")
    assert len(decoded) == 10
    for side in sides:
        for image in side.images.values():
            assert isinstance(image.place, Path)
            image.place.unlink()
    assert Alike.of(*sides, tmp_path / "work") == first
    assert Alike.of(*(Pictures.of(side.items, None) for side in sides), tmp_path / "work") == first
    assert len(decoded) == 10


def test_without_a_work_folder_nothing_is_kept(
    sides: tuple[Pictures, Pictures], tmp_path: Path
) -> None:
    found = hashed(sides, tmp_path / "none")
    assert [len(side) for side in found.sides] == [5, 5]
    assert not (tmp_path / "none").exists()


def test_what_cannot_be_looked_at_is_counted_by_its_reason(
    sides: tuple[Pictures, Pictures], tmp_path: Path
) -> None:
    asked, trained = sides
    places = [image.place for image in trained.images.values() if isinstance(image.place, Path)]
    places[0].unlink()
    photo(50).save(places[1])
    places[2].write_bytes(b"no picture")
    broken = hashlib.sha256(b"no picture").hexdigest()[:DIGITS]
    items = [(n, broken if n == places[2].name else d) for n, d in trained.items]
    items += [("elsewhere.png", "0" * DIGITS), ("a vector", "")]
    sides = asked, Pictures(items, trained.images)
    found = Alike.of(*sides, tmp_path / "work")
    reasons = dict(found.unseen)
    assert [reasons.pop(why) for why in (MISSING, ANOTHER, GONE, NO_FILE)] == [1, 1, 1, 1]
    assert [why for why in reasons if "not a picture" in why]
    assert (found.asked, found.trained, sum(found.unseen.values())) == (5, 2, 5)
    assert absent_then(found.to_json()) == absent(sides, tmp_path / "work") == 2
    photo(0).save(places[0])
    assert absent(sides, tmp_path / "work") == 1


def test_a_system_that_fails_once_is_asked_again(
    sides: tuple[Pictures, Pictures], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, failed = looks.read_place, list[object]()

    def once(place: Any, **most: int) -> bytes:
        if not failed:
            failed.append(place)
            raise OSError(5, "Input/output error")
        return plain(place, **most)

    monkeypatch.setattr(looks, "read_place", once)
    assert not hashed(sides, tmp_path / "work").unseen
    assert failed


def test_a_kept_hash_of_another_file_is_not_taken(
    sides: tuple[Pictures, Pictures], tmp_path: Path
) -> None:
    with kept(tmp_path / "work") as hashes:
        hashes.add("f" * 64, 1)
    found = hashed(sides, tmp_path / "work")
    assert 1 not in [*found.sides[0].values(), *found.sides[1].values()]
    assert (tmp_path / "work" / NAME).exists()


def test_identical_pictures_are_named_with_what_was_trained_on() -> None:
    trained = [("a", "1"), ("b", "2"), ("c", ""), ("copy of b", "2")]
    asked = [("x", "2"), ("b", "3"), ("c", "9"), ("y", "7"), ("a", "")]
    assert identical(asked, trained) == [("x", "b"), ("c", "c"), ("a", "a")]
    assert identical(asked, []) == []


def corpus(**texts: str) -> Corpus:
    images = [Image(name, Path(name), "test") for name in texts]
    told = [(name, Caption(f"{name}#0", text)) for name, text in texts.items()]
    return Corpus.build("made", images, told)


def test_captions_are_the_same_where_their_words_are() -> None:
    trained = corpus(a="A dog runs .", b="A dog runs", c="Two  Cats!", d="...")
    asked = corpus(p="a DOG runs", q="a dog ran", r="two cats", s="??", t="dog a runs")
    assert same_captions(asked, trained) == [("p#0", "a#0"), ("r#0", "c#0")]


def test_a_part_is_chosen_by_its_ids() -> None:
    chosen = with_ids(corpus(a="one", b="two", c="three"), [("a", ""), ("b", "")], but=[("b", "z")])
    assert [image.id for image in chosen.images] == ["a"]
    assert [caption.text for caption in chosen.captions] == ["one"]


def test_unknown_words_are_those_that_the_vocabulary_lacks() -> None:
    words = Vocabulary.build(["a dog runs", "a cat"], min_count=1, split=WORDS)
    found = unknown_words(corpus(p="A dog jumps", q="a bird jumps"), words)
    assert found == Words(6, 3, 2, ("jumps", "bird"))
    assert found.share == 0.5


def test_of_a_bag_a_word_is_known_where_its_stem_is() -> None:
    words = Vocabulary.build(["dogs running", "a cat"], min_count=1, split=BAG)
    found = unknown_words(corpus(p="The dog runs", q="a bird"), words)
    assert found == Words(5, 2, 2, ("bird", "the"))


def test_words_that_are_none_have_no_share() -> None:
    assert Words(0, 0, 0, ()).share == 0


FOUND = Leaks(
    9,
    20,
    [("x", "b")],
    Alike((("y", "c", 3),), 8, 100),
    [("p#0", "a,b\n#0")],
    "",
    [Words(100, 6, 2, ("yak", "zoo"))],
)


def test_what_is_kept_of_it(tmp_path: Path) -> None:
    assert FOUND.to_json() == {
        "identical": 1,
        "alike": {
            "pictures": 1,
            "bits": RADIUS,
            "compared": [8, 100],
            "unseen": {},
            "why": "",
        },
        "captions": {"same": 1, "compared": 20, "why": ""},
        "unknown_words": {
            "words": 100,
            "unseen": 6,
            "distinct": 2,
            "most": ["yak", "zoo"],
            "share": 0.06,
        },
    }
    assert FOUND.save(tmp_path) == {LEAKS: file_sha256(tmp_path / LEAKS)}
    with (tmp_path / LEAKS).open(newline="") as stream:
        assert list(csv.reader(stream)) == [
            ["leak", "asked", "trained_on", "bits"],
            ["same file", "x", "b", "0"],
            ["look alike", "y", "c", "3"],
            ["same caption", "p#0", "a,b\n#0", ""],
        ]


NOTHING = Leaks(9, 20, [], Alike(asked=9, trained=100), [], "", [None])


def test_without_a_leak_there_is_no_list_and_no_word(tmp_path: Path) -> None:
    FOUND.save(tmp_path)
    assert NOTHING.save(tmp_path) == {}
    assert list(tmp_path.iterdir()) == []
    assert NOTHING.notes() == []
    assert NOTHING.to_json()["unknown_words"] is None


def test_what_is_said() -> None:
    leaks, words = FOUND.notes()
    assert leaks == (
        "1 of 9 pictures look like one that was trained on (4 of 64 bits or fewer apart; first "
        "'y' ~ 'c'), and 1 of 20 captions say word for word what a training caption says: "
        "leaks.csv beside the report lists them"
    )
    assert words == (
        "6.0 % of the words of these captions (6 of 100, 2 different ones) are none that this run "
        "knows, most often yak, zoo"
    )


def test_up_to_five_percent_of_unknown_words_are_no_warning() -> None:
    few = Leaks(9, 20, [], Alike(), [], "", [Words(100, 5, 2, ("yak",)), Words(100, 6, 1, ("a",))])
    (note,) = few.notes()
    assert "none that run 2 knows" in note
    assert [told["unseen"] for told in few.to_json()["unknown_words"]] == [5, 6]


@pytest.mark.parametrize(
    ("why", "said"), [(STORED, [f"not looked at: {STORED}"]), (NOT_ASKED, []), (UNKNOWN, [])]
)
def test_why_nothing_was_looked_at_is_kept(why: str, said: list[str]) -> None:
    found = Leaks(9, 20, [], Alike(why=why), [], "", [None])
    assert found.to_json()["alike"] == {
        "pictures": None,
        "bits": RADIUS,
        "compared": [0, 0],
        "unseen": {},
        "why": why,
    }
    assert [note.partition("alike was ")[2] for note in found.notes()] == said
