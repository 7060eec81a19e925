"""Whoever is given a tensor or an array by a public function reads its shape there."""

import ast
import re

import pytest
from test_imports import FILES, ROOT

ROOMS = (
    "evaluate/scores/",
    *("train/encoders/", "train/losses/", "train/gallery/", "train/tasks/", "train/examples/"),
    *(
        "core/wordvectors.py",
        "core/caption_vectors.py",
        "core/singular.py",
    ),
)
SHAPE = re.compile(r"\((?:\w+|\.\.\.|\*\w+)?,[^()]*(?:\([^()]*\)[^()]*)*\)|\(\)|\(\w+ // 2,|scalar")
"""Such as ``(B, D)``, ``(B,)``, ``(...)``; a scalar is told by its word."""
KINDS = re.compile(r"\b(Tensor|NDArray|Floats|Block)\b")
HELD = [file for file in FILES if file.startswith(ROOMS)]


def public(body):
    """Public functions with the class around them, that of public classes alone."""
    for node in body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from public(node.body)


def passes_numbers(function):
    given = [*function.args.args, *function.args.kwonlyargs, function.args.vararg]
    kinds = [each.annotation for each in given if each and each.annotation]
    kinds += [function.returns] if function.returns else []
    return any(KINDS.search(ast.unparse(kind)) for kind in kinds)


@pytest.mark.parametrize("file", HELD)
def test_each_public_function_of_numbers_says_their_shapes(file):
    body = ast.parse((ROOT / file).read_text(encoding="utf-8")).body
    asked = [each for each in public(body) if passes_numbers(each)]
    silent = [each.name for each in asked if not SHAPE.search(ast.get_docstring(each) or "")]
    assert silent == []


def test_a_shape_is_told_from_words_in_brackets():
    for text in (
        "(B, D) float32",
        "(n,) bool",
        "Of (B, crops, ..., F)",
        "a scalar",
        "(B // 2, ...)",
    ):
        assert SHAPE.search(text)
    for text in ("as published (Chen et al. 2021)", "its rows (see above)", "Look up."):
        assert not SHAPE.search(text)
