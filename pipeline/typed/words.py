"""The words of a command as options by name, each as it was typed, and back to words."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import click

from pipeline.memory.remembered import Values
from pipeline.typed.several import files

YES = str(True)


def options_of(
    command: click.Command, context: click.Context, words: Sequence[str]
) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """Each option and argument that ``words`` give, and the words that are none of the command's.

    Raises:
        click.UsageError: no such option, or one without its value.
    """
    given, rest, _ = command.make_parser(context).parse_args(list(words))
    found = {name: _texts(value) for name, value in given.items()}
    return {name: values for name, values in found.items() if values}, rest


def words_of(command: click.Command, values: Values, rest: Sequence[str] = ()) -> list[str]:
    """Words that give the command these values; an empty one is left to its default.

    Every option takes one value, or is a flag; several values are the option as often. A flag that
    is short for a value of another option (``--guard``) is not written: that option is.
    """
    words: list[str] = []
    last: list[str] = []
    for parameter in command.params:
        some = [value for value in values.get(parameter.name or "", ()) if value]
        if isinstance(parameter, click.Argument):
            last += some
        elif isinstance(parameter, click.Option) and _is_short(parameter):
            continue
        elif isinstance(parameter, click.Option) and parameter.is_flag:
            words += [
                (parameter.opts if value == YES else parameter.secondary_opts)[0] for value in some
            ]
        else:
            words += [word for value in some for word in (parameter.opts[0], value)]
    return [*words, *(["--"] if last or rest else []), *last, *rest]


def defaults_of(command: click.Command, context: click.Context) -> dict[str, str]:
    """Each option and argument with its default as one would type it; empty where it has none."""
    return {
        str(parameter.name): _text(parameter.get_default(context)) for parameter in command.params
    }


def places_in(command: click.Command, values: Values) -> set[str]:
    """The options whose value is a path: those that take nothing else, and what names a file."""
    always = {str(each.name) for each in command.params if isinstance(each.type, click.Path)}
    return {name for name in values if name in always or _names_a_file(name, values[name][-1])}


def chosen(command: click.Command, names: Collection[str]) -> Iterator[click.Parameter]:
    """The options of ``command`` of these names, to be those of another command too."""
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.name in names:
            yield parameter


def _is_short(option: click.Option) -> bool:
    return option.is_flag and not option.is_bool_flag


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, list | tuple):
        return tuple(map(str, value))
    return (str(value),) if isinstance(value, str | bool) else ()


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int | float | Path) else ""


def _names_a_file(name: str, value: str) -> bool:
    return any(file.suffix and file.is_file() for file in files(name, value))
