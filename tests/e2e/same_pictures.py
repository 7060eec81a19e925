"""The same pictures and captions in each layout that can be read."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.layouts import layout

Pictures = Mapping[str, bytes]
Captions = Mapping[str, Sequence[str]]
Files = Callable[[Pictures, Captions], dict[str, Any]]
SPLITS = ("train", "train", "train", "val", "test")


def split_of(number: int) -> str:
    """Three of five are trained on."""
    return SPLITS[number % len(SPLITS)]


def _in(folder: str, pictures: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{folder}{name}": data for name, data in pictures.items()}


def _rows(captions: Captions) -> list[tuple[str, str]]:
    return [(name, text) for name, texts in captions.items() for text in texts]


def _csv(captions: Captions) -> str:
    return "image,caption\n" + "".join(f'{name},"{text}"\n' for name, text in _rows(captions))


def _karpathy(pictures: Pictures, captions: Captions) -> dict[str, Any]:
    listed = [
        {
            "filename": name,
            "split": split_of(number),
            "sentences": [{"raw": text} for text in captions[name]],
        }
        for number, name in enumerate(pictures)
    ]
    return {**_in("images/", pictures), "dataset_x.json": json.dumps({"images": listed})}


def _lists(pictures: Pictures) -> dict[str, str]:
    kinds = {"train": "train", "val": "dev", "test": "test"}
    return {
        f"Flickr_8k.{kind}Images.txt": "".join(
            f"{name}\n" for number, name in enumerate(pictures) if split_of(number) == split
        )
        for split, kind in kinds.items()
    }


def _tokens(pictures: Pictures, captions: Captions) -> dict[str, Any]:
    told = [f"{n}#{k}\t{t}\n" for n, texts in captions.items() for k, t in enumerate(texts)]
    tokens = {"x.token.txt": "".join(told)}
    return {**_in("Flicker8k_Dataset/", pictures), **_lists(pictures), **tokens}


def _released(pictures: Pictures, captions: Captions) -> dict[str, Any]:
    texts = {name: told for name, told in _tokens(pictures, captions).items() if "/" not in name}
    return {**_in("Flickr8k_Dataset/Flicker8k_Dataset/", pictures), **_in("Flickr8k_text/", texts)}


def _results(pictures: Pictures, captions: Captions) -> dict[str, Any]:
    told = [f"{n}| {k}| {t}\n" for n, texts in captions.items() for k, t in enumerate(texts)]
    table = "image_name| comment_number| comment\n" + "".join(told)
    folder = "flickr30k_images/flickr30k_images/"
    return {**_in(folder, pictures), "flickr30k_images/results.csv": table}


def _coco(pictures: Pictures, captions: Captions) -> dict[str, Any]:
    files = _in("images/", pictures)
    for split in dict.fromkeys(SPLITS):
        part = [(n, name) for n, name in enumerate(pictures) if split_of(n) == split]
        told = [(n, k, text) for n, name in part for k, text in enumerate(captions[name])]
        files[f"annotations/captions_{split}2017.json"] = json.dumps(
            {
                "images": [{"id": n, "file_name": name} for n, name in part],
                "annotations": [
                    {"id": 100 * n + k, "image_id": n, "caption": text} for n, k, text in told
                ],
            }
        )
    return files


def _texts(pictures: Pictures, captions: Captions) -> dict[str, Any]:
    texts = {Path(n).stem + ".txt": "\r\n".join(told) for n, told in captions.items()}
    return {**pictures, **texts}


def _classes(pictures: Pictures, captions: Captions) -> dict[str, Any]:
    return {
        f"{split_of(number)}/{('dog', 'cat')[number % 2]}/{name}": data
        for number, (name, data) in enumerate(pictures.items())
    }


def _tars(pictures: Pictures, captions: Captions) -> dict[str, Any]:
    tars: dict[str, Any] = {}
    for number, (name, data) in enumerate(pictures.items()):
        members = tars.setdefault(f"{split_of(number)}-{number // 20:04}.tar", {})
        members[name] = data
        members[Path(name).stem + ".json"] = json.dumps({"captions": list(captions[name])})
    return tars


def _table(pictures: Pictures, captions: Captions) -> dict[str, Any]:
    rows = [
        {"image": {"bytes": data, "path": name}, "caption": list(captions[name])}
        for name, data in pictures.items()
    ]
    return {
        f"data/{split}-00000.parquet": [
            row for number, row in enumerate(rows) if split_of(number) == split
        ]
        for split in dict.fromkeys(SPLITS)
    }


def _paths(pictures: Pictures, captions: Captions) -> dict[str, Any]:
    rows = [{"file_name": name, "text": text} for name, text in _rows(captions)]
    return {**_in("images/", pictures), "all.parquet": rows}


TOLD: dict[str, Files] = {
    "karpathy_json": _karpathy,
    "flickr_tokens": _tokens,
    "flickr_tokens as released": _released,
    "flickr_results": _results,
    "coco_captions": _coco,
    "folder": lambda pictures, captions: {
        **_in("images/", pictures),
        "captions.csv": _csv(captions),
    },
    "kaggle_captions": lambda pictures, captions: {
        **_in("Images/", pictures),
        **_lists(pictures),
        "captions.txt": _csv(captions),
    },
    "txt_beside": _texts,
    "webdataset": _tars,
    "parquet": _table,
    "parquet of paths": _paths,
}
"""Layouts with captions."""
SILENT: dict[str, Files] = {
    "class_folders": _classes,
    "pictures": lambda pictures, captions: (
        {"flat.jpg": next(iter(pictures.values()))}
        | _in("deep/er/", dict(list(pictures.items())[1:]))
    ),
}
"""Layouts without."""


def laid_out(folder: Path, name: str, pictures: Pictures, captions: Captions) -> Path:
    """The pictures as the layout ``name`` in ``folder``."""
    return layout(folder, (TOLD | SILENT)[name](pictures, captions))
