"""Unit tests reach nothing outside their process."""

import pytest
import pytest_socket


@pytest.fixture(autouse=True)
def no_sockets() -> None:
    """Whatever opens a socket here fails."""
    pytest_socket.disable_socket()
