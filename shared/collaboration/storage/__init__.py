"""The one table: its keys, what is read together, and what is committed at once."""
