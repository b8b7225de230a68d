"""What the template sets for every function."""

import pytest


@pytest.fixture(autouse=True)
def service_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name that metrics and logs carry."""
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "collaboration")
