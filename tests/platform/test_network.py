"""Tests reach this machine and nothing else."""

import socket
import warnings

import pytest
from pytest_socket import SocketConnectBlockedError


def test_other_machines_are_out_of_reach() -> None:
    with socket.socket() as door, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the guard also warns, which would be an error here
        with pytest.raises(SocketConnectBlockedError):
            door.connect(("192.0.2.1", 80))


def test_this_machine_is_in_reach() -> None:
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", 0))
        server.listen()
        client.connect(server.getsockname())
