"""The pictures and captions behind ids, as far as they are at hand."""

from core.records import Corpus
from pipeline.shown.markup import Html, tag
from pipeline.shown.thumbnails import Thumbnails

LONGEST = 400
"""Letters of a caption that are shown: a page has hundreds of captions, and a book is none."""


class Shelf:
    """Of one corpus, or of none: then ids stand in their places."""

    def __init__(self, corpus: Corpus | None, thumbnails: Thumbnails):
        """Pictures are read when they are asked for."""
        self._thumbnails = thumbnails
        self._images = {image.id: image for image in corpus.images} if corpus else {}
        self._texts = {each.id: each.text for each in corpus.captions} if corpus else {}

    def picture(self, id: str) -> Html:
        """The picture of this id, or a box with the id."""
        if id not in self._images:
            return tag("span", id, class_="gone")
        return self._thumbnails.of(self._images[id], alt=f"picture {id}")

    def caption(self, id: str) -> str:
        """The words of this id, the first ``LONGEST`` letters; where there are none the id."""
        text = self._texts.get(id, id)
        return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
