"""The format ``tencrop-similarity/1``, and the least that a matrix of others has."""

FORMAT = "tencrop-similarity/1"
MARK = FORMAT.partition("/")[0].encode()
FRONT = 512
"""Bytes in front of those that HDF5 reads; they hold the SHA-256 of all behind them."""
VALUE = "similarity"
SIDES = ("image_id", "caption_id", "owner")
SLACK = ("image_slack", "caption_slack")
FACTS = "facts"


def front(digest: str) -> bytes:
    """The first bytes of a file whose others have this SHA-256."""
    return f"{FORMAT}\nsha256 {digest}\n".encode().ljust(FRONT, b"\0")
