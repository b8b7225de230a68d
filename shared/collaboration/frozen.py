"""Frozen dataclasses that cost little to define.

`dataclasses` writes and compiles six methods for every frozen class, a third of a millisecond each time that a process
starts, and a function has more than sixty such classes: a tenth of a cold start. Here `__init__` alone is compiled for
each class; how values are compared, shown and kept from being changed is the same for all, and shared.
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
            dataclasses.dataclass(eq=False, repr=False, kw_only=kw_only)(cls)
            for name, method in _SHARED.items():
                if name not in cls.__dict__:
                    setattr(cls, name, method)
            return cls

        return define


def _set(self: Any, name: str, value: object) -> None:
    # The compiled __init__ comes through here too: it sets each field the first time.
    if name in self.__dict__ or name not in self.__dataclass_fields__:
        raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")
    self.__dict__[name] = value


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
    "__setattr__": _set,
    "__delattr__": _delete,
    "__eq__": _equal,
    "__hash__": _hash,
    "__repr__": _show,
}
