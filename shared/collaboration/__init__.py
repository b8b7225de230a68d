"""Collaboration in solutions between accounting offices and their customers.

`domain` holds the rules as pure functions over plain values; `storage`, `mailing` and `http` are the edges. An arrow
between them only ever points down, from an edge to the domain.
"""
