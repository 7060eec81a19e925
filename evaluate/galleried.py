"""A report with the gallery's bias, and beside it the same measures without."""

from dataclasses import dataclass

from evaluate.report import Report


@dataclass(frozen=True)
class Galleried(Report):
    """``facts``: those with the bias, and as ``without`` all of those by the plain similarity."""

    biased: Report
    without: Report
    said: str

    @staticmethod
    def of(biased: Report, without: Report, said: str) -> "Galleried":
        """Both of one protocol; ``said`` are the bias's numbers and its bank in words."""
        protocol = (
            f"{biased.facts['protocol']}; gallery bias on ({said}): another scoring rule than the "
            "plain one, whose numbers stand under `without`"
        )
        facts = {**biased.facts, "protocol": protocol, "without": without.facts}
        return Galleried(facts, biased.score, biased, without, said)

    def scores(self) -> dict[str, float]:
        """Those with the bias."""
        return self.biased.scores()

    def headline(self) -> str:
        """With the bias and without."""
        return f"{self.biased.headline()}, without the bias {self.without.headline()}"

    def table(self, title: str) -> str:
        """Both tables, that with the bias first, and what the bias is."""
        return "\n".join(
            [
                self.biased.table(f"{title} with the gallery's bias"),
                self.without.table(f"{title} without"),
                f"gallery's bias: {self.said}",
                "with it and without are two scoring rules: compare like with like",
            ]
        )

    def chance(self) -> str:
        """A blind guess reaches the same by both."""
        return self.biased.chance()

    def notes(self) -> list[str]:
        """What holds of both."""
        return self.biased.notes()
