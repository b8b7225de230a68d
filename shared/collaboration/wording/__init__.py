"""What people read, in Swedish and in English: one file per language, the same keys in both.

A wording names what it needs as `{name}`. Values are put in as they are; whoever writes HTML escapes the result.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from collaboration.domain.model.values import Locale


@lru_cache(maxsize=2)
def wordings(locale: Locale) -> Mapping[str, str | list[str]]:
    """Everything in one language."""
    found: dict[str, str | list[str]] = json.loads(Path(__file__).with_name(f"{locale}.json").read_bytes())
    return found


def has(locale: Locale, key: str) -> bool:
    """Whether there is a wording of that key."""
    return key in wordings(locale)


def text(locale: Locale, key: str, **params: str) -> str:
    """The wording of `key`.

    Raises:
        KeyError: there is none, or it needs a value that was not given.
        TypeError: it has several lines.
    """
    return wording(locale, key).format_map(params)


def wording(locale: Locale, key: str) -> str:
    """The wording of `key` without values, for whoever puts them in otherwise.

    Raises:
        KeyError: there is none.
        TypeError: it has several lines.
    """
    found = wordings(locale)[key]
    if not isinstance(found, str):
        raise TypeError(key)
    return found


def lines(locale: Locale, key: str, **params: str) -> tuple[str, ...]:
    """The lines of `key`.

    Raises:
        KeyError: there are none, or one needs a value that was not given.
        TypeError: it is a single text.
    """
    found = wordings(locale)[key]
    if isinstance(found, str):
        raise TypeError(key)
    return tuple(line.format_map(params) for line in found)
