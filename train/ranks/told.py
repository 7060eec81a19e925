"""What rank 0 tells the others: facts that JSON holds, and tensors, as bytes."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import safetensors.torch
from torch import Tensor

KEY = "facts"


class Told(NamedTuple):
    """Facts as JSON values, and tensors by name, on the CPU."""

    facts: Any
    tensors: Mapping[str, Tensor] = {}

    def to_bytes(self) -> bytes:
        """Everything, the facts as a note of a tensor file."""
        return safetensors.torch.save(dict(self.tensors), {KEY: json.dumps(self.facts)})

    @staticmethod
    def of_bytes(data: bytes) -> "Told":
        """What ``to_bytes`` gave; numbers of JSON come back as the very same."""
        length = int.from_bytes(data[:8], "little")
        header = json.loads(data[8 : 8 + length])
        return Told(json.loads(header["__metadata__"][KEY]), safetensors.torch.load(data))
