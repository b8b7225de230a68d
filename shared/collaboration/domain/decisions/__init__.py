"""Pure decisions: given a context and the time, what changes, or why not. No decision imports another."""
