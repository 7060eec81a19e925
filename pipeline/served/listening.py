"""Where the server listens: an address that is free, held before anything is loaded for it."""

import errno
import socket

from core.errors import SettingError
from pipeline.served.names import EVERYWHERE, LOCAL


def bound(host: str, port: int) -> socket.socket:
    """A socket that holds an address, and does not listen yet; port 0 is any that is free.

    Raises:
        SettingError: the address is another program's, or none of this machine.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise SettingError(f"--host {host} is no address; leave it out for 127.0.0.1") from None
    family, kind, protocol, _, address = found[0]
    # Only of a socket that says TCP asyncio sends at once what is small.
    held = socket.socket(family, kind, protocol)
    try:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(address)
    except OSError as error:
        held.close()
        raise refused(host, port, error) from None
    return held


def refused(host: str, port: int, error: OSError) -> SettingError:
    """Why it cannot listen there, and what to type."""
    if error.errno == errno.EADDRINUSE:
        return SettingError(
            f"port {port} of {host} is taken, perhaps by another `serve`; choose another --port, "
            "or 0 for any that is free"
        )
    if error.errno == errno.EACCES:
        return SettingError(f"port {port} is not for everyone; choose a --port from 1024 on")
    why = error.strerror or str(error)
    return SettingError(f"--host {host} is no address of this machine ({why}); leave it out")


def names_of(host: str, given: tuple[str, ...]) -> frozenset[str]:
    """The names that a request may ask for.

    Args:
        host: where the server listens.
        given: more names of this machine; ``host`` is one where it is a name or an address of one.

    Raises:
        SettingError: it listens everywhere, and no name is given.
    """
    if host in EVERYWHERE and not given:
        raise SettingError(
            f"--host {host} listens to everyone, so that the name must be given by which this "
            "machine is asked; add --name NAME, or leave both out"
        )
    own = LOCAL if host in LOCAL | EVERYWHERE else frozenset({host.lower()})
    return own | {name.lower().rstrip(".") for name in given}


def address_of(held: socket.socket, host: str) -> str:
    """What is typed in a browser on this machine."""
    name = "127.0.0.1" if host in EVERYWHERE else host
    return f"http://{f'[{name}]' if ':' in name else name}:{held.getsockname()[1]}/"
