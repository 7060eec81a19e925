"""Parquet tables: which column is what, which rows are one picture, and reading cells again."""

import errno
import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core import cells
from core.cells import Cell
from core.corpora import read_corpus
from core.errors import InputError
from core.files import IrregularFile
from core.parquet import Table, open_parquet
from core.places import place_sha256, read_place
from tests.layouts import layout, parquet

pyarrow = pytest.importorskip("pyarrow", reason="make setup EXTRAS=1 installs pyarrow")
pyarrow_parquet = pytest.importorskip("pyarrow.parquet")


def row(name, data=None, **more):
    return {"image": {"bytes": (data or name).encode(), "path": name}, **more}


def facts(corpus):
    """id -> (split, labels, bytes, captions)."""
    told = {image.id: [] for image in corpus.images}
    for caption, owner in zip(corpus.captions, corpus.owner, strict=True):
        told[corpus.images[owner].id].append(caption.text)
    return {i.id: (i.split, i.labels, read_place(i.place), told[i.id]) for i in corpus.images}


def test_hugging_faces_struct_with_lists_of_captions(tmp_path):
    rows = [
        row("c.jpg", caption=["A dog", "Dogs"], split="train", label=3),
        row("a.jpg", caption=["A cat"], split="validation", label=None),
        row("b.jpg", caption=[], split="test", label=0),
    ]
    corpus = read_corpus(layout(tmp_path, {"photos.parquet": rows}) / "photos.parquet")
    assert corpus.name == "photos"
    assert facts(corpus) == {
        "a.jpg": ("val", (), b"a.jpg", ["A cat"]),
        "b.jpg": ("test", ("0",), b"b.jpg", []),
        "c.jpg": ("train", ("3",), b"c.jpg", ["A dog", "Dogs"]),
    }
    assert [caption.id for caption in corpus.captions] == ["a.jpg#0", "c.jpg#0", "c.jpg#1"]


def test_numbered_captions_and_bytes_beside_names(tmp_path):
    rows = [
        {"filename": f"{n}.png", "jpg": str(n).encode(), "caption_1": "b", "caption_0": "a"}
        for n in range(2)
    ]
    found = facts(read_corpus(layout(tmp_path, {"x.parquet": rows})))
    assert {key: (data, texts) for key, (_, _, data, texts) in found.items()} == {
        "0.png": (b"0", ["a", "b"]),
        "1.png": (b"1", ["a", "b"]),
    }


def test_paths_lie_in_images_or_beside_the_table(tmp_path):
    for folder in ("images", "."):
        root = layout(
            tmp_path / folder / "data",
            {
                f"{folder}/a.jpg": "A",
                "t.parquet": [
                    {"image": "a.jpg", "text": "one"},
                    {"image": "a.jpg", "text": "two"},
                    {"image": None, "text": "of none"},
                ],
            },
        )
        corpus = read_corpus(root)
        (image,) = corpus.images
        assert image.place == root / folder / "a.jpg"
        assert [caption.text for caption in corpus.captions] == ["one", "two"]
        assert corpus.notes == ("1 row has no picture: left out",)


def test_rows_of_one_name_and_the_same_bytes_are_one_picture(tmp_path):
    rows = [row("a.jpg", caption="one"), row("b.jpg", caption="x"), row("a.jpg", caption="two")]
    found = facts(read_corpus(layout(tmp_path, {"x.parquet": rows})))
    assert {key: texts for key, (*_, texts) in found.items()} == {
        "a.jpg": ["one", "two"],
        "b.jpg": ["x"],
    }


def test_pictures_of_one_name_and_other_bytes_are_several(tmp_path):
    tables = {"train-0.parquet": [row("0.jpg", "A")], "test-0.parquet": [row("0.jpg", "B")]}
    corpus = read_corpus(layout(tmp_path, tables))
    assert {i.id: (i.split, read_place(i.place)) for i in corpus.images} == {
        "train-0/00000000": ("train", b"A"),
        "test-0/00000000": ("test", b"B"),
    }
    assert "several pictures have one name: the ids are the rows' numbers" in corpus.notes
    assert "train-0.parquet has no column of captions" in corpus.notes


@pytest.mark.parametrize("column", [{}, {"split": "train"}])
def test_tables_of_one_split_are_read_and_that_is_said(tmp_path, column):
    rows = [row(f"{n}.jpg", caption="x", **column) for n in range(2)]
    corpus = read_corpus(layout(tmp_path, {"train-00000.parquet": rows}))
    assert {image.split for image in corpus.images} == {"train"}
    assert [note.partition(":")[0] for note in corpus.notes] == (
        [] if column else ["all pictures are of the split 'train', by the files' names"]
    )


def test_rows_without_bytes_are_left_out_also_where_the_table_does_not_count_them(tmp_path):
    rows = [row("a.jpg", caption="x"), {"image": {"bytes": None, "path": "b.jpg"}, "caption": "x"}]
    for number, statistics in enumerate([True, False]):
        root = tmp_path / str(number)
        root.mkdir()
        parquet(root / "x.parquet", rows, write_statistics=statistics)
        corpus = read_corpus(root)
        assert [image.id for image in corpus.images] == ["a.jpg"]
        assert corpus.notes == ("1 row has no picture: left out",)
        assert corpus.left_out == ("x/00000001: no picture",)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"caption": "x"}], "no column of pictures among caption; call"),
        ([{"img": b"x", "photo": b"x"}], "'img' and 'photo' may be the column 'image'; call"),
        ([row("../a.jpg")], "row 0: picture '../a.jpg' must be a path inside"),
        ([row("a.jpg", split="trian")], "unknown split 'trian': .*'train'"),
        ([row("a.jpg", label="x"), row("a.jpg", label="y")], "'a.jpg' has the labels 'x' and 'y'"),
        ([row("a.jpg", split=1)], "the column 'split' is of type int64; write texts"),
        ([row("a.jpg", text="x", sentence="y")], "'text' and 'sentence' may be the column"),
    ],
)
def test_a_fault_is_one_line(tmp_path, rows, message):
    with pytest.raises(InputError, match=message) as caught:
        read_corpus(layout(tmp_path, {"x.parquet": rows}))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["caption", "text", "caption_0"])
def test_captions_of_another_type_are_said_to_be_so(tmp_path, name):
    corpus = read_corpus(layout(tmp_path, {"x.parquet": [row("a.jpg", **{name: 5})]}))
    assert corpus.captions == ()
    assert corpus.notes == (
        f"x.parquet has no column of captions: {name!r} is of type int64, and captions are texts "
        "or lists of texts",
    )


def test_a_column_that_is_called_like_a_field_is_refused_where_it_is_used(tmp_path):
    told = {**row("a.jpg", caption="x"), "note": {"x": 1}, "note.x": 2}
    assert len(read_corpus(layout(tmp_path / "1", {"x.parquet": [told]})).captions) == 1
    layout(tmp_path / "2", {"x.parquet": [{**told, "image.bytes": b"others"}]})
    with pytest.raises(
        InputError, match="two columns are called 'image.bytes' .*renamed"
    ) as caught:
        read_corpus(tmp_path / "2")
    assert "\n" not in str(caught.value)


def test_a_cell_that_is_too_large_is_refused(tmp_path):
    layout(tmp_path, {"x.parquet": [row("a.jpg", "12345")]})
    cell = Cell(tmp_path / "x.parquet", "image.bytes", 0)
    assert read_place(cell, most=5) == b"12345"
    with pytest.raises(IrregularFile, match="is larger than 4 bytes") as caught:
        read_place(cell, most=4)
    assert (caught.value.errno, caught.value.filename) == (errno.EFBIG, str(cell.file))


@pytest.mark.parametrize("damage", [b"", b"PAR1", b"no parquet at all", None])
def test_what_is_no_sound_table(tmp_path, damage):
    layout(tmp_path, {"x.parquet": [row(f"{n}.jpg", caption="x") for n in range(9)]})
    whole = (tmp_path / "x.parquet").read_bytes()
    (tmp_path / "x.parquet").write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    with pytest.raises(InputError, match="x.parquet: no sound Parquet table") as caught:
        read_corpus(tmp_path)
    assert "\n" not in str(caught.value)


def test_encrypted_columns_are_refused_before_one_is_asked_for(tmp_path):
    """In a child: to ask such a column ends a process."""
    names = {"footer_key": "f", "column_keys": {"c": ["caption"]}, "plaintext_footer": True}
    code = f"""
import base64, pyarrow as pa, pyarrow.parquet as pq, pyarrow.parquet.encryption as pe
class Keys(pe.KmsClient):
    def __init__(self, config): super().__init__()
    def wrap_key(self, key, name): return base64.b64encode(key)
    def unwrap_key(self, key, name): return base64.b64decode(key)
factory = pe.CryptoFactory(Keys)
how = factory.file_encryption_properties(
    pe.KmsConnectionConfig(), pe.EncryptionConfiguration(**{names!r}))
table = pa.table({{"image": [b"x"], "caption": ["A dog"]}})
with pq.ParquetWriter("x.parquet", table.schema, encryption_properties=how) as writer:
    writer.write_table(table)
from core.corpora import read_corpus
from core.errors import InputError
from pathlib import Path
try:
    read_corpus(Path("x.parquet"))
except InputError as error:
    print(error)
"""
    path = os.pathsep.join([str(Path(__file__).parents[3]), os.environ.get("PYTHONPATH", "")])
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stdout == "x.parquet: its columns are encrypted; write it again without that\n"


def test_a_text_that_is_none_is_one_line(tmp_path):
    texts = pyarrow.array([b"caf\xe9"]).cast(pyarrow.binary())
    bad = pyarrow.Array.from_buffers(pyarrow.string(), 1, texts.buffers())
    table = pyarrow.table({"image": [b"x"], "caption": bad})
    pyarrow_parquet.write_table(table, tmp_path / "x.parquet")
    with pytest.raises(InputError, match="x.parquet: no sound Parquet table .*utf-8"):
        read_corpus(tmp_path)


def test_without_pyarrow_one_line_says_what_to_type(tmp_path, monkeypatch):
    layout(tmp_path, {"x.parquet": [row("a.jpg")]})
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match="x.parquet: .*pyarrow.* make setup EXTRAS=1$"):
        read_corpus(tmp_path)


@pytest.fixture
def table(tmp_path):
    """Two hundred pictures in groups of sixty, and what is in each."""
    draw = random.Random(0)
    data = [draw.randbytes(draw.randrange(3000)) for _ in range(200)]
    rows = [{"image": {"bytes": each, "path": f"{n}.jpg"}} for n, each in enumerate(data)]
    parquet(tmp_path / "x.parquet", rows, row_group_size=60)
    return tmp_path / "x.parquet", data


@pytest.mark.parametrize(
    ("window", "kept"), [(2**23, 2**27), (5000, 2**27), (5000, 1), (1, 20_000)]
)
@pytest.mark.parametrize("order", ["forwards", "backwards", "any"])
def test_cells_are_the_same_in_any_order_and_window(table, monkeypatch, window, kept, order):
    file, data = table
    monkeypatch.setattr(cells, "WINDOW", window)
    monkeypatch.setattr(cells, "KEPT", kept)
    cells._column.cache_clear()
    rows = list(range(len(data)))
    rows = rows[::-1] if order == "backwards" else rows
    if order == "any":
        random.Random(1).shuffle(rows)
    places = [Cell(file, "image.bytes", n) for n in rows]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(read_place, places)) == [data[n] for n in rows]
    held = cells._column(file, "image.bytes", *cells.version(file))
    assert len(held._kept) == 1 or sum(map(cells._size, held._kept.values())) <= kept
    cells._column.cache_clear()


def test_large_row_groups_are_read_once_and_kept_on_disk(table, monkeypatch):
    file, data = table
    monkeypatch.setattr(cells, "LARGE", 60_000)
    cells._column.cache_clear()
    walked = []
    real = Table.windows

    def windows(self, column, group, *more):
        walked.append(group)
        return real(self, column, group, *more)

    monkeypatch.setattr(Table, "windows", windows)
    rows = list(range(len(data)))
    random.Random(2).shuffle(rows)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(read_place, [Cell(file, "image.bytes", n) for n in rows]))
    assert found == [data[n] for n in rows]
    assert [walked.count(group) for group in range(3)] == [1, 1, 1]  # the fourth is small
    held = cells._column(file, "image.bytes", *cells.version(file))
    assert sorted(held._spools) == [0, 1, 2]
    cells._column.cache_clear()


def test_large_row_groups_are_said(tmp_path, monkeypatch):
    monkeypatch.setattr("core.corpora._parquet_rows.LARGE", 1000)
    corpus = read_corpus(layout(tmp_path, {"x.parquet": [row("a.jpg", "x" * 2000, caption="x")]}))
    (note,) = corpus.notes
    assert note.startswith("x.parquet has large row groups: while its pictures are read, ")


def test_no_more_than_a_window_is_decoded_at_once(table):
    file, data = table
    found = open_parquet(file)
    group, first = found.group_of(130)
    assert (group, first) == (2, 120)
    windows = list(found.windows("image.bytes", group, first, 10_000))
    assert [v for _, values in windows for v in values] == data[120:180]
    assert max(len(values) for _, values in windows) < 20
    assert [found.group_of(n)[0] for n in (-1, 0, 59, 60, 199, 200)] == [-1, 0, 0, 1, 3, -1]


def test_a_table_that_is_written_anew_is_read_anew(table):
    file, data = table
    place = Cell(file, "image.bytes", 0)
    before = place_sha256(place)
    parquet(file, [{"image": {"bytes": b"other", "path": "0.jpg"}}])
    assert read_place(place) == b"other"
    assert place_sha256(place) != before
    with pytest.raises(IrregularFile, match="no picture in this row"):
        read_place(Cell(file, "image.bytes", 1))
    file.unlink()
    with pytest.raises(FileNotFoundError):
        read_place(place)
