import gzip
import os
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InputError
from core.wordvectors import LONGEST, read_vectors, vector_text, width_of

DATA = Path(os.environ.get("TENCROP_DATA", Path(__file__).parents[4] / "shared" / "data"))
GLOVE_50 = DATA / "words" / "glove.6B.50d.5k.txt"
FINITE = st.floats(width=32, allow_nan=False, allow_infinity=False)
GLOVE = "the 0.25 -1.5 3\n, 1 2 3\n. . 4 5 6\nat name@domain.com 7 8 9\ncaf\u00e9 1e-3 0 -0\n"
WORD2VEC = "3 2\n</s> 0 0 \nthe 0.5 1.5 \ndog -1 2 \n"


def written(folder: Path, text: str | bytes, name: str = "vectors.txt") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_glove_with_words_that_hold_spaces(tmp_path):
    path = written(tmp_path, GLOVE)
    read = read_vectors(path, ["at name@domain.com", "the", "none", ". .", "caf\u00e9", ","])
    assert read.found.tolist() == [True, True, False, True, True, True]
    assert read.values.dtype == np.float32
    expected = [[7, 8, 9], [0.25, -1.5, 3], [0, 0, 0], [4, 5, 6], [0.001, 0, 0], [1, 2, 3]]
    np.testing.assert_array_equal(read.values, np.array(expected, np.float32))
    assert width_of(path) == 3


def test_word2vec_as_its_own_program_writes_it(tmp_path):
    path = written(tmp_path, WORD2VEC)
    assert width_of(path) == 2
    assert read_vectors(path, ["dog", "the"]).values.tolist() == [[-1, 2], [0.5, 1.5]]
    assert read_vectors(path, ["3"]).found.tolist() == [False]


def test_the_first_line_of_glove_may_hold_a_space(tmp_path):
    path = written(tmp_path, ". . 4 5 6\nthe 1 2 3\na 1 2 4\n")
    assert width_of(path) == 3
    assert read_vectors(path, [". ."]).values.tolist() == [[4, 5, 6]]


def test_the_first_of_two_lines_counts(tmp_path):
    path = written(tmp_path, "a 1 2\na 3 4\na nan nan\n")
    assert read_vectors(path, ["a"]).values.tolist() == [[1, 2]]


def test_empty_lines_and_windows_line_ends_and_no_last_one(tmp_path):
    path = written(tmp_path, "\n\na 1 2\r\n\r\n\nb 3 4")
    assert read_vectors(path, ["a", "b"]).values.tolist() == [[1, 2], [3, 4]]
    path = written(tmp_path, "2 2\n\na 1 2\n\nb 3 4\n\n")
    assert read_vectors(path, ["a", "b"]).found.all()


@pytest.mark.parametrize("odd", ["\x85", "\u2028", "\xa0", "\x0c", "\x1c", "a\x85b", "\xa0x"])
def test_only_a_line_feed_ends_a_line_and_only_a_space_parts_fields(tmp_path, odd):
    path = written(tmp_path, f"a 1 2\n{odd} 3 4\nb 5 6\n")
    read = read_vectors(path, [odd, "b"])
    assert read.found.all()
    assert read.values.tolist() == [[3, 4], [5, 6]]


def test_a_word_without_a_character_is_no_word_that_is_wanted(tmp_path):
    assert read_vectors(written(tmp_path, " 1 2\na 3 4\n"), ["a"]).values.tolist() == [[3, 4]]


def test_words_are_compared_in_one_form_of_unicode(tmp_path):
    path = written(tmp_path, "cafe\u0301 1 2\nThe 3 4\n")
    assert read_vectors(path, ["caf\u00e9", "the"]).found.tolist() == [True, False]


@pytest.mark.parametrize("text", [GLOVE, WORD2VEC])
def test_gzip_reads_the_same(tmp_path, text):
    plain, packed = written(tmp_path, text), written(tmp_path, gzip.compress(text.encode()), "v")
    one, two = (read_vectors(path, ["the", "dog"]) for path in (plain, packed))
    np.testing.assert_array_equal(one.values, two.values)
    assert width_of(plain) == width_of(packed)


REFUSED = {
    "a 1 2\nb 3\n": "line 2 has 1 numbers, not 2",
    "a 1 2\nb 3 4\nc d 6 7.5\nd 1.5 2 3\n\ne 1 2\n": "line 4 has 3 numbers, not 2",
    "a 1 2\nb 3 4\nwanted nan 0\n": "line 3 holds a number that is not finite",
    "a 1 2\nwanted 1 -inf\n": "line 2 holds a number that is not finite",
    "a 1 2\nwanted 1 1e39\n": "line 2 holds a number that is not finite",
    "a 1 2\nwanted 1 x\n": "line 2 holds what is no number",
    "a 1 2\nwanted 1  2\nb 1 2\n": "line 2 has 3 numbers, not 2",
    "a 1 2\nwanted  2\nb 1 2\n": "line 2 holds what is no number",
    "3 2\na 1 2\nb 3 4\n": "line 3 is the last, and line 1 tells of 3 words: the file is cut",
    "1 2\na 1 2\nb 3 4\n": "line 3 is beyond the 1 words of line 1",
    "2 3\na 1 2\nb 3 4\n": "line 2 has 2 numbers, not 3",
    "": "holds no word vectors",
    "\n\n": "holds no word vectors",
    "one\ntwo\n": "holds no word vectors",
    "0 5\n": "holds no word vectors",
    "5 0\n": "holds no word vectors",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_refused(tmp_path, text):
    path = written(tmp_path, text)
    with pytest.raises(InputError) as caught:
        read_vectors(path, ["wanted"])
    told = str(caught.value)
    assert str(path) in told
    assert "\n" not in told
    assert "; " in told
    assert REFUSED[text] in told


def test_a_line_that_is_cut_in_mid_file_or_at_its_end(tmp_path):
    whole = "".join(f"w{i} 1.5 2.5 3.5\n" for i in range(300))
    with pytest.raises(InputError, match=r"line 300 has 1 numbers, not 3"):
        read_vectors(written(tmp_path, whole[:-9]), ["w1"])
    middle = whole.replace("w150 1.5 2.5 3.5", "w150 1.5 2.5")
    with pytest.raises(InputError, match=r"line 151 has 2 numbers, not 3"):
        read_vectors(written(tmp_path, middle), ["w1"])


def test_a_word_that_is_no_utf8_names_its_line(tmp_path):
    path = written(tmp_path, b"a 1 2\ncaf\xe9 3 4\n")
    with pytest.raises(InputError, match="line 2 begins with a word that is no UTF-8 text"):
        read_vectors(path, ["a"])


def test_word2vecs_binary_form_is_told_what_to_do(tmp_path):
    path = written(tmp_path, b"2 3\nthe " + np.ones(3, np.float32).tobytes() + b"\n")
    with pytest.raises(InputError, match="binary form must be saved as text"):
        read_vectors(path, ["the"])


def test_a_gzip_that_is_cut_and_a_zip_archive(tmp_path):
    packed = gzip.compress(os.urandom(3000).hex().encode() + b" 1\n")
    for data in (packed[:-20], packed[:1000] + b"\0\0\0" + packed[1003:]):
        with pytest.raises(InputError, match="cut or damaged"):
            read_vectors(written(tmp_path, data), ["a"])
    with pytest.raises(InputError, match="unpack it"):
        width_of(written(tmp_path, b"PK\x03\x04rest"))


def test_a_file_without_a_line_end_is_not_read_whole(tmp_path):
    path = written(tmp_path, b"a 1 2\n" + b"x" * (3 * LONGEST))
    with pytest.raises(InputError, match=r"line 2 has 0 numbers, not 2"):
        read_vectors(path, ["a"])


def test_what_is_no_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.txt"):
        read_vectors(tmp_path / "none.txt", ["a"])
    with pytest.raises(OSError, match="is not a regular file"):
        width_of(tmp_path)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.text(st.characters(blacklist_characters="\n\r ", codec="utf-8"), min_size=1, max_size=6),
        st.lists(FINITE, min_size=3, max_size=3),
        min_size=1,
        max_size=9,
    )
)
def test_what_is_written_is_read_to_the_same_bits(tmp_path_factory, table):
    table = {unicodedata.normalize("NFC", word): row for word, row in table.items()}
    path = tmp_path_factory.mktemp("written") / "v.vec"
    values = np.array(list(table.values()), np.float32)
    path.write_bytes(vector_text(list(table), values))
    read = read_vectors(path, list(table))
    assert read.found.all()
    assert read.values.tobytes() == values.tobytes()


@pytest.mark.real
@pytest.mark.skipif(not GLOVE_50.is_file(), reason=f"{GLOVE_50} is not there: set TENCROP_DATA")
def test_real_glove():
    path = GLOVE_50
    read = read_vectors(path, ["dog", "the", "qzx"])
    lines = dict(line.split(" ", 1) for line in path.read_text("utf-8").splitlines())
    slow = np.array([[float(x) for x in lines[word].split()] for word in ("dog", "the")])
    assert read.found.tolist() == [True, True, False]
    np.testing.assert_array_equal(read.values[:2], slow.astype(np.float32))
