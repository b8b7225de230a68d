"""Collaboration in solutions between accounting offices and their customers.

`domain` holds the rules as pure functions over plain values; `storage`, `mailing` and `http` are the edges. An arrow
between them only ever points down, from an edge to the domain.
"""

import gc

# What a cold start makes lives as long as the process: looking through it for garbage after every 700 objects is an
# eighth of a first request. A request makes a few thousand objects, so that garbage in cycles is still collected often.
gc.set_threshold(200_000, 10, 10)
