"""Where a server listens, and what is said of it before it answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pipeline.said.progress import say
from pipeline.served.listening import refused
from pipeline.served.names import LOCAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """The host and the port; ``names`` are more by which this machine may be asked for."""

    host: str = "127.0.0.1"
    port: int = 8000
    names: tuple[str, ...] = ()

    def warn(self) -> None:
        """Say loudly who may ask, where that is more than this machine."""
        if self.host not in LOCAL:
            say(
                f"warning: whoever reaches {self.host} may search and see these pictures: there is "
                "no password, and nothing is encrypted; leave --host out to serve this machine "
                "alone"
            )

    @contextmanager
    def listened(self) -> Iterator[None]:
        """Around what listens there.

        Raises:
            SettingError: another program does by now.
        """
        try:
            yield
        except OSError as error:
            raise refused(self.host, self.port, error) from error
