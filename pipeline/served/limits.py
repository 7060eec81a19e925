"""How much one client, and all of them together, may take of the server."""

from dataclasses import dataclass

MEGABYTE = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bytes, characters, seconds and counts; what is more is refused, what is later is cut off.

    Attributes:
        upload: bytes of a picture that is searched by.
        uploads: bytes of all pictures that are being sent at once.
        query: characters of a sentence.
        head: bytes of a request's line and headers.
        head_seconds: from the first byte of a request, or the connection, to the end of its head.
        body_seconds: from there to the end of its body.
        taken_seconds: in which a client takes what was answered.
        drained_seconds: in which a client may still send what was refused already, so that it
            hears why.
        idle_seconds: in which a connection may wait for its next request.
        connections: at once.
        searches: threads that search; those that wait for a pass have the next one together.
        encodings: threads that look at pictures that are sent.
        decodings: threads that read pictures to be shown.
        waiting: requests that wait for each of these kinds of threads.
        pictures: bytes of the pictures that are kept as they were shown.
    """

    upload: int = 20 * MEGABYTE
    uploads: int = 128 * MEGABYTE
    query: int = 2_000
    head: int = 32 * 1024
    head_seconds: float = 10.0
    body_seconds: float = 60.0
    taken_seconds: float = 30.0
    drained_seconds: float = 5.0
    idle_seconds: int = 15
    connections: int = 256
    searches: int = 8
    encodings: int = 1
    decodings: int = 2
    waiting: int = 64
    pictures: int = 64 * MEGABYTE

    @property
    def too_long(self) -> str:
        """What is said of a sentence of more characters than ``query``."""
        return f"a sentence of more than {self.query:,} characters is not taken; ask a shorter one"
