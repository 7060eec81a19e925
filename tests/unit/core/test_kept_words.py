"""The words of texts are kept: as they were split, for these texts alone, never when damaged."""

import platform
import shutil
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import kept_words, splitting
from core.errors import SettingError
from core.kept_words import KeptWords
from core.splitting import SPLITS, split_all, tokenise
from core.text import SPECIALS, START, UNKNOWN, Vocabulary
from core.text_words import TextWords

TEXTS = ["A dog runs.", "", "a \ud800 half", "A dog runs.", "die Straße – 犬"]


class Counted:
    """The rules for splitting, and how often they were asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        self.asked: Counter[str] = Counter()
        rules = {name: self._counting(name) for name in SPLITS}
        monkeypatch.setattr(splitting, "SPLITS", rules)

    def _counting(self, name):
        rule = SPLITS[name]

        def split(given):
            self.asked[name] += 1
            return rule(given)

        return split


@pytest.fixture
def counted(monkeypatch):
    kept_words._by()  # of the code as it is
    return Counted(monkeypatch)


@pytest.fixture
def keeper(tmp_path):
    """Words that are kept in a folder, and what was said."""
    said: list[str] = []
    kept = KeptWords(tmp_path / "words", said.append)
    kept.said = said
    return kept


def same(one: TextWords, two: TextWords) -> bool:
    arrays = ((one.numbers, two.numbers), (one.lengths, two.lengths))
    alike = all(a.dtype == b.dtype and a.tolist() == b.tolist() for a, b in arrays)
    return one.words == two.words and alike


@pytest.mark.parametrize("split", sorted(SPLITS))
def test_what_is_kept_is_what_was_split(split, keeper, counted, tmp_path):
    plain = split_all(TEXTS, split)
    counted.asked.clear()
    for _ in range(3):
        assert same(keeper(iter(TEXTS), split), plain)
    assert counted.asked == {split: len(TEXTS)}
    assert len(list((tmp_path / "words").iterdir())) == 1
    assert keeper.said == []


@pytest.mark.parametrize(
    "texts",
    [
        TEXTS[::-1],
        TEXTS[:-1],
        [*TEXTS, ""],
        ["A dog runs", ".", *TEXTS[1:]],
        [*TEXTS[:3], "a dog runs.", TEXTS[4]],
    ],
    ids=["order", "fewer", "more", "cut elsewhere", "a letter"],
)
def test_other_texts_are_split_themselves(texts, keeper, counted):
    keeper(TEXTS, "words")
    counted.asked.clear()
    assert same(keeper(texts, "words"), split_all(texts, "words"))
    assert counted.asked == {"words": 2 * len(texts)}


@pytest.mark.parametrize("change", ["split", "python", "code"])
def test_what_splits_otherwise_splits_anew(change, keeper, counted, monkeypatch):
    keeper(TEXTS, "words")
    counted.asked.clear()
    if change == "python":
        monkeypatch.setattr(platform, "python_version", lambda: "4.0.0")
    if change == "code":
        monkeypatch.setattr(kept_words, "code", lambda *given: {"core.splitting": "another"})
    kept_words._by.cache_clear()
    keeper(TEXTS, "bag" if change == "split" else "words")
    assert counted.asked.total() == len(TEXTS)
    kept_words._by.cache_clear()


def test_the_code_of_splitting_is_in_the_key():
    assert {"core.splitting", "core.bag", "core.bare_words", "core.text_words"} <= set(
        kept_words._by()["code"]
    )


@pytest.mark.parametrize("where", [0, 64, 65, 200, -1])
def test_a_damaged_file_is_made_anew_with_a_line(where, keeper, counted, tmp_path):
    keeper(TEXTS, "words")
    (file,) = (tmp_path / "words").iterdir()
    whole = file.read_bytes()
    bad = bytearray(whole)
    bad[where] ^= 4
    file.write_bytes(bad)
    counted.asked.clear()
    assert same(keeper(TEXTS, "words"), split_all(TEXTS, "words"))
    assert keeper.said == [f"{file} is damaged: these captions are split into words anew"]
    assert file.read_bytes() == whole


@pytest.mark.parametrize("left", [b"", b"\n", b"x" * 64])
def test_so_is_one_that_was_cut_off(left, keeper, tmp_path):
    keeper(TEXTS, "words")
    (file,) = (tmp_path / "words").iterdir()
    file.write_bytes(left)
    assert same(keeper(TEXTS, "words"), split_all(TEXTS, "words"))
    assert len(keeper.said) == 1


def test_a_file_of_another_name_is_not_believed(keeper, tmp_path):
    keeper(TEXTS, "words")
    (file,) = (tmp_path / "words").iterdir()
    keeper(TEXTS[1:], "words")
    (other,) = set((tmp_path / "words").iterdir()) - {file}
    shutil.copy(file, other)
    assert same(keeper(TEXTS[1:], "words"), split_all(TEXTS[1:], "words"))
    assert len(keeper.said) == 1


def test_where_nothing_can_be_kept_it_only_takes_time(tmp_path, counted):
    said: list[str] = []
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file" / "words", tmp_path / "no" / "work" / "words"):
        kept = KeptWords(folder, said.append)
        for _ in range(2):
            assert same(kept(TEXTS, "words"), split_all(TEXTS, "words"))
    assert counted.asked == {"words": 8 * len(TEXTS)}
    assert said == []
    assert {file.name for file in tmp_path.iterdir()} == {"file"}


def test_a_vocabulary_of_kept_words_is_the_same(keeper, counted):
    for _ in range(2):
        built = Vocabulary.build(TEXTS[:2], min_count=1, splitter=keeper)
        encoded = built.encode_all(TEXTS[:2], max_tokens=2, splitter=keeper)
    assert counted.asked == {"words": 2}
    assert built == Vocabulary.build(TEXTS[:2], min_count=1)
    assert encoded.rows == built.encode_all(TEXTS[:2], max_tokens=2).rows


@given(
    st.lists(st.text(alphabet="ab .", max_size=12), max_size=8),
    st.integers(1, 4),
    st.integers(1, 3),
)
@settings(deadline=None)
def test_all_captions_at_once_are_encoded_like_each(texts, most, least):
    words = Vocabulary.build(texts, min_count=least)
    found = words.encode_all(texts, max_tokens=most)
    split = [tokenise(each) for each in texts]
    known = {word: number for number, word in enumerate(words.words) if number >= len(SPECIALS)}
    rows = [[known.get(word, UNKNOWN) for word in each[:most]] or [UNKNOWN] for each in split]
    assert found.rows == [[START, *row, 2] for row in rows]
    assert found.lengths.tolist() == [len(row) + 2 for row in rows]
    assert found.cut == sum(len(each) > most for each in split)
    assert found.wordless == split.count([])
    assert [words.encode(each, max_tokens=most) for each in texts] == found.rows


def test_no_caption_is_encoded_in_no_word():
    with pytest.raises(SettingError, match="keep at least one word"):
        Vocabulary.build([]).encode_all(["a"], max_tokens=0)


def test_a_folder_may_be_taken_away(keeper, tmp_path: Path):
    keeper(TEXTS, "words")
    shutil.rmtree(tmp_path / "words")
    assert same(keeper(TEXTS, "words"), split_all(TEXTS, "words"))
