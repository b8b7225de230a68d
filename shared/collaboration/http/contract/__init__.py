"""The HTTP contract: per resource its bodies, its responses and its operations, in that order."""
