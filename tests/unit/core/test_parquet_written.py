import json
import sys
from io import BytesIO

import numpy as np
import pytest

from core.errors import InputError
from core.parquet_written import write_parquet

pyarrow = pytest.importorskip("pyarrow", reason="make setup EXTRAS=1 installs pyarrow")
tables = pytest.importorskip("pyarrow.parquet")

COLUMNS = {"id": "text", "captions": "texts", "vector": 3}
VALUES = np.arange(15, dtype=np.float32).reshape(5, 3) / 7


def groups():
    for rows in (range(3), range(3, 5)):
        yield {
            "id": [f"p{row}" if row else None for row in rows],
            "captions": [[f"é {row}"] * row for row in rows],
            "vector": VALUES[rows.start : rows.stop],
        }


def written():
    stream = BytesIO()
    assert write_parquet(stream, COLUMNS, groups(), {"tencrop": json.dumps({"a": 1})}) == 5
    return stream.getvalue()


def test_a_table_is_read_back_to_the_bit_by_its_own_library():
    found = tables.read_table(BytesIO(written()))
    assert found.column_names == list(COLUMNS)
    assert str(found.schema.field("vector").type) == "fixed_size_list<element: float>[3]"
    assert np.array_equal(np.stack(found["vector"].to_numpy(zero_copy_only=False)), VALUES)
    assert found["id"].to_pylist() == [None, "p1", "p2", "p3", "p4"]
    assert found["captions"].to_pylist() == [[f"é {row}"] * row for row in range(5)]
    assert json.loads(found.schema.metadata[b"tencrop"]) == {"a": 1}


def test_each_group_is_a_group_of_rows():
    metadata = tables.ParquetFile(BytesIO(written())).metadata
    assert [metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)] == [3, 2]


def test_the_same_rows_are_the_same_bytes():
    assert written() == written()


def test_vectors_that_lie_apart_are_written_in_their_order():
    stream, values = BytesIO(), np.arange(24, dtype=np.float32).reshape(4, 6)[:, ::2]
    write_parquet(stream, {"vector": 3}, [{"vector": values}], {})
    found = tables.read_table(BytesIO(stream.getvalue()))
    assert np.array_equal(np.stack(found["vector"].to_numpy(zero_copy_only=False)), values)


def test_without_pyarrow_one_line_says_what_to_type(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match="not installed; install it, or choose another"):
        write_parquet(BytesIO(), COLUMNS, [], {})
