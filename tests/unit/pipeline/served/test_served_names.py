"""Where a server listens, and by which names it may be asked for."""

import errno
import socket

import pytest

from core.errors import SettingError
from pipeline.served.listening import address_of, bound, names_of, refused
from pipeline.served.names import LOCAL


def test_a_free_port_is_taken_and_told() -> None:
    with bound("127.0.0.1", 0) as held:
        assert address_of(held, "127.0.0.1") == f"http://127.0.0.1:{held.getsockname()[1]}/"
        # Of any other, asyncio lets small answers wait 40 ms for one another.
        assert held.proto == socket.IPPROTO_TCP


def test_an_address_of_ipv6_is_written_in_brackets() -> None:
    class Held:
        def getsockname(self):
            return ("::1", 8000, 0, 0)

    assert address_of(Held(), "::1") == "http://[::1]:8000/"
    assert address_of(Held(), "::") == "http://127.0.0.1:8000/"


def test_a_port_of_another_program_is_not_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(SettingError, match=f"port {port} .*; choose another --port, or 0"):
            bound("127.0.0.1", port)


def test_a_port_for_the_system_is_told_apart() -> None:
    assert "from 1024 on" in str(refused("127.0.0.1", 80, OSError(errno.EACCES, "no")))


@pytest.mark.parametrize(
    ("host", "given", "names"),
    [
        ("127.0.0.1", (), LOCAL),
        ("localhost", ("MyBox.lan.",), LOCAL | {"mybox.lan"}),
        ("192.168.1.5", (), {"192.168.1.5"}),
        ("192.168.1.5", ("mybox",), {"192.168.1.5", "mybox"}),
        ("0.0.0.0", ("mybox",), LOCAL | {"mybox"}),
    ],
)
def test_the_names_of_a_host(host, given, names) -> None:
    assert names_of(host, given) == names


@pytest.mark.parametrize("host", ["0.0.0.0", "::", ""])
def test_who_listens_everywhere_says_by_which_name(host) -> None:
    with pytest.raises(SettingError, match="--name NAME"):
        names_of(host, ())
