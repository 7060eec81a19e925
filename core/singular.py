"""The largest singular values of a large matrix, and their left vectors.

Block Lanczos on the matrix's square, every new block made orthogonal to all before it (Golub and
Van Loan 2013, 10.3.6); it ends when the vectors wanted are exact to `TOLERANCE`.
"""

import itertools

import numpy as np
import numpy.typing as npt

BLOCK, LOOK = 32, 4
"""Columns of a block; whether it is exact by now is looked at after so many blocks."""
TOLERANCE, TINY = 1e-6, 1e-7
"""Relative to the square of each; and to the largest value, below which one is rounding alone."""
ROWS = 1024
Floats = npt.NDArray[np.float64]


def largest(matrix: npt.NDArray[np.float32], count: int) -> tuple[Floats, Floats]:
    """The ``count`` largest singular values of a matrix, falling, and their left vectors.

    The same matrix gives the same bits, on one machine with as many threads. Of each vector the
    number that is largest without its sign is positive.

    Args:
        matrix: (N, M) float32, finite; products are taken in float64, some rows at a time.
        count: at least 1, at most N and M.

    Returns:
        (N, count) orthonormal columns, of a singular value 0 zeros; (count,) the values.
    """
    draw = np.random.default_rng(0)
    width = matrix.shape[1]
    block = _orthonormal(draw.standard_normal((width, min(BLOCK, width))))
    basis, images = block, _times(matrix, block)
    for step in itertools.count(1):
        grown = _times_turned(matrix, images[:, -block.shape[1] :])
        block, rest = _next(grown, basis)
        full = not block.shape[1]
        if full or (step % LOOK == 0 and images.shape[1] >= count):
            squares, mixed = np.linalg.eigh(images.T @ images)
            top = slice(None, -count - 1, -1)
            left = np.linalg.norm(rest @ mixed[-rest.shape[1] :, top], axis=0)
            if full or (left <= TOLERANCE * squares[top]).all():
                values = np.sqrt(squares[top].clip(min=0))
                return _signed(images @ mixed[:, top], values), values
        basis = np.hstack([basis, block])
        images = np.hstack([images, _times(matrix, block)])
    raise AssertionError("the basis has room for so many columns as the matrix")


def _next(grown: Floats, basis: Floats) -> tuple[Floats, Floats]:
    """What of ``grown`` is outside of the basis: orthonormal columns, and how they make it up.

    As many columns as still have room.
    """
    room = basis.shape[0] - basis.shape[1]
    outside = grown
    for _ in range(2):  # once leaves what rounding has put in
        outside = outside - basis @ (basis.T @ outside)
    if not room:
        return basis[:, :0], np.zeros((0, grown.shape[1]))
    block, rest = np.linalg.qr(outside)
    for _ in range(2):  # where nothing was left, what was divided was rounding alone
        block = _orthonormal(block - basis @ (basis.T @ block))
    return block[:, :room], rest


def _orthonormal(columns: Floats) -> Floats:
    found: Floats = np.linalg.qr(columns)[0]
    return found


def _times(matrix: npt.NDArray[np.float32], columns: Floats) -> Floats:
    """The matrix times the columns."""
    parts = [
        matrix[start : start + ROWS].astype(np.float64) @ columns
        for start in range(0, len(matrix), ROWS)
    ]
    return np.concatenate(parts)


def _times_turned(matrix: npt.NDArray[np.float32], columns: Floats) -> Floats:
    """The turned matrix times the columns."""
    total = np.zeros((matrix.shape[1], columns.shape[1]))
    for start in range(0, len(matrix), ROWS):
        rows = slice(start, start + ROWS)
        total += matrix[rows].astype(np.float64).T @ columns[rows]
    return total


def _signed(scaled: Floats, values: Floats) -> Floats:
    """Columns of the length of their values, as vectors with the sign that ``largest`` promises."""
    tiny = values <= values[:1].max(initial=0) * TINY
    vectors = scaled / np.where(tiny, 1, values)
    vectors[:, tiny] = 0
    peak = np.abs(vectors).argmax(0)
    return vectors * np.where(vectors[peak, np.arange(len(values))] < 0, -1, 1)
