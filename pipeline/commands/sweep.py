"""``sweep``: many trainings of one corpus, compared."""

from pathlib import Path

import click

from core.wording import one_line
from pipeline.said.progress import show
from pipeline.stages.sweep import look_at, sweep
from pipeline.stages.terms import Terms
from pipeline.sweeps.file import read_sweep
from pipeline.sweeps.listed import listed
from pipeline.typed import options
from train.states import SAVE_EVERY

EPILOG = (
    "\b\nExamples:\n"
    "  python -m pipeline sweep sweep.toml --dry-run\n"
    "  python -m pipeline sweep sweep.toml\n"
    "  python -m pipeline sweep sweep.toml --test\n"
    "\b\nsweep.toml:\n"
    '  data = "../flickr8k"             # paths are relative to the file\n'
    '  choose = "recipe"                # "one" of all (the default), or "grid"\n'
    "  [grid]                           # or several [[grid]], each with a name\n"
    '  recipe = ["vse++w", "bag"]\n'
    '  cache = ["work/features/NAME"]   # a list in the list: several of one run\n'
    '  # or features = { backbone = "vgg19" }: those that each recipe wants, made;\n'
    '  # backbone = ["vgg19", "resnet50"] is one run on both: to compare them, a\n'
    "  # table [[grid]] with features of its own for each\n"
    "  seed = [0, 1, 2]\n"
    "  set.lr = [0.001, 0.002]\n"
    "  [study]                          # the same keys and ranges, drawn by Optuna\n"
    "  trials = 30\n"
    "  set.lr = { low = 1e-4, high = 1e-2, log = true }"
)


@click.command("sweep", epilog=EPILOG, context_settings={"max_content_width": 100})
@click.argument("file", metavar="FILE.toml", type=options.place)
@click.option("--dry-run", is_flag=True, help="List the points and which are there; train nothing.")
@click.option(
    "--test",
    is_flag=True,
    help="Ask what was chosen on the validation, and nothing else, about the test split.",
)
@options.terms
def command(file: Path, dry_run: bool, test: bool, terms: Terms) -> None:
    """Train every combination of recipes, caches, settings and seeds in FILE.toml, and compare.

    The runs are those of `train`: what is there is found, what was interrupted goes on, and what
    fails is told while the others go on. Printed is a row a configuration, its mean ± deviation
    over the seeds; the last line is the folder with sweep.json, sweep.csv and sweep.png. The
    configuration with the best mean on the validation is chosen.
    """
    asked = read_sweep(file)
    if dry_run:
        show(listed(look_at(asked, terms=terms)))
        return
    done = sweep(asked, terms=terms, save_every=SAVE_EVERY, test=test)
    show(done.text)
    show(one_line(str(done.folder)))
    if done.problem:
        raise done.problem
