"""The members of a tar, against the standard library's reader, and against what is no sound tar."""

import bz2
import gzip
import io
import lzma
import os
import shlex
import tarfile

import pytest

from core.errors import InputError
from core.tar import BLOCK, members
from tests.layouts import tar

LONG = "deep/" * 30 + "n" * 120 + ".jpg"
CONTENT = {
    "a.jpg": b"12345",
    "empty.txt": b"",
    "folder/b.jpg": bytes(range(256)) * 9,
    LONG: b"long",
    "ünïcode 写真.jpg": "ç".encode(),
    "full.bin": b"x" * BLOCK,
}


def write(path, data):
    path.write_bytes(data)
    return path


def read(file):
    with file.open("rb") as stream:
        found = {}
        for each in members(file):
            stream.seek(each.offset)
            found[each.name] = (stream.read(each.length), each.odd)
    return found


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_members_are_those_that_the_standard_library_finds(tmp_path, form):
    content = {k: v for k, v in CONTENT.items() if form != tarfile.USTAR_FORMAT or len(k) < 200}
    file = write(tmp_path / "a.tar", tar(content, form))
    assert read(file) == {name: (data, "") for name, data in content.items()}
    with tarfile.open(file) as theirs:
        there = {m.name: (m.offset_data, m.size) for m in theirs.getmembers()}
    assert {m.name: (m.offset, m.length) for m in members(file)} == there


def test_a_prefix_of_ustar(tmp_path):
    name = "p" * 90 + "/" + "n" * 90
    file = write(tmp_path / "a.tar", tar({name: b"x"}, tarfile.USTAR_FORMAT))
    assert [m.name for m in members(file)] == [name]


def test_folders_are_passed_over_and_what_is_no_file_is_odd(tmp_path):
    data = tar(
        {
            "folder": {"type": tarfile.DIRTYPE},
            "hard.jpg": {"type": tarfile.LNKTYPE, "linkname": "/etc/passwd"},
            "soft.jpg": {"type": tarfile.SYMTYPE, "linkname": "l" * 300},
            "pipe.jpg": {"type": tarfile.FIFOTYPE},
            "disk.jpg": {"type": tarfile.BLKTYPE},
            "a.jpg": b"x",
        },
        tarfile.GNU_FORMAT,
    )
    told = [(m.name, m.odd) for m in members(write(tmp_path / "a.tar", data))]
    assert told == [
        *[("hard.jpg", "a link"), ("soft.jpg", "a link")],
        *[("pipe.jpg", "no regular file"), ("disk.jpg", "no regular file"), ("a.jpg", "")],
    ]


def test_sparse_files_are_odd_in_both_forms(tmp_path):
    new = tarfile.TarInfo("new.jpg")
    new.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.name": "real.jpg"}
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(new)
    head = bytearray(BLOCK)
    with tarfile.open(fileobj=io.BytesIO(tar({"old.jpg": b"x"})), mode="r") as archive:
        head[:] = archive.getmembers()[0].tobuf(tarfile.GNU_FORMAT)[:BLOCK]
    head[156:157], head[482] = b"S", 1
    head[148:156] = b"%06o\0 " % (sum(head[:148]) + sum(head[156:]) + 8 * 32)
    more, last = bytearray(BLOCK), bytearray(BLOCK)
    more[504] = 1
    old = bytes(head + more + last) + b"x".ljust(BLOCK, b"\0")
    file = write(tmp_path / "a.tar", old + stream.getvalue())
    told = [(m.name, m.odd) for m in members(file)]
    assert told == [("old.jpg", "a sparse file"), ("new.jpg", "a sparse file")]


SOUND = tar({"a.jpg": b"x" * 700, "b.jpg": b"y"})


@pytest.mark.parametrize("length", [1, 100, BLOCK - 1, BLOCK, BLOCK + 699, BLOCK * 3, BLOCK * 5])
def test_a_tar_that_is_cut_off_is_never_a_shorter_one(tmp_path, length):
    with pytest.raises(InputError, match="a.tar: (cut off|no tar).*copy or make it again"):
        list(members(write(tmp_path / "a.tar", SOUND[:length])))


def test_an_empty_file_is_no_tar(tmp_path):
    with pytest.raises(InputError, match="empty, no tar"):
        list(members(write(tmp_path / "a.tar", b"")))


@pytest.mark.parametrize("place", [0, 50, 124, 150, 156, 200, BLOCK * 3 + 2])
def test_a_damaged_header_is_an_error_wherever_it_is(tmp_path, place):
    data = bytearray(SOUND)
    data[place] ^= 0x40
    with pytest.raises(InputError, match="no tar|damaged at byte|cut off"):
        list(members(write(tmp_path / "a.tar", bytes(data))))


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_one_flipped_bit_is_an_error_or_changes_no_member(tmp_path, form):
    sound = tar({"a.jpg": b"x" * 9, LONG: b"y"}, form)
    file = write(tmp_path / "a.tar", sound)
    expected = list(members(file))
    end = expected[-1].offset + BLOCK
    for place in range(0, end + BLOCK, 3):
        data = bytearray(sound)
        data[place] ^= 1 << place % 8
        file.write_bytes(data)
        try:
            found = list(members(file))
        except InputError:
            continue
        # A name that is told in a block of its own is data: no sum is over it.
        assert [each[1:] for each in found] == [each[1:] for each in expected]


def test_what_is_no_tar(tmp_path):
    with pytest.raises(InputError, match="a.tar: no tar"):
        list(members(write(tmp_path / "a.tar", b"no tar at all" * 100)))


PACKED = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}


@pytest.mark.parametrize("ending", PACKED)
@pytest.mark.parametrize("content", [SOUND, SOUND + tar({"c": os.urandom(5000)}), b""])
def test_a_compressed_tar_that_is_called_tar_says_what_to_type(tmp_path, ending, content):
    file = write(tmp_path / "my a.tar", PACKED[ending](content))
    with pytest.raises(InputError, match="my a.tar: compressed, and .*; type mv ") as caught:
        list(members(file))
    rename, _, unpack = str(caught.value).partition("; type ")[2].partition(" && ")
    verb, source, target = shlex.split(rename)
    assert (verb, source, target) == ("mv", str(file), f"{file}.{ending}")
    assert shlex.split(unpack)[-1] == target


def test_a_compressed_tar_of_zstandard(tmp_path):
    with pytest.raises(InputError, match="compressed, .* && unzstd --rm "):
        list(members(write(tmp_path / "a.tar", b"\x28\xb5\x2f\xfd" + bytes(900))))


def test_a_member_that_is_called_like_the_begin_of_what_is_compressed(tmp_path):
    file = write(tmp_path / "a.tar", tar({"BZh.jpg": b"x"}))
    assert [each.name for each in members(file)] == ["BZh.jpg"]


def sized(size: bytes) -> bytes:
    """``SOUND`` with another size in its first header, whose sum is right."""
    data = bytearray(SOUND)
    data[124:136] = size
    data[148:156] = b"%06o\0 " % (sum(data[:148]) + sum(data[156:BLOCK]) + 8 * 32)
    return bytes(data)


@pytest.mark.parametrize("size", [b"%011o\0" % 10**6, b"\x80" + (2**63 - 1).to_bytes(11, "big")])
def test_a_size_beyond_the_end_in_either_form(tmp_path, size):
    with pytest.raises(InputError, match="cut off, at byte 0"):
        list(members(write(tmp_path / "a.tar", sized(size))))


@pytest.mark.parametrize(
    "size",
    [
        *(b"-%010o\0" % 512, b"junk".ljust(12, b"\0"), b"0000000129 \0"),
        *(b"\xff" * 12, b"\x80" + (2**63).to_bytes(11, "big"), b"\x80" + b"\xff" * 11),
    ],
)
def test_a_size_that_no_file_has_is_damage(tmp_path, size):
    with pytest.raises(InputError, match="damaged at byte 0; copy or make it again"):
        list(members(write(tmp_path / "a.tar", sized(size))))


@pytest.mark.parametrize("kind", [b"L", b"K", b"x", b"g"])
def test_a_size_that_is_told_before_is_that_of_the_member(tmp_path, kind):
    """And of no header that lies between: these have sizes of their own."""
    record, text = b"12 size=700\n", {b"x": b"9 k=abcd\n", b"g": b"9 k=abcd\n"}.get(kind, b"n\0")
    blocks = b""
    for each, data in ((tarfile.XHDTYPE, record), (kind, text)):
        header = tarfile.TarInfo("x")
        header.type, header.size = each, len(data)
        blocks += header.tobuf(tarfile.USTAR_FORMAT) + data.ljust(BLOCK, b"\0")
    file = write(tmp_path / "a.tar", blocks + sized(b"%011o\0" % 0))
    found = list(members(file))
    assert [(each.offset, each.length) for each in found] == [(5 * BLOCK, 700), (8 * BLOCK, 1)]
    assert [each.name for each in found] == ["n" if kind == b"L" else "a.jpg", "b.jpg"]


@pytest.mark.parametrize(
    "records",
    [b"8 path=x", b"x path=a\n", b"0 \n", b"999999 path=a\n", b"4 a\n", b"8 size=x\n"]
    + [
        b"12 size=-%d\n" % 512,
        b"13 size=-1536\n",
        b"11 size=+9\n",
        b"-1 size=9\n",
        b"12 size=1_0\n",
    ],
)
def test_odd_pax_records_are_an_error(tmp_path, records):
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, len(records)
    data = header.tobuf(tarfile.USTAR_FORMAT) + records.ljust(BLOCK, b"\0") + SOUND
    with pytest.raises(InputError, match="damaged at byte 512"):
        list(members(write(tmp_path / "a.tar", data)))


def test_a_name_that_fills_the_memory_is_refused(tmp_path):
    header = tarfile.TarInfo("long")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 2**21
    data = header.tobuf(tarfile.GNU_FORMAT) + b"n" * 2**21 + SOUND
    with pytest.raises(InputError, match="a name of 2,097,152 bytes"):
        list(members(write(tmp_path / "a.tar", data)))


@pytest.mark.parametrize("between", [0, 2**21])
def test_tars_behind_one_another_are_not_read_by_half(tmp_path, between):
    with pytest.raises(InputError, match="something follows its end .*cat"):
        list(members(write(tmp_path / "a.tar", SOUND + bytes(between) + SOUND)))


def test_a_fifo_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.tar")
    with pytest.raises(OSError, match="is not a regular file"):
        list(members(tmp_path / "a.tar"))
