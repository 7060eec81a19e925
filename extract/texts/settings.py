"""The options of stage one that captions have too."""

from typing import Literal

from pydantic import Field

from core.settings import Settings

BATCH = 256


class TextSettings(Settings):
    """What a person chooses of the vectors of captions, but for the encoder itself."""

    dtype: Literal["float32", "float16"] = Field("float32", description="Of the stored numbers.")
    shard_size: int = Field(1024, ge=1, description="Captions a shard.")
    batch_size: int | None = Field(None, ge=1, description="Sentences a call of the encoder.")

    @property
    def batch(self) -> int:
        """How many sentences the encoder is given at once, at most."""
        return self.batch_size or BATCH
