"""The file of a sweep: one corpus, and grids or a study of recipes, caches, settings and seeds.

data = "../flickr8k"           # paths are relative to the file
choose = "recipe"              # one configuration of each recipe; "one" of all, "grid" of each
[grid]                         # every combination; or several tables [[grid]]
recipe = ["vse++w", "bag"]
cache = ["work/features/a", ["work/features/a", "work/features/b"]]
# or those that each recipe wants, made as `all` makes them, with options of stage one:
# features = { backbone = ["mobilenet_v2", "vgg19"], weights = ["m.safetensors", "DEFAULT"] }
# which is one run on both; to compare them, a table [[grid]] of each
seed = [0, 1, 2]
set.lr = [0.001, 0.002]        # the keys of --set
[study]                        # in the place of a grid: so many trials, drawn by Optuna
trials = 30
set.lr = { low = 1e-4, high = 1e-2, log = true }
"""

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import InputError, SettingError, choices
from core.files import IrregularFile, json_sha256, read_regular
from pipeline.stages.terms import CorpusAt
from pipeline.sweeps.points import Grid
from pipeline.sweeps.stage_one import stage_one
from pipeline.sweeps.values import axis, is_json, numbers, options, refuse_twice, words

TOP = ("data", "format", "choose", "grid", "study")
GRID = ("name", "recipe", "cache", "features", "seed", "set")
STUDY = (*GRID, "trials", "sampler_seed")
CHOOSE = ("one", "recipe", "grid")


@dataclass(frozen=True, slots=True)
class Sweep:
    """What a file asks for.

    ``choose`` says of what one configuration is chosen each: of all (``one``), of each ``recipe``,
    or of each ``grid``. ``asked`` is the file as JSON values.
    """

    name: str
    data: CorpusAt
    choose: str
    grids: tuple[Grid, ...]
    asked: dict[str, Any]

    @property
    def studies(self) -> list[Grid]:
        """Those of which the configurations are drawn."""
        return [grid for grid in self.grids if grid.trials is not None]

    @property
    def digest(self) -> str:
        """The SHA-256 of what the file says."""
        return json_sha256(self.asked)


def read_sweep(file: Path) -> Sweep:
    """The sweep in ``file``.

    Raises:
        SettingError: it is no TOML, or says what no sweep says.
        InputError: it is not there, or no file.
    """
    asked = _toml(file)
    refuse_unknown(asked, TOP, "")
    if not is_json(asked):
        raise SettingError(f"{file}: a date or a time is no value here; put it in quotes")
    if not isinstance(asked.get("data"), str):
        raise SettingError(f'{file}: data is missing; write data = "FOLDER", one corpus')
    choose = asked.get("choose", CHOOSE[0])
    if choose not in CHOOSE:
        raise SettingError(f"{file}: choose = {choose!r}: {choices(str(choose), CHOOSE)}")
    corpus = CorpusAt(file.parent / asked["data"], str(asked.get("format", "auto")))
    grids = tuple(_grids(asked, file.parent))
    if not grids:
        raise SettingError(f"{file}: it asks for no run; write a table [grid], or [study]")
    return Sweep(file.stem, corpus, choose, grids, asked)


def refuse_unknown(table: Mapping[str, Any], accepted: Collection[str], where: str) -> None:
    """Refuse a key that is none of ``accepted``."""
    for key in table.keys() - set(accepted):
        inside = f"{where}: " if where else ""
        raise SettingError(f"sweep: {inside}unknown key {key!r}: {choices(key, accepted)}")


def _toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read_regular(file).decode())
    except IrregularFile as error:
        raise InputError(f"{file} {error.strerror}; give the path of a .toml file") from None
    except FileNotFoundError:
        raise InputError(f"{file} is not there; give the path of a sweep's .toml file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingError(f"{file} is not TOML: {error}; mend that line") from None


def _grids(asked: Mapping[str, Any], home: Path) -> Iterator[Grid]:
    """Of each table one; several of a kind are ``[[grid]]`` in TOML."""
    for kind, accepted in (("grid", GRID), ("study", STUDY)):
        given = asked.get(kind, [])
        tables = given if isinstance(given, list) else [given]
        for number, table in enumerate(tables, start=1):
            where = f"{kind} {number}" if len(tables) > 1 else kind
            if not isinstance(table, Mapping):
                raise SettingError(f"sweep: {kind} = {table!r}: write a table, [{kind}]")
            refuse_unknown(table, accepted, where)
            yield _grid(table, where, home, study=kind == "study")


def _grid(table: Mapping[str, Any], where: str, home: Path, *, study: bool) -> Grid:
    recipes = words(table, "recipe", where)
    settings = {
        key: axis(value, f"{where}: set.{key}", ranges=study)
        for key, value in options(table.get("set", {}), where)
    }
    trials, sampler = (
        (numbers(table, "trials", where, least=1)[0], numbers(table, "sampler_seed", where)[0])
        if study
        else (None, 0)
    )
    return Grid(
        name=str(table.get("name", where)),
        recipes=tuple(_recipe(name, home) for name in recipes),
        caches=tuple(_caches(table, where, home)),
        features=stage_one(table.get("features", {}), where, home),
        settings=settings,
        seeds=numbers(table, "seed", where),
        trials=trials,
        sampler_seed=sampler,
    )


def _recipe(name: str, home: Path) -> str:
    """A name, or where it is a file, its path."""
    return str(home / name) if name.endswith(".toml") else name


def _caches(table: Mapping[str, Any], where: str, home: Path) -> Iterator[tuple[Path, ...]]:
    """The caches of each run: a name or path, or a list of them; none where the recipe says."""
    given: Any = table.get("cache")
    if "features" in table:
        if given is not None:
            raise SettingError(f"sweep: {where}: give cache or features, not both")
        yield ()
        return
    every = given if isinstance(given, list) else [given]
    refuse_twice(every, f"{where}: cache")
    for each in every:
        several = each if isinstance(each, list) else [each]
        if not several or not all(isinstance(name, str) and name for name in several):
            raise SettingError(
                f"sweep: {where}: cache = {each!r}: give the folder of a feature cache, or in a "
                "list those of one run; or with features = {} those that the recipe wants"
            )
        yield tuple(home / name for name in several)
