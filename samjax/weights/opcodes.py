"""Read the data in a pickle WITHOUT running it: no name in it is ever imported or called.

A pickle is a program for a small machine with a stack and a memo, and Python's `pickle` runs it,
whatever it does. This module has a machine of its own over `pickletools.genops`, which only parses
the program. It builds tuples, lists, dicts, strings and numbers. A class or function that the
pickle mentions stays a `Name`, and what the pickle would call becomes a `Call`: the reader decides
what these mean. Every opcode that data have no need for is refused.
"""

import pickletools
from typing import Any, BinaryIO, NamedTuple

MARK = object()  # lies on the stack where a pickle has set a mark, below the items of a group


class Name(NamedTuple):
    """A class or a function that the pickle mentions."""

    module: str
    name: str


class Call(NamedTuple):
    """What the pickle would call.

    Attributes:
        function: The function or class.
        arguments: The arguments.
        state: What the pickle would set on the result.
    """

    function: Any
    arguments: Any
    state: Any = None


class Reference(NamedTuple):
    """Something that is kept outside of the pickle, by its identifier."""

    identifier: Any


class NotData(Exception):
    """The stream is damaged, or does what data have no need to do."""


# Opcodes by what they do: push a constant, push their argument, push an empty container, gather the
# topmost values into a tuple, write to the memo, read from the memo, or nothing that matters here.
CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
VALUES = {
    "BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT", "BINUNICODE", "SHORT_BINUNICODE",
    "BINSTRING", "SHORT_BINSTRING", "INT", "LONG", "UNICODE",
}  # fmt: skip
EMPTY = {"EMPTY_DICT": dict, "EMPTY_LIST": list, "EMPTY_TUPLE": tuple}
TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
PUTS = {"BINPUT", "LONG_BINPUT", "PUT"}
GETS = {"BINGET", "LONG_BINGET", "GET"}
IGNORED = {"PROTO", "FRAME"}


def read_pickle(stream: BinaryIO) -> Any:
    """Return the object that the pickle at the stream's position holds.

    The stream is left behind the pickle.

    Raises:
        NotData: The pickle is damaged, or holds more than data.
    """
    try:
        return _run(stream)
    except NotData:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, MemoryError) as error:
        raise NotData(f"damaged pickle: {error}") from error


def _run(stream: BinaryIO) -> Any:
    """Run the machine up to the opcode STOP, and return what lies on top of the stack."""
    stack: list[Any] = []
    memo: dict[Any, Any] = {}
    for opcode, argument, _ in pickletools.genops(stream):
        name = opcode.name
        if name == "STOP":
            return stack.pop()
        if name in PUTS:
            memo[argument] = stack[-1]
        elif name == "MEMOIZE":
            memo[len(memo)] = stack[-1]
        elif name in GETS:
            stack.append(memo[argument])
        elif name in VALUES:
            stack.append(argument)
        elif name not in IGNORED:
            _structure(name, argument, stack)
    raise NotData("damaged pickle: no end")


def _structure(name: str, argument: Any, stack: list[Any]) -> None:
    """Obey an opcode that builds a tuple, a list or a dict; others are passed on."""
    if name in CONSTANTS:
        stack.append(CONSTANTS[name])
    elif name in EMPTY:
        stack.append(EMPTY[name]())
    elif name == "MARK":
        stack.append(MARK)
    elif name in TUPLES:
        count = TUPLES[name]
        stack[-count:] = [tuple(stack[-count:])]
    elif name == "TUPLE":
        stack.append(tuple(_to_mark(stack)))
    elif name in ("APPEND", "APPENDS"):
        items = _to_mark(stack) if name == "APPENDS" else [stack.pop()]
        stack[-1].extend(items)
    elif name in ("SETITEM", "SETITEMS"):
        # Keys and values in turn.
        items = _to_mark(stack) if name == "SETITEMS" else [stack.pop(-2), stack.pop()]
        _update(stack[-1], list(zip(items[::2], items[1::2], strict=True)))
    else:
        _symbols(name, argument, stack)


def _symbols(name: str, argument: Any, stack: list[Any]) -> None:
    """Obey an opcode that would import, call or set something; here it only leaves a note."""
    if name == "GLOBAL":
        stack.append(_named(*argument.split(" ", 1)))
    elif name == "STACK_GLOBAL":
        stack[-2:] = [_named(*stack[-2:])]
    elif name in ("REDUCE", "NEWOBJ"):
        stack[-2:] = [_called(*stack[-2:])]
    elif name == "BUILD":
        state = stack.pop()
        if isinstance(stack[-1], Call):
            stack[-1] = stack[-1]._replace(state=state)
    elif name == "BINPERSID":
        stack.append(Reference(stack.pop()))
    else:
        raise NotData(f"opcode {name} has no place in a file of tensors")


def _named(module: Any, name: Any) -> Name:
    """Return a class or function by its name, which the pickle may have put together itself."""
    if not (isinstance(module, str) and isinstance(name, str)):
        raise NotData("a name that is not text")
    return Name(module, name)


def _called(function: Any, arguments: Any) -> Any:
    """Return what stands for a call.

    An ordered dict becomes a dict at once, since later opcodes fill it. All else is a `Call`.
    """
    if not (isinstance(function, Name) and isinstance(arguments, tuple)):
        raise NotData("a call of something without a name")
    if function != Name("collections", "OrderedDict"):
        return Call(function, arguments)
    result: dict = {}
    _update(result, *arguments)
    return result


def _update(target: Any, pairs: Any = ()) -> None:
    """Set items of a dict, whose keys must be text or numbers."""
    if not isinstance(target, dict):
        raise NotData(f"items are set on a {type(target).__name__}, not on a dict")
    for key, value in pairs:
        if not isinstance(key, str | int):
            # Other keys would have to be hashed, which goes as deep as they are nested.
            raise NotData(f"a dict with a {type(key).__name__} as key")
        target[key] = value


def _to_mark(stack: list[Any]) -> list[Any]:
    """Take from the stack what lies above the topmost mark, and the mark."""
    position = max(index for index, value in enumerate(stack) if value is MARK)
    items = stack[position + 1 :]
    del stack[position:]
    return items
