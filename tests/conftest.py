"""How hard hypothesis tries: enough for each commit, and thoroughly in `make test-thorough`."""

from hypothesis import HealthCheck, settings

# Nothing here depends on how fast the machine is.
common = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}
settings.register_profile("everyday", max_examples=100, derandomize=True, **common)  # type: ignore[arg-type]
settings.register_profile("thorough", max_examples=1000, **common)  # type: ignore[arg-type]
settings.load_profile("everyday")
