"""What a sweep's file asks for: its points, and what is refused in one line."""

from pathlib import Path

import pytest

from core.errors import InputError, SettingError
from pipeline.sweeps.file import Sweep, read_sweep
from pipeline.sweeps.points import Range

GRID = 'data = "photos"\n[grid]\nrecipe = "bag"\ncache = "f/a"\n'


def read(folder: Path, text: str) -> Sweep:
    (folder / "mine.toml").write_text(text, encoding="utf-8")
    return read_sweep(folder / "mine.toml")


def test_the_points_are_the_product_of_all_that_is_listed(tmp_path: Path) -> None:
    text = """
        data = "../photos"
        [grid]
        recipe = ["vse++w", "own.toml"]
        cache = ["f/a", ["f/a", "f/b"]]
        seed = [3, 1]
        set.lr = [0.001, 0.002]
        set.text.dropout = 0.5
        set.optimiser = { name = "adam", betas = [[0.9, 0.99], [0.8, 0.9]] }
    """
    slow = []
    for recipe in ("vse++w", str(tmp_path / "own.toml")):
        for caches in ([tmp_path / "f/a"], [tmp_path / "f/a", tmp_path / "f/b"]):
            for lr in ("0.001", "0.002"):
                for betas in ("[0.9, 0.99]", "[0.8, 0.9]"):
                    for seed in (3, 1):
                        own = [f"lr={lr}", "text.dropout=0.5", 'optimiser.name="adam"']
                        slow.append((recipe, caches, [*own, f"optimiser.betas={betas}"], seed))
    (grid,) = read(tmp_path, text).grids
    found = [
        (
            each.configuration.recipe,
            [*each.configuration.caches],
            [*each.configuration.assignments],
            each.seed,
        )
        for each in grid.points()
    ]
    assert found == slow


def test_paths_are_relative_to_the_file_and_not_to_where_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/mine.toml").write_text(GRID.replace("photos", "../photos"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    sweep = read_sweep(Path("in/mine.toml"))
    assert sweep.data.path == Path("in/../photos")
    assert [*sweep.grids[0].points()][0].configuration.caches == (Path("in/f/a"),)


def test_several_grids_are_one_after_the_other_each_with_its_name(tmp_path: Path) -> None:
    text = 'data = "p"\nchoose = "grid"\n' + "".join(
        f'[[grid]]\n{name}recipe = "bag"\ncache = "{cache}"\n'
        for name, cache in (('name = "small"\n', "a"), ("", "b"))
    )
    sweep = read(tmp_path, text)
    assert [grid.name for grid in sweep.grids] == ["small", "grid 2"]
    assert (sweep.choose, [len([*grid.points()]) for grid in sweep.grids]) == ("grid", [1, 1])


def test_a_study_takes_ranges_and_knows_no_points_before_they_are_drawn(tmp_path: Path) -> None:
    text = GRID.replace("[grid]", "[study]\ntrials = 30\nsampler_seed = 4") + (
        "set.lr = { low = 1e-4, high = 1e-2, log = true }\n"
        "set.image.dim = { low = 8, high = 64 }\n"
        "set.text = ['gru', 'bag']\n"
    )
    (grid,) = read(tmp_path, text).studies
    assert ([*grid.points()], grid.trials, grid.sampler_seed) == ([], 30, 4)
    assert grid.settings == {
        "lr": Range(1e-4, 1e-2, log=True),
        "image.dim": Range(8, 64, whole=True),
        "text": ("gru", "bag"),
    }


def test_a_file_is_told_by_what_it_says_and_not_by_how_it_is_written(tmp_path: Path) -> None:
    first = read(tmp_path, GRID)
    assert read(tmp_path, f"# a word\n{GRID}").digest == first.digest
    assert read(tmp_path, f"{GRID}seed = 1").digest != first.digest


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[grid]\nrecipe = "bag"', 'data is missing; write data = "FOLDER"'),
        ('data = "p"', "it asks for no run; write a table [grid]"),
        (f"{GRID}seeds = 1", "unknown key 'seeds': did you mean 'seed'?"),
        (f"datta = 1\n{GRID}", "unknown key 'datta': did you mean 'data'?"),
        (f'choose = "all"\n{GRID}', "choose = 'all': accepted: grid, one, recipe"),
        (f"{GRID}trials = 3", "unknown key 'trials'"),
        (f"{GRID}seed = [1, 1]", "each once"),
        (f"{GRID}set.lr = [0.001, 1e-3]", "set.lr: 0.001 is listed twice; list it once"),
        (f"{GRID}set.bias = [true, true]", "set.bias: true is listed twice"),
        (f"{GRID}seed = -1", "a whole number from 0 on"),
        (f"{GRID}seed = true", "a whole number from 0 on"),
        (f"{GRID}seed = []", "a whole number from 0 on"),
        (f"{GRID}set = 3", "write set.KEY = [VALUE, ...]"),
        (f"{GRID}set.lr = []", "set.lr is an empty list"),
        (f"{GRID}set.lr = 2020-01-01", "a date or a time is no value here"),
        (f"{GRID}set.lr = {{ low = 1, high = 2 }}", "a range is drawn from in a [study]"),
        ('data = "p"\n[grid]\nrecipe = "bag"', "give the folder of a feature cache"),
        ('data = "p"\n[grid]\ncache = "a"', "recipe is missing"),
        ('data = "p"\ngrid = 3', "write a table, [grid]"),
        ("data =", "is not TOML"),
        *(
            (
                GRID.replace("[grid]", "[study]\ntrials = 3") + f"set.lr = {{ {range_} }}",
                "write low and high, the smaller first",
            )
            for range_ in (
                *("low = 1", "low = 2, high = 1", "low = 1, high = 1"),
                "low = 0, high = 1, log = true",
            )
        ),
        (GRID.replace("[grid]", "[study]"), "study: trials = None"),
    ],
)
def test_what_is_no_sweep_is_refused_with_the_way_out(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SettingError) as refused:
        read(tmp_path, text)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    for file in (tmp_path / "gone.toml", tmp_path):
        with pytest.raises(InputError, match="give the path of a"):
            read_sweep(file)


def test_in_the_place_of_caches_stage_one_is_told_what_to_make(tmp_path: Path) -> None:
    text = (
        'data = "p"\n[grid]\nrecipe = ["bag", "cca"]\n[grid.features]\ncrops = 2\n'
        'backbone = ["vgg19", "resnet50"]\nweights = ["../w, 1.pth", "DEFAULT"]\n'
    )
    first, second = (point.configuration for point in read(tmp_path, text).grids[0].points())
    assert (first.caches, first.recipe, second.recipe) == ((), "bag", "cca")
    assert dict(first.features) == dict(second.features)
    assert dict(first.features) == {
        "crops": 2,
        "backbone": "vgg19,resnet50",
        "weights": f"{tmp_path}/../w,, 1.pth,DEFAULT",
    }
    (point,) = (
        read(tmp_path, 'data = "p"\n[grid]\nrecipe = "best"\nfeatures = {}').grids[0].points()
    )
    assert point.configuration.features == ()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("features = {}", "give cache or features, not both"),
        ("features = 3", "write features = { backbone = ... }"),
        ("features = { crop = 1 }", "unknown key 'crop': did you mean 'crops'?"),
        ("features = { crops = 3 }", "crops = 3"),
        (
            "features = { crops = [1, 10] }",
            "crops = [1, 10]: give one value; of each of several that are to be compared write a "
            "table [[grid]]",
        ),
    ],
)
def test_stage_one_is_told_nothing_that_it_does_not_take(
    tmp_path: Path, line: str, told: str
) -> None:
    with pytest.raises(SettingError) as refused:
        read(tmp_path, f"{GRID}{line}" if "{}" in line else f"{GRID}{line}".replace("cache =", "#"))
    assert told in str(refused.value)
