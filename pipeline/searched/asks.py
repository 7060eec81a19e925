"""What is asked of a run: sentences and pictures, refused in a line before anything is loaded."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from core.errors import InputError, SettingError
from core.files import read_regular
from core.pictures import MOST_FILE
from core.wording import counted
from pipeline.searched.face import Find, Searcher
from pipeline.searched.found import Found
from pipeline.searched.lines import lines_of
from pipeline.searched.sentences import refuse_odd

MOST_BYTES = 2**24
"""Of a file of sentences."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A sentence, or where a picture lies, with its bytes or why there are none."""

    text: str = ""
    picture: bytes = b""
    path: Path | None = None
    fault: str = ""

    def answer(
        self, searcher: Searcher, k: int, *, find: Find = "pictures", splits: Sequence[str] = ()
    ) -> Found:
        """What the searcher finds (see ``Searcher``)."""
        if self.path is None:
            return searcher.by_text(self.text, k, find=find, splits=splits)
        if self.fault:
            raise InputError(self.fault)
        name = str(self.path)
        return searcher.by_picture(self.picture, k, name=name, find=find, splits=splits)


def asks(
    sentences: Sequence[str], texts: Path | None = None, pictures: Sequence[Path] = ()
) -> list[Ask]:
    """The sentences that were typed, those of the file ``texts``, then the pictures.

    Raises:
        SettingError: there is none.
        InputError: a sentence that is none, and of a file its line is named; or the one picture
            that is asked with cannot be read (of several queries ``Ask.answer`` tells it).
        OSError: ``texts`` cannot be read.
    """
    for each in sentences:
        refuse_odd(each, "the query")
    lines = lines_of(texts, MOST_BYTES) if texts else []
    found = [Ask(each) for each in (*sentences, *(line.text for line in lines))]
    found += list(map(_of_picture, pictures))
    if not found:
        raise SettingError(
            "nothing is asked; type a sentence behind RUN, such as 'two dogs in the snow', or give "
            "--image PATH or --texts FILE"
        )
    if len(found) == 1 and found[0].fault:
        raise InputError(found[0].fault)
    return found


def _of_picture(path: Path) -> Ask:
    """The bytes of a picture; what cannot be read keeps no other query from its answer."""
    try:
        return Ask("", read_regular(path, most=MOST_FILE), path)
    except FileNotFoundError:
        fault = "is not there; check the path"
    except OSError as error:
        reason = "a folder" if path.is_dir() else f"no picture to read ({error.strerror})"
        fault = f"is {reason}; give a picture's path"
    return Ask("", b"", path, f"{path} {fault}")


class Answers(NamedTuple):
    """What was found for each ask, and the error for those that cannot be answered, if any."""

    found: list[tuple[Ask, Found]]
    problem: InputError | None


def answered(
    asked: Sequence[Ask],
    searcher: Searcher,
    k: int,
    *,
    find: Find = "pictures",
    splits: Sequence[str] = (),
) -> Answers:
    """All that can be answered, in their order; one that cannot keeps no other from it.

    The arguments are those of ``Searcher``.
    """
    found, refused = list[tuple[Ask, Found]](), list[InputError]()
    for ask in asked:
        try:
            found.append((ask, ask.answer(searcher, k, find=find, splits=splits)))
        except InputError as error:
            refused.append(error)
    if len(asked) == 1 or not refused:
        return Answers(found, next(iter(refused), None))
    were = "was" if len(refused) == 1 else "were"
    told = f"{len(refused)} of {counted(len(asked), 'query', 'queries')} {were} not answered, first"
    return Answers(found, InputError(f"{told}: {refused[0]}"))
