"""TODO decisions."""
