"""Property tests draw the same examples each time; `--plugins DIR` adds a stranger's parts."""

from pathlib import Path

from hypothesis import settings

from tests.plugin_folder import added

settings.register_profile("tencrop", deadline=None, derandomize=True)
settings.load_profile("tencrop")


def pytest_addoption(parser):
    parser.addoption(
        "--plugins",
        dest="plugin_folders",
        action="append",
        default=[],
        metavar="DIR",
        help="a folder laid out like the packages (DIR/train/losses ...): its parts are tested too",
    )


def pytest_configure(config):
    for folder in config.getoption("plugin_folders"):
        parts = added(Path(folder))
        parts.__enter__()
        config.add_cleanup(lambda parts=parts: parts.__exit__(None, None, None))
