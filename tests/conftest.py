"""How hard hypothesis tries: enough for every day, and thoroughly in `make test-all`."""

from hypothesis import HealthCheck, settings

# Nothing here depends on how fast the machine is.
everyday = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}
settings.register_profile("everyday", max_examples=40, derandomize=True, **everyday)  # type: ignore[arg-type]
settings.register_profile("thorough", max_examples=1000, **everyday)  # type: ignore[arg-type]
settings.load_profile("everyday")
