"""A matrix that is written some rows at a time is what NumPy writes of the whole."""

from io import BytesIO

import numpy as np
import pytest

from core.matrix_written import write_matrix

WHOLE = np.random.default_rng(0).normal(size=(7, 3)).astype(np.float32)


@pytest.mark.parametrize("form", [WHOLE, np.asfortranarray(WHOLE), WHOLE.astype(">f4")])
@pytest.mark.parametrize("step", [1, 3, 7])
def test_it_is_to_the_byte_what_numpy_saves(form, step):
    stream, plain = BytesIO(), BytesIO()
    write_matrix(stream, 7, 3, (form[start : start + step] for start in range(0, 7, step)))
    np.save(plain, WHOLE, allow_pickle=False)
    assert stream.getvalue() == plain.getvalue()
