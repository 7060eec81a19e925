"""A picture's bytes are the same bytes wherever they lie, and nothing else is opened for them."""

import errno
import gc
import hashlib
import os
from pathlib import Path

import pytest

from core.cells import Cell
from core.files import IrregularFile
from core.places import Part, file_of, open_place, order_of, place_sha256, read_place, size_of

DATA = bytes(range(256)) * 40


@pytest.fixture
def part(tmp_path):
    file = tmp_path / "many.bin"
    file.write_bytes(b"before" + DATA + b"behind")
    return Part(file, 6, len(DATA))


def test_a_part_is_read_as_the_same_bytes_in_a_file_of_their_own(part, tmp_path):
    alone = tmp_path / "alone.bin"
    alone.write_bytes(DATA)
    for place in (part, alone):
        assert read_place(place) == DATA
        assert size_of(place) == len(DATA)
        assert place_sha256(place) == hashlib.sha256(DATA).hexdigest()
    assert (file_of(part), file_of(alone)) == (part.file, alone)


@pytest.mark.parametrize("step", [1, 7, 5000, 20_000])
def test_a_part_ends_where_it_ends_however_it_is_read(part, step):
    found = b""
    with open_place(part) as stream:
        while piece := stream.read(step):
            found += piece
    assert found == DATA


def test_an_empty_part(part):
    assert read_place(Part(part.file, 6, 0)) == b""


def test_a_part_behind_the_end_is_refused(part):
    size = part.file.stat().st_size
    assert read_place(Part(part.file, 6, size - 6)) == DATA + b"behind"
    for place in (Part(part.file, 6, size - 5), Part(part.file, size + 1, 0)):
        with pytest.raises(IrregularFile, match="ends inside the picture"):
            read_place(place)


def test_the_largest_size_is_that_of_the_picture(part):
    assert read_place(part, most=len(DATA)) == DATA
    for read in (read_place, place_sha256):
        with pytest.raises(IrregularFile, match="is larger than") as caught:
            read(part, most=len(DATA) - 1)
        assert caught.value.errno == errno.EFBIG
        assert caught.value.filename == str(part.file)


def test_parts_of_what_is_no_regular_file_are_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for file in (tmp_path / "pipe", tmp_path):
        with pytest.raises(IrregularFile, match="is not a regular file"):
            read_place(Part(file, 0, 3))
    with pytest.raises(FileNotFoundError, match="gone"):
        read_place(Part(tmp_path / "gone", 0, 3))


def test_no_file_stays_open(part):
    gc.collect()  # what other tests have left to be closed
    before = len(list(Path("/dev/fd").iterdir()))
    with pytest.raises(IrregularFile):
        read_place(Part(part.file, 0, 10**9))
    stream = open_place(part)
    stream.close()
    assert len(list(Path("/dev/fd").iterdir())) == before


def test_places_in_order_are_read_forwards(tmp_path):
    cells = [Cell(tmp_path / "x.parquet", "image", row) for row in (9, 10)]
    parts = [Part(tmp_path / "a.tar", 512, 3), Part(tmp_path / "a.tar", 1536, 3)]
    ordered = [tmp_path / "a.jpg", *parts, tmp_path / "b.jpg", *cells]
    assert sorted(ordered[2:] + ordered[:2], key=order_of) == ordered


def test_a_message_names_the_part(part):
    assert str(part) == f"{part.file} (bytes 6 to {6 + len(DATA)})"
