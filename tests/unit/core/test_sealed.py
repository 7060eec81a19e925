"""No byte of a sealed file changes unseen."""

import random
import re
from pathlib import Path

import pytest

from core.files import write_json
from core.sealed import check_sealed, read_sealed, write_sealed

CONTENT = {
    "format": "x/1",
    "rate": 1e-05,
    "name": "héllo \x1f",
    "rows": [1, 2.5, None, True],
    "of": {"b": 1, "a": ""},
}


def test_what_was_written_is_read_without_the_digest(tmp_path: Path) -> None:
    write_sealed(tmp_path / "a.json", CONTENT)
    assert read_sealed(tmp_path / "a.json") == CONTENT
    assert check_sealed(tmp_path / "a.json")


def test_a_file_without_a_digest_is_read_and_told_apart(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", CONTENT)
    assert read_sealed(tmp_path / "a.json") == CONTENT
    assert not check_sealed(tmp_path / "a.json")


def test_every_single_bit_counts(tmp_path: Path) -> None:
    """Also those that JSON does not see: 1e-05 and 1E-05, \\u001f and \\u001F."""
    file = tmp_path / "a.json"
    write_sealed(file, CONTENT)
    whole = file.read_bytes()
    for bit in range(8 * len(whole)):
        data = bytearray(whole)
        data[bit // 8] ^= 1 << bit % 8
        file.write_bytes(data)
        with pytest.raises(ValueError, match="."):
            check_sealed(file)


def test_reading_refuses_other_values(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    write_sealed(file, CONTENT)
    file.write_text(file.read_text().replace("2.5", "2.6"))
    with pytest.raises(ValueError, match="digest is another"):
        read_sealed(file)


@pytest.mark.parametrize("text", ["", "[]", "null", '"digest"', "{", "\x00"])
def test_what_is_no_object_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(ValueError, match="."):
        read_sealed(tmp_path / "a.json")


def test_random_content_survives(tmp_path: Path) -> None:
    draw = random.Random(0)
    for _ in range(200):
        content = {str(draw.random()): [draw.random(), draw.getrandbits(70)] for _ in range(5)}
        write_sealed(tmp_path / "a.json", content)
        assert read_sealed(tmp_path / "a.json") == content


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'{"a": ' + b"9" * 5000 + b"}", "it holds a number of too many digits"),
        (b'{"a": ' + b"[" * 10**5, "its brackets are too deep"),
        (b'{"a": 1,\n "b"', "it is no JSON from line 2, column 5 on"),
        (b'{"a": "\xff"}', "its byte 8 is no UTF-8 text"),
        (b'{"a": "\\ud800", "digest": "0"}', "it holds half of a surrogate pair"),
    ],
)
def test_what_is_wrong_is_said_in_our_words(tmp_path: Path, data: bytes, said: str) -> None:
    """Python's would tell a user to call functions of it."""
    (tmp_path / "a.json").write_bytes(data)
    with pytest.raises(ValueError, match="^" + re.escape(said) + "$"):
        read_sealed(tmp_path / "a.json")
