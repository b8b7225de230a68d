"""HTTP: what is asked and answered, who asks, and how a refusal becomes a problem."""
