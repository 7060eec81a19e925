"""``completion``: what a shell needs to complete this program's words."""

import click
from click.shell_completion import get_completion_class

from pipeline.said.progress import show
from pipeline.typed.called import COMPLETE, name

EPILOG = (
    "\b\nExamples:\n"
    '  eval "$(tencrop completion bash)"    # in ~/.bashrc\n'
    '  eval "$(tencrop completion zsh)"     # in ~/.zshrc, after compinit'
)


@click.command("completion", epilog=EPILOG)
@click.argument("shell", metavar="bash|zsh", type=click.Choice(["bash", "zsh"]))
@click.pass_context
def command(context: click.Context, /, shell: str) -> None:
    """Print the lines that let a shell complete commands, options, their values, and files.

    They are for `bin/tencrop`, which may be linked into the PATH, by the name that it has there.
    """
    program = context.find_root().command
    completion = get_completion_class(shell)
    assert completion is not None
    show(completion(program, {}, name(), COMPLETE).source())
