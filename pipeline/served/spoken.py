"""What is asked and answered, as OpenAPI says it to programs."""

from pydantic import BaseModel, ConfigDict, Field

from core.wording import in_utf8
from pipeline.searched.face import Find
from pipeline.searched.found import Found

MOST = 100
"""How many results may be asked for."""


class Asked(BaseModel):
    """What every search takes; a name that is none of these is refused."""

    model_config = ConfigDict(extra="forbid")

    k: int = Field(10, ge=1, le=MOST, description="how many results; fewer where no more are")
    split: str = Field("", description="which split is searched; all that are served, if empty")
    find: Find = Field("pictures", description="whether pictures or captions are found")


class OfOne(Asked):
    """And of which collection."""

    corpus: int = Field(0, ge=0, description="the number of a collection, as /api/about has it")


class Sentence(OfOne):
    """A search by a sentence."""

    q: str = Field(description="a sentence; words that the run does not know are named as such")


class Sent(OfOne):
    """A search by a picture that is sent."""

    name: str = Field("", max_length=300, description="what the picture is called in the answer")


class Hit(BaseModel):
    """A picture, or a caption, that was found."""

    rank: int = Field(description="from 1")
    id: str = Field(description="the picture's id in its corpus; the caption's, of captions")
    path: str = Field(description="where the picture is inside its corpus, for a person")
    score: float = Field(description="the model's similarity; the higher the more alike")
    captions: list[str] = Field(description="of the picture; or the one that was found")
    picture: int = Field(description="the number by which this server knows the picture")


class Answer(BaseModel):
    """What was found, the best first."""

    query: str
    unknown: list[str] = Field(description="words of the query that the run does not know")
    seconds: float = Field(description="how long the search took")
    results: list[Hit]


class About(BaseModel):
    """What is served."""

    class Of(BaseModel):
        """A collection of pictures and captions."""

        number: int
        name: str
        pictures: int
        captions: int
        splits: dict[str, int] = Field(description="the pictures of each split")
        some: list[int] = Field(description="the numbers of a few pictures, to begin with")

    run: str
    collections: list[Of]
    most: int = Field(description="the largest k")
    longest: int = Field(description="the characters of the longest sentence")
    too_long: str = Field(description="what is said of a longer one")


class Picture(BaseModel):
    """A picture of a collection."""

    picture: int
    id: str
    path: str
    split: str
    labels: list[str]
    captions: list[str]


class Fault(BaseModel):
    """Why there is no answer, in one line that ends with the way out."""

    error: str


def answer(found: Found, seconds: float, paths: list[str]) -> Answer:
    """``found`` as programs read it; ``paths`` are those of its results."""
    hits = [
        Hit(
            rank=each.rank,
            id=in_utf8(each.id),
            path=in_utf8(path),
            score=each.score,
            captions=[in_utf8(text) for text in each.captions],
            picture=each.row,
        )
        for each, path in zip(found.results, paths, strict=True)
    ]
    unknown = [in_utf8(word) for word in found.unknown]
    return Answer(query=in_utf8(found.query), unknown=unknown, seconds=seconds, results=hits)
