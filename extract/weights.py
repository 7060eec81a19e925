"""Weights: from torchvision's enum, a file or a seed; what a backbone needs; their digest."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlparse

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torchvision.models import get_model_weights

from core.errors import InputError, SettingError, choices, is_short_of_memory
from core.files import file_sha256
from extract.memory import said_when_short
from extract.presets import member_of, preset, said
from extract.settings import RANDOM, SUFFIXES
from extract.transform import Transform

MOST_FILE = 2**33  # bytes: more than three times torchvision's largest


@dataclass
class Weights:
    """A state dict, where it came from (for messages), and the transform that belongs to it.

    ``note`` says to a person which transform was taken where nothing tells; else it is empty.
    """

    name: str
    tensors: Mapping[str, Tensor]
    transform: Transform
    note: str = ""


def find_weights(
    model: str, wanted: str, *, make: Callable[[str], nn.Module], usual: Transform
) -> Weights:
    """Load the weights ``wanted`` of torchvision's ``model``.

    Args:
        model: torchvision's name.
        wanted: ``random``, a member of the model's enum, or the path of a file.
        make: builds the model by its name; called for ``random``.
        usual: the transform of ``random`` and of a file; an enum's member has its own, also as a
            file, whatever its name is.

    Raises:
        SettingError: ``wanted`` is neither ``random``, a member of the model's enum, nor a file.
        InputError: the file is missing or unreadable, or the download failed.
    """
    enum, path = get_model_weights(model), Path(wanted)
    with said_when_short(f"the weights {wanted}", "close other programs and try again"):
        if wanted == RANDOM:
            return Weights(f"{RANDOM}(seed=0)", _random(model, make), usual)
        if wanted in enum.__members__:
            return _download(enum[wanted])
        if path.suffix in SUFFIXES:
            return _from_file(model, path, usual)
    accepted = (*enum.__members__, RANDOM, *(f"PATH{suffix}" for suffix in SUFFIXES))
    raise SettingError(f"unknown weights {wanted!r} of {model}: {choices(wanted, accepted)}")


def needed_tensors(weights: Weights, model: nn.Module, network: nn.Module) -> dict[str, Tensor]:
    """The tensors that ``network`` depends on, as float32.

    Others, such as those of auxiliary heads, and batch normalisation's counters may be missing.

    Args:
        weights: what was loaded.
        model: torchvision's model; only the names and shapes of its tensors are read.
        network: of ``model``; it shares the modules, and so the tensors, that it uses.

    Raises:
        InputError: another key is missing or unexpected, has another shape, or is not finite.
    """
    known = model.state_dict(keep_vars=True)
    used = {id(tensor) for tensor in network.state_dict(keep_vars=True).values()}
    unused = {key for key in known if id(known[key]) not in used or key.endswith("_tracked")}
    tensors = weights.tensors
    where = f"the weights {weights.name} do not fit {type(model).__name__}"
    way_out = "give a state dict of the same torchvision model"
    missing = sorted(known.keys() - unused - tensors.keys())
    unexpected = sorted(tensors.keys() - known.keys())
    for kind, keys in (("missing", missing), ("unexpected", unexpected)):
        if keys:
            more = f" and {len(keys) - 1} more" if len(keys) > 1 else ""
            raise InputError(f"{where}: {kind} key {keys[0]!r}{more}; {way_out}")
    needed = {}
    for key in sorted(known.keys() - unused):
        if tensors[key].shape != known[key].shape:
            shapes = f"{list(tensors[key].shape)}, not {list(known[key].shape)}"
            raise InputError(f"{where}: {key!r} has the shape {shapes}; {way_out}")
        needed[key] = tensors[key].detach().float().contiguous()
        if not is_finite(needed[key]):
            raise InputError(f"{where}: {key!r} holds values that are not finite; {way_out}")
    return needed


def is_finite(values: Tensor) -> bool:
    """Whether no number of a float tensor is NaN or infinite."""
    # A sum takes one pass and no copy; where it overflows, each number is looked at.
    return bool(values.sum().isfinite() or values.isfinite().all())


def tensors_sha256(tensors: Mapping[str, Tensor]) -> str:
    """The SHA-256 of names, dtypes, shapes and bytes, whatever the order or the file format."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        values = tensors[name]
        digest.update(json.dumps([name, str(values.dtype), list(values.shape)]).encode())
        digest.update(values.numpy().data)
    return digest.hexdigest()


def _random(model: str, make: Callable[[str], nn.Module]) -> dict[str, Tensor]:
    with torch.random.fork_rng(devices=[]):
        # torch.manual_seed would seed every accelerator too, outside this fork
        torch.default_generator.manual_seed(0)
        return dict(make(model).state_dict())


def _download(member: Any) -> Weights:
    file = PurePosixPath(urlparse(member.url).path).name
    try:
        tensors = member.get_state_dict(
            progress=True, check_hash=True, map_location="cpu", weights_only=True
        )
    except Exception as error:  # every reader has errors of its own; none is our bug
        if is_short_of_memory(error):
            raise
        raise InputError(
            f"could not get {file} ({_reason(error)}); fetch {member.url} on a machine with a "
            f"network and pass it: --weights PATH/{file}"
        ) from error
    return Weights(member.name, tensors, preset(member))


def _from_file(model: str, path: Path, usual: Transform) -> Weights:
    sha256, tensors = _load(path)
    member = member_of(model, sha256)
    if member is not None:
        return Weights(path.name, tensors, preset(member))
    return Weights(path.name, tensors, usual, said(path.name, usual))


def _load(path: Path) -> tuple[str, dict[str, Tensor]]:
    """The SHA-256 of the file, and its tensors."""
    try:
        sha256 = file_sha256(path, most=MOST_FILE)
        if path.suffix == ".safetensors":
            return sha256, dict(load_file(path))
        state = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise InputError(f"no weights at {path}; check --weights") from None
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror or error}); give another --weights, or mend "
            "that and run the same command again"
        ) from error
    except Exception as error:  # every reader has errors of its own; none is our bug
        if is_short_of_memory(error):
            raise
        raise InputError(
            f"{path} cannot be read as weights ({_reason(error)}); save model.state_dict() again"
        ) from error
    tensors = dict(state) if isinstance(state, Mapping) else {}
    if not tensors or not all(_is_plain(value) for value in tensors.values()):
        raise InputError(
            f"{path} is not a state dict of plain tensors; save model.state_dict() alone"
        )
    return sha256, tensors


def _is_plain(value: object) -> bool:
    """Numbers that are there: no sparse, quantised or complex tensor, nor one without values."""
    if not isinstance(value, Tensor) or value.is_quantized or value.is_complex():
        return False
    return value.layout == torch.strided and value.device.type == "cpu"


def _reason(error: Exception) -> str:
    """One line of ``error``; torch's advice to open a refused file all the same is held back."""
    text = str(error).strip()
    if type(error).__name__ == "UnpicklingError" or "weights_only" in text:
        return "damaged, or more than tensors, which may run any program and is not opened"
    return (text or type(error).__name__).splitlines()[0]
