"""Who may import whom, one owner per library, and the calls that are forbidden: read with ast."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAYERS = ("core", "extract", "train", "evaluate", "pipeline")
# What each layer may import besides itself and the standard library.
ALLOWED = {
    "core": {"numpy", "h5py", "pydantic", "nltk", "PIL", "pyarrow", "scipy"},
    "extract": {
        *("core", "numpy", "torch", "torchvision", "PIL", "pydantic", "safetensors"),
        *("sentence_transformers", "huggingface_hub"),
    },
    "train": {"core", "numpy", "torch", "pydantic", "safetensors"},
    "evaluate": {"core", "numpy", "torch", "pydantic"},
}
SERVES = ("fastapi", "starlette", "uvicorn", "h11")
DRAWS = ("matplotlib", "sklearn", "threadpoolctl", "umap")
EVERYTHING = {*LAYERS, "torchvision", "click", "tqdm", "optuna", "faiss", *DRAWS, *SERVES}.union(
    *ALLOWED.values()
)
ALLOWED |= {"pipeline": EVERYTHING, "benchmarks": EVERYTHING | {"playwright"}}
OWNER = {
    "h5py": "core/hdf5/",
    "pyarrow": "core/parquet",
    "scipy": "core/mat.py",
    "sentence_transformers": "extract/texts/transformers.py",
    "huggingface_hub": "extract/texts/transformers.py",
    "click": "pipeline/",
    "tqdm": "pipeline/",
    "matplotlib": "pipeline/plots/",
    "sklearn": "pipeline/mapped/neighbours.py",
    "threadpoolctl": "pipeline/mapped/neighbours.py",
    "umap": "pipeline/mapped/neighbours.py",
    "optuna": "pipeline/sweeps/study.py",
    "playwright": "benchmarks/first_results.py",
    "faiss": "pipeline/indexed/library.py",
    "pickle": "pipeline/foreign/apart.py",
    **dict.fromkeys(SERVES, "pipeline/served/"),
}
NOWHERE = {"cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
FILES = sorted(
    path.relative_to(ROOT).as_posix() for layer in ALLOWED for path in (ROOT / layer).rglob("*.py")
)


def imported(tree: ast.Module) -> Iterator[str]:
    """Every dotted name that a module imports, at its top or inside a function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            dots = "." * node.level
            yield from (f"{dots}{node.module or ''}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id == "torch" and node.attr == "nn":
                yield "torch.nn"
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _stage_named(node.value)


def _stage_named(text: str) -> Iterator[str]:
    """``text`` if it is the name of one of our modules: it is there to be imported."""
    stage, dot, rest = text.partition(".")
    if dot and stage in LAYERS and all(part.isidentifier() for part in rest.split(".")):
        path = ROOT.joinpath(*text.split("."))
        if path.is_dir() or path.with_suffix(".py").is_file():
            yield text


def violations(file: str, source: str) -> list[str]:
    """What ``source`` imports although ``file`` (a path from the root) may not."""
    layer = file.split("/")[0]
    allowed = ALLOWED[layer] | {layer}
    found = []
    for name in imported(ast.parse(source)):
        top = name.split(".")[0]
        owner = OWNER.get(top)
        if name.startswith("."):
            found.append(f"{file}: relative import of {name}")
        elif top in NOWHERE:
            found.append(f"{file}: {top} is imported nowhere")
        elif owner and not file.startswith(owner):
            found.append(f"{file}: only {owner} imports {top}")
        elif layer == "evaluate" and f"{name}.".startswith("torch.nn."):
            found.append(f"{file}: {name} in evaluate")
        elif top not in allowed and top not in sys.stdlib_module_names:
            found.append(f"{file}: {layer} may not import {name}")
    return found


def forbidden_calls(file: str, source: str) -> list[str]:
    """Calls and switches that load code, hide damage, or empty a file that someone holds."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            words = {word.arg: word.value for word in node.keywords}
            if _constant(words.get("allow_pickle")) is True:
                found.append(f"{file}:{node.lineno}: allow_pickle=True")
            if "weights_only" in words and _constant(words["weights_only"]) is not True:
                found.append(f"{file}:{node.lineno}: weights_only is not True")
            if called == "torch.load" and "weights_only" not in words:
                found.append(f"{file}:{node.lineno}: torch.load without weights_only=True")
            if called in ("h5py.File", "File"):
                mode = words.get("mode") or (node.args[1] if len(node.args) > 1 else None)
                if mode is not None and _constant(mode) != "r" and not _in_memory(node.args[0]):
                    found.append(f"{file}:{node.lineno}: h5py.File opened for writing")
        elif isinstance(node, ast.Assign) and "LOAD_TRUNCATED_IMAGES" in ast.unparse(node):
            found.append(f"{file}:{node.lineno}: LOAD_TRUNCATED_IMAGES is set")
    return found


def _in_memory(opened: ast.expr) -> bool:
    """Whether what is opened is bytes that the same call makes: ``laid := BytesIO()``."""
    return isinstance(opened, ast.NamedExpr) and ast.unparse(opened.value) == "BytesIO()"


def _constant(node: ast.expr | None) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def test_there_are_files_of_every_layer() -> None:
    assert {file.split("/")[0] for file in FILES} == set(ALLOWED)


@pytest.mark.parametrize("file", FILES)
def test_imports(file: str) -> None:
    source = (ROOT / file).read_text(encoding="utf-8")
    assert violations(file, source) == []


@pytest.mark.parametrize("file", FILES)
def test_forbidden_calls(file: str) -> None:
    source = (ROOT / file).read_text(encoding="utf-8")
    assert forbidden_calls(file, source) == []


REFUSED = [
    ("core/text.py", "import torch"),
    ("core/text.py", "from train.loop import fit"),
    ("core/text.py", "from torch import Tensor"),
    ("core/text.py", "def late():\n    import pipeline.cli"),
    ("core/text.py", "import h5py"),
    ("core/store/reader.py", "from h5py import File"),
    ("core/store/shard.py", "import h5py"),
    ("core/cells.py", "import pyarrow.parquet"),
    ("core/text.py", "import importlib\nimportlib.import_module('train.losses')"),
    ("core/text.py", "import pickle"),
    ("core/text.py", "import requests"),
    ("extract/run.py", "import train.loop"),
    ("extract/run.py", "from evaluate import ranking"),
    ("extract/run.py", "import click"),
    ("extract/run.py", "from tqdm import tqdm"),
    ("train/loop.py", "import h5py"),
    ("train/loop.py", "from torchvision import models"),
    ("train/loop.py", "from extract import images"),
    ("train/loop.py", "import evaluate"),
    ("train/loop.py", "from . import data"),
    ("train/loop.py", "from .data import Pairs"),
    ("train/loop.py", "from .. import core"),
    ("evaluate/ranking.py", "import torch.nn"),
    ("evaluate/ranking.py", "from torch import nn"),
    ("evaluate/ranking.py", "from torch.nn import functional"),
    ("evaluate/ranking.py", "import torch\ntorch.nn.functional.normalize(x)"),
    ("evaluate/ranking.py", "import train"),
    ("pipeline/cli.py", "import h5py"),
    ("pipeline/cli.py", "import pickle"),
    ("pipeline/cli.py", "from matplotlib.figure import Figure"),
    ("pipeline/sweeps/file.py", "import optuna"),
    ("pipeline/stages/serve.py", "from fastapi import FastAPI"),
    ("pipeline/commands/index.py", "import faiss"),
]


@pytest.mark.parametrize(("file", "source"), REFUSED)
def test_the_checker_refuses(file: str, source: str) -> None:
    assert len(violations(file, source)) == 1


ACCEPTED = [
    ("core/hdf5/places.py", "import h5py\nimport numpy as np\nfrom core.errors import CacheError"),
    ("core/text.py", "import json\nfrom collections.abc import Iterator\n'train.json'"),
    ("extract/run.py", "import torchvision\nfrom PIL import Image\nfrom core import files"),
    ("train/loop.py", "from torch import nn\nimport torch.nn.functional as F"),
    ("evaluate/ranking.py", "import torch\nfrom torch import Tensor\nx = 'core.corpora'"),
    ("pipeline/cli.py", "import click\nfrom train import loop\nfrom evaluate import report"),
]


@pytest.mark.parametrize(("file", "source"), ACCEPTED)
def test_the_checker_accepts(file: str, source: str) -> None:
    assert violations(file, source) == []


@pytest.mark.parametrize(
    "source",
    [
        "torch.load(path, weights_only=False)",
        "torch.load(path)",
        "torch.load(path, weights_only=trusted)",
        "np.load(path, allow_pickle=True)",
        "ImageFile.LOAD_TRUNCATED_IMAGES = True",
        "h5py.File(path, 'w')",
        "h5py.File(path, mode='a')",
        "h5py.File(path, mode)",
        "h5py.File(laid := path, 'w')",
    ],
)
def test_the_checker_refuses_calls(source: str) -> None:
    assert len(forbidden_calls("core/x.py", source)) == 1


def test_the_checker_accepts_calls() -> None:
    source = (
        "torch.load(path, weights_only=True)\nnp.load(path, allow_pickle=False)\n"
        "h5py.File(path, 'r')\nh5py.File(path)\nh5py.File.in_memory()\n"
        "h5py.File(laid := BytesIO(), 'w')"
    )
    assert forbidden_calls("core/x.py", source) == []
