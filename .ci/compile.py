"""Compile what the tests import: a pip that compiles all that it installs takes four times as long.

Runs beside mypy, on the core that it leaves idle; a test that comes first compiles for itself.
"""

import importlib

import pytest

LATER = (
    *("faiss", "fastapi", "matplotlib.figure", "onnx", "onnxruntime", "onnxscript", "optuna"),
    *("sklearn.manifold", "sklearn.metrics", "torch.onnx", "torch.utils.tensorboard", "uvicorn"),
)
"""What is imported by no file's top, but where it is used."""

pytest.main(["--collect-only", "-qq", "-p", "no:cacheprovider"])
for name in LATER:
    importlib.import_module(name)
