import json
import unicodedata
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import splitting
from core.bag import entries
from core.bare_words import said
from core.errors import InputError, RunError, SettingError
from core.splitting import tokenise
from core.text import END, PAD, SPECIALS, START, UNKNOWN, Vocabulary

ODD = [
    "",
    "   \t\n ",
    "👩‍👩‍👧‍👦 a family 👍🏽 waves",
    "كلب يركض على الشاطئ",
    "שני ילדים משחקים.",
    "一只狗在海滩上奔跑。",
    "a\x00dog\x07runs\x1b[0m\u2028on\ufeff",
    "İSTANBUL straße ǅ",
    "<start> <pad> <unk> <end>",
    "'''``\"\" ((( ...",
]
CAPTIONS = ["A dog runs .", "a dog sleeps .", "a cat sleeps", "A DOG"]


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        ("A dog's ball, mid-air.", ["a", "dog", "'s", "ball", ",", "mid-air", "."]),
        ("It can't be 3,500 t-shirts!", ["it", "ca", "n't", "be", "3,500", "t-shirts", "!"]),
        ('A "big" man (left)', ["a", "``", "big", "''", "man", "(", "left", ")"]),
        ("A man. He runs.", ["a", "man.", "he", "runs", "."]),
        ("gonna\u00a0go\u3000now", ["gon", "na", "go", "now"]),
        ("", []),
    ],
)
def test_tokenise_known_answers(caption: str, expected: list[str]) -> None:
    assert tokenise(caption) == expected


@settings(deadline=None)
@given(st.text() | st.sampled_from(ODD))
def test_tokenise_ignores_the_normal_form_and_gives_lower_case_words(caption: str) -> None:
    composed = tokenise(unicodedata.normalize("NFC", caption))
    assert composed == tokenise(unicodedata.normalize("NFD", caption)) == tokenise(caption)
    assert all(word and word == word.strip() and word == word.lower() for word in composed)
    assert not set(SPECIALS) & set(composed)


@settings(deadline=None)
@given(st.text(), st.sampled_from([" ", "\t", "\n", "  "]), st.sampled_from(["", " ", "\n"]))
def test_tokenise_ignores_white_space_around_a_caption(caption: str, a: str, b: str) -> None:
    assert tokenise(a + caption + b) == tokenise(" " + caption)


def test_a_caption_of_a_megabyte_is_split_and_cut() -> None:
    caption = "a dog " * 180_000
    assert len(caption) > 1_000_000
    encoded = Vocabulary.build(["a dog"], min_count=1).encode_all([caption], max_tokens=5)
    assert encoded.rows == [[START, 4, 5, 4, 5, 4, END]]
    assert encoded.cut == 1


def test_a_tokeniser_that_gives_up_is_an_input_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class GivesUp:
        def tokenize(self, text: str) -> list[str]:
            raise TimeoutError

    monkeypatch.setattr(splitting, "_tokeniser", GivesUp)
    with pytest.raises(InputError, match="caption of 3 characters .* shorten it"):
        tokenise("abc")


def test_build_keeps_words_from_the_threshold_on_most_frequent_first() -> None:
    assert Vocabulary.build(CAPTIONS, min_count=2).words == (
        *SPECIALS,
        *("a", "dog", ".", "sleeps"),
    )
    assert Vocabulary.build(CAPTIONS, min_count=3).words == (*SPECIALS, "a", "dog")
    assert Vocabulary.build(CAPTIONS).words == (*SPECIALS, "a")
    assert Vocabulary.build([]).words == SPECIALS
    assert SPECIALS == ("<pad>", "<start>", "<end>", "<unk>")
    assert (PAD, START, END, UNKNOWN) == (0, 1, 2, 3)


@settings(deadline=None)
@given(st.lists(st.text(max_size=20) | st.sampled_from(ODD), max_size=12), st.integers(1, 3))
def test_build_counts_like_a_plain_loop_in_any_order(captions: list[str], least: int) -> None:
    built = Vocabulary.build(captions, min_count=least)
    counts = Counter(word for caption in captions for word in tokenise(caption))
    assert set(built.words[4:]) == {word for word, n in counts.items() if n >= least}
    ranks = [counts[word] for word in built.words[4:]]
    assert ranks == sorted(ranks, reverse=True)
    assert Vocabulary.build(reversed(captions), min_count=least) == built


@settings(deadline=None)
@given(st.lists(st.text(max_size=20) | st.sampled_from(ODD), max_size=12), st.integers(1, 3))
def test_json_round_trip(captions: list[str], least: int) -> None:
    built = Vocabulary.build(captions, min_count=least)
    back = Vocabulary.from_json(json.loads(json.dumps(built.to_json())))
    assert back == built
    assert back.digest == built.digest
    assert back.index == built.index


@settings(deadline=None)
@given(st.text(), st.integers(1, 6))
def test_encode_is_framed_cut_and_decodes_to_the_known_words(caption: str, most: int) -> None:
    words = tokenise(caption)
    vocabulary = Vocabulary.build([caption], min_count=1)
    row = vocabulary.encode(caption, max_tokens=most)
    assert (row[0], row[-1]) == (START, END)
    assert 3 <= len(row) <= most + 2
    assert vocabulary.decode([*row, PAD, PAD]) == (" ".join(words[:most]) or "<unk>")


def test_unknown_words_and_wordless_captions() -> None:
    vocabulary = Vocabulary.build(CAPTIONS, min_count=3)
    encoded = vocabulary.encode_all(["A zebra dog", "", " \n", "a dog a dog"], max_tokens=3)
    assert encoded.rows == [[1, 4, 3, 5, 2], [1, 3, 2], [1, 3, 2], [1, 4, 5, 4, 2]]
    assert (encoded.cut, encoded.wordless) == (1, 2)
    assert vocabulary.encode("a dog", max_tokens=2) == [1, 4, 5, 2]
    assert vocabulary.decode([1, 4, 3, 5, 2, 4, 0]) == "a <unk> dog"
    assert len(vocabulary) == 6


def test_the_digest_depends_on_words_order_and_threshold() -> None:
    tables = [
        Vocabulary((*SPECIALS, "a", "b"), 1),
        Vocabulary((*SPECIALS, "b", "a"), 1),
        Vocabulary((*SPECIALS, "a b"), 1),
        Vocabulary((*SPECIALS, "a"), 1),
        Vocabulary((*SPECIALS, "a", "b"), 2),
    ]
    assert len({table.digest for table in tables}) == len(tables)


@pytest.mark.parametrize("number", [-1, 5, 10**9])
def test_decode_refuses_numbers_outside_the_table(number: int) -> None:
    with pytest.raises(InputError, match=f"number {number} is not in the vocabulary of 5 words"):
        Vocabulary((*SPECIALS, "a"), 1).decode([START, number, END])


def test_values_out_of_range_are_refused() -> None:
    with pytest.raises(SettingError, match="min_count = 0"):
        Vocabulary.build(CAPTIONS, min_count=0)
    with pytest.raises(SettingError, match="max_tokens = 0"):
        Vocabulary.build(CAPTIONS).encode("a", max_tokens=0)


@pytest.mark.parametrize("table", [("a",), (*SPECIALS, "a", "a"), SPECIALS[::-1], ()])
def test_a_table_that_cannot_be_trusted_is_refused(table: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="build it again"):
        Vocabulary(table, 1)


def test_half_a_surrogate_pair_is_refused_not_saved() -> None:
    with pytest.raises(InputError, match="surrogate") as caught:
        Vocabulary.build(["a \ud83d b"], min_count=1)
    assert "\ud83d" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "tencrop-vocabulary/0"}, "not a vocabulary"),
        ({"words": None}, "lacks"),
        ({"min_count": "4"}, "lacks"),
        ({"min_count": 5}, "changed"),
        ({"words": [*SPECIALS, "a", "cat"]}, "changed"),
        ({"words": [*SPECIALS, "dog", "a"]}, "changed"),
        ({"words": [*SPECIALS, "a", 7]}, "lacks"),
        ({"words": ["a", "dog"]}, "changed"),
        ({"sha256": None}, "changed"),
        ({"split": "bag"}, "changed"),
        ({"split": "letters"}, "split as 'letters'"),
    ],
)
def test_from_json_refuses_what_to_json_did_not_write(
    change: dict[str, object], message: str
) -> None:
    saved = Vocabulary((*SPECIALS, "a", "dog"), 4).to_json()
    with pytest.raises(RunError, match=message):
        Vocabulary.from_json({**saved, **change})


@pytest.mark.parametrize("value", [None, [], "words", 3, {}])
def test_from_json_refuses_other_json(value: object) -> None:
    with pytest.raises(RunError, match="not a vocabulary"):
        Vocabulary.from_json(value)


def test_a_bag_has_words_stems_and_pairs_and_pairs_must_occur_once_more() -> None:
    texts = ["Two dogs run.", "two dogs running", "A dog's run"]
    words = Vocabulary.build(texts, min_count=2, split="bag")
    assert words.words[len(SPECIALS) :] == ("~dog", "~run", "dogs", "run", "two", "~two")
    three = Vocabulary.build([*texts, "two dogs"], min_count=2, split="bag")
    assert set(three.words) - set(words.words) == {"two dogs"}
    numbers = words.encode("Dogs, dogs!", max_tokens=9)
    assert [words.words[n] for n in numbers] == [
        *("<start>", "dogs", "dogs", "~dog", "~dog", "<unk>", "<end>")
    ]
    again = Vocabulary.from_json(words.to_json())
    assert again == words
    assert again.digest != Vocabulary(words.words, 2).digest


def test_a_bag_knows_an_accent_however_it_is_written_and_no_underscore() -> None:
    assert entries("Caf\u0065\u0301") == entries("caf\u00e9") == ["caf\u00e9", "~caf\u00e9"]
    assert entries("a_b") == ["a", "b", "~a", "~b", "a b"]


def test_the_digest_of_words_is_the_one_of_before_there_was_a_choice() -> None:
    saved = Vocabulary((*SPECIALS, "a", "dog"), 4).to_json()
    assert set(saved) == {"format", "min_count", "words", "sha256"}


def test_marks_on_letters_are_part_of_a_word() -> None:
    """A boy runs is not a girl runs; nor are its words cut where a vowel stands on a letter."""
    boy, girl = "लड़का दौड़ता है", "लड़की दौड़ती है"
    assert said(boy) != said(girl)
    assert entries(boy)[:3] == boy.split()
    assert said("كَتَبَ") != said("كُتُبٌ")
    assert said("caf" + "e\u0301") == said("CAF\u00c9!")
