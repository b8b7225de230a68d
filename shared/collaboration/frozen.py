"""Frozen dataclasses that cost little to define.

`dataclasses` writes and compiles six methods for every frozen class, a third of a millisecond each time that a process
starts, and a function has more than fifty such classes: a tenth of a cold start. Here nothing is compiled: how values
are made, compared, shown and kept from being changed is the same for all, and shared.
To whoever reads it, and to a type checker, it is `dataclasses.dataclass(frozen=True)`.
"""

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

Class = TypeVar("Class")

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 - exported
else:

    def dataclass(*, frozen: bool, kw_only: bool = False) -> Callable[[type[Class]], type[Class]]:
        """Make a class a frozen dataclass, as `dataclasses.dataclass` does; `frozen` is always true."""
        if not frozen:
            raise ValueError("use dataclasses.dataclass for what changes")

        def define(cls: type[Class]) -> type[Class]:
            dataclasses.dataclass(init=False, eq=False, repr=False, kw_only=kw_only)(cls)
            cls.__frozen_fields__ = {
                each.name: (each.default, each.default_factory) for each in dataclasses.fields(cls)
            }
            for name, method in _SHARED.items():
                if name not in cls.__dict__:
                    setattr(cls, name, method)
            return cls

        return define


_MISSING = dataclasses.MISSING


def _init(self: Any, *args: object, **given: object) -> None:
    # In the order of the fields, whatever the order of the arguments: values that are equal hash alike.
    cls, values = self.__class__, self.__dict__
    if args:
        named = dict(zip(cls.__match_args__, args, strict=False))
        if len(args) > len(named) or not given.keys().isdisjoint(named):
            raise TypeError(f"{cls.__qualname__}() got too many values, or one twice")
        given |= named
    for name, (default, factory) in cls.__frozen_fields__.items():
        if name in given:
            values[name] = given.pop(name)
        elif default is not _MISSING:
            values[name] = default
        elif factory is not _MISSING:
            values[name] = factory()
        else:
            raise TypeError(f"{cls.__qualname__}() lacks {name!r}")
    if given:
        raise TypeError(f"{cls.__qualname__}() has no {', '.join(given)}")


def _set(_: Any, name: str, __: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _delete(_: Any, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _equal(self: Any, other: object) -> bool:
    # NotImplemented lets the other say, as for every operator.
    return self.__dict__ == other.__dict__ if other.__class__ is self.__class__ else NotImplemented


def _hash(self: Any) -> int:
    return hash(tuple(self.__dict__.values()))


def _show(self: Any) -> str:
    shown = ", ".join(f"{name}={value!r}" for name, value in self.__dict__.items())
    return f"{self.__class__.__qualname__}({shown})"


_SHARED: dict[str, Callable[..., Any]] = {
    "__init__": _init,
    "__setattr__": _set,
    "__delattr__": _delete,
    "__eq__": _equal,
    "__hash__": _hash,
    "__repr__": _show,
}
