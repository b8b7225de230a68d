"""How hard hypothesis tries, and which tests share a worker."""

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

# A hundred examples for each commit, a thousand in `make test-thorough`; nothing depends on how fast the machine is.
common = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}
settings.register_profile("everyday", max_examples=100, derandomize=True, **common)  # type: ignore[arg-type]
settings.register_profile("thorough", max_examples=1000, **common)  # type: ignore[arg-type]
settings.load_profile("everyday")


class SharedWorkers(LoadScopeScheduling):  # type: ignore[misc]
    """Each test goes to any worker, but for those that share the deployed stack, or DynamoDB Local.

    `--dist loadgroup` would do the same by marks; pytest-xdist 3.8 cannot hand these on under pytest 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith("tests/e2e/"):
            return "stack"
        if "[dynamodb-local" in nodeid or nodeid.startswith("tests/integration/test_largest.py"):
            return "dynamodb-local"
        return nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> SharedWorkers:
    """Who gets which test."""
    return SharedWorkers(config, log)
