"""The command line: one file a command in ``pipeline/commands``, one line an error."""

import sys
import traceback
from collections.abc import Sequence
from typing import Any

import click
from click.exceptions import NoArgsIsHelpError
from click.shell_completion import CompletionItem

from core.errors import TencropError
from core.plugins import about, load, names
from core.version import VERSION
from core.wording import one_line
from pipeline.allocator import keep_freed_memory
from pipeline.interrupt import interruptible
from pipeline.launched import RanksEnded, follows, leave, refuse_ranks, speaker
from pipeline.said.errors import told
from pipeline.typed import in_make, usage
from pipeline.typed.called import COMPLETE, Context, as_called, called, dressed

COMMANDS = "pipeline.commands"
DEBUG = "--debug"
GOES_ON = "run the same command again: it goes on from what is there"


class _Commands(click.Group):
    """Finds each command by its file name, and imports only the one that is asked for."""

    context_class = Context

    def invoke(self, ctx: click.Context) -> Any:
        """Do the command; where another process speaks for this one, without click's empty line."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as ended:
            if follows():
                raise click.Abort from ended
            raise

    def list_commands(self, ctx: click.Context) -> list[str]:
        return names(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in names(COMMANDS):
            raise click.UsageError(usage.no_command(cmd_name, names(COMMANDS)))
        command = dressed(load(COMMANDS, cmd_name).command)
        if ctx.resilient_parsing:
            from pipeline.typed.completion import completable

            completable(command)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands by their files, as in the help, and the options."""
        known = [name for name in names(COMMANDS) if name.startswith(incomplete)]
        items = [
            CompletionItem(name, help=about(COMMANDS, name, function="command")) for name in known
        ]
        return [*items, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from their files, since to import them all takes seconds."""
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, about(COMMANDS, name, function="command")) for name in names(COMMANDS)]
            )


@click.command(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with `python -m pipeline demo`. Paths are from the folder where you stand, and "
    "so is `work`, where caches and runs are kept. --debug, anywhere, shows the trace of an error.",
)
@click.version_option(VERSION, prog_name="tencrop")
def tencrop() -> None:
    """Match pictures and sentences on cached CNN features.

    Three stages, each a function from files to a file: `features` caches what a CNN sees in every
    picture, `train` learns a joint embedding from the cache and the captions, `evaluate` ranks a
    split and reports recall. Whatever is there already is found by its key and reused.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; an error is one line on stderr and exit code 1, or 2 above --max-errors.

    A group alone, such as ``cache``, prints its help. Ctrl-C and SIGTERM are exit codes 130 and
    143; a pipe that nobody reads any more ends a command in silence.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = DEBUG in given
    keep_freed_memory()
    with interruptible() as ended:
        try:
            status = _run([word for word in given if word != DEBUG], debug)
        except KeyboardInterrupt:
            if not follows():
                _complain(f"interrupted; {GOES_ON}", debug)
            status = ended.code
        leave(status)


def _run(words: list[str], debug: bool) -> int:
    """Run a command and say its error.

    Returns:
        The exit code.

    Raises:
        KeyboardInterrupt: it was ended from outside.
    """
    try:
        refuse_ranks(words)
        status = tencrop.main(
            words, prog_name=called(), complete_var=COMPLETE, standalone_mode=False
        )
    except click.Abort as ended:  # what click makes of Ctrl-C
        raise KeyboardInterrupt from ended
    except NoArgsIsHelpError as help_page:
        click.echo(help_page.format_message())
        return 0
    except click.ClickException as error:
        _complain(usage.refused(error), debug)
        return 1
    except (KeyboardInterrupt, SystemExit):
        raise
    except RanksEnded:  # what a rank says is said for all
        return 1
    except BaseException as error:  # a library in Rust panics outside of Exception
        _complain(told(error), debug)
        return error.exit_code if isinstance(error, TencropError) else 1
    return status if isinstance(status, int) else 0


def _complain(message: str, debug: bool) -> None:
    if debug:
        traceback.print_exc()
    click.echo(
        f"{speaker()}error: " + in_make.told(as_called(one_line(" ".join(message.split())))),
        err=True,
    )
