"""The module as it is built: what it exports, imports, documents and promises in types."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import pathlib
import pkgutil
import subprocess
import sys
from typing import Any

import pytest

import hwm
from hwm import _hwm, types

LIGHT = """
import sys
before = set(sys.modules)
import hwm
print(*sorted(set(sys.modules) - before))
"""


def test_it_exports_its_init_function_alone() -> None:
    path = _hwm.__file__
    assert path is not None
    listed = subprocess.run(
        ["nm", "-D", "--defined-only", path],
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    names = [line.split()[-1] for line in listed.splitlines()]
    assert names == ["PyInit__hwm"]


def test_importing_it_imports_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-c", LIGHT],
        capture_output=True,
        check=True,
        text=True,
        env={"PYTHONPATH": str(pathlib.Path(hwm.__file__).parents[1])},
    )
    imported = set(done.stdout.split())
    assert "hwm._hwm" in imported
    heavy = {
        "asyncio",
        "collections",
        "csv",
        "enum",
        "json",
        "logging",
        "typing",
        "re",
        "inspect",
        "threading",
    }
    assert not imported & heavy


def test_the_types_name_every_option_of_the_table() -> None:
    rows = _hwm.option_table()
    call = {row["name"] for row in rows if row["scope"] == "call"}
    client = {row["name"] for row in rows if row["scope"] == "client"}
    assert set(types.CallOptions.__annotations__) == call
    assert set(types.ClientOptions.__annotations__) == call | client
    for row in rows:
        annotation: Any = types.ClientOptions.__annotations__[row["name"]]
        text = str(getattr(annotation, "__forward_arg__", annotation))
        expected = {"int": "int", "bool": "bool", "path": "PathLike"}.get(row["takes"], "")
        assert expected in text, row["name"]


@pytest.mark.parametrize("name", hwm.__all__)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    item = getattr(hwm, name)
    if name == "__version__":
        assert item == "0.1.0" or item.count(".") == 2
        return
    assert inspect.getdoc(item)
    for member, value in vars(item).items():
        if not member.startswith("_") and callable(getattr(value, "__func__", value)):
            assert inspect.getdoc(value), f"{name}.{member}"


def test_what_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = hwm.nothing
    assert "AsyncClient" in dir(hwm)


def modules() -> list[str]:
    return ["hwm", *(f"hwm.{module.name}" for module in pkgutil.iter_modules(hwm.__path__))]


@pytest.mark.parametrize("name", modules())
def test_the_examples_in_the_docs_run(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0


def test_the_classes_that_teach_have_examples() -> None:
    finder = doctest.DocTestFinder()
    for item in (hwm.Client, hwm.AsyncClient, hwm.Error, hwm.UserStatus):
        subject: Any = item
        assert any(test.examples for test in finder.find(subject)), item


NATIVE = [name for name in _hwm.__all__ if name != "VERSION"]


@pytest.mark.parametrize("name", NATIVE)
def test_the_stub_is_the_manual_of_what_is_native(name: str) -> None:
    stub = pathlib.Path(hwm.__file__).with_name("_hwm.pyi").read_text("utf-8")
    (node,) = (node for node in ast.parse(stub).body if getattr(node, "name", "") == name)
    assert isinstance(node, (ast.ClassDef, ast.FunctionDef))
    native = getattr(_hwm, name)
    assert ast.get_docstring(node)
    assert ast.get_docstring(node) == inspect.getdoc(native)
    if isinstance(node, ast.FunctionDef):
        return
    methods = [inner for inner in node.body if isinstance(inner, ast.FunctionDef)]
    told = {inner.name: ast.get_docstring(inner) for inner in methods}
    public = {member for member in vars(native) if not member.startswith("_")}
    assert {member for member in told if not member.startswith("_")} == public
    for member in public:
        assert told[member] and told[member] == inspect.getdoc(getattr(native, member)), member


MANNERS = """
import gc, locale, logging, os, signal, socket, sys, threading, warnings

def state():
    return (
        [signal.getsignal(number) for number in range(1, 32)],
        [list(warnings.filters), sys.excepthook, sys.unraisablehook, sys.displayhook],
        [logging.root.handlers[:], logging.root.level, logging.getLogger("hwm").handlers],
        [dict(os.environ), os.getcwd(), os.umask(0o22), locale.setlocale(locale.LC_ALL)],
        [threading.active_count(), len(os.listdir("/proc/self/task")), socket.getdefaulttimeout()],
        [sys.getswitchinterval(), sys.getrecursionlimit(), gc.isenabled(), sys.gettrace()],
        sorted(os.listdir("/proc/self/fd")),
    )

os.umask(0o22)
before = state()
import hwm
from hwm import AsyncClient, UserStatus, progress, types
assert state() == before
with hwm.Client(endpoint="http://127.0.0.1:1", access_token="t") as client:
    client.set_status("disabled", ["a"], dry_run=True)
assert state()[:2] == before[:2] and state()[3] == before[3]
"""


def test_importing_it_prints_nothing_and_changes_nothing_in_the_process() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", MANNERS],
        capture_output=True,
        check=False,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


SUBINTERPRETER = """
import importlib, sys
import hwm
client = hwm.Client(endpoint="http://127.0.0.1:1", access_token="t")
name = "_interpreters" if sys.version_info >= (3, 13) else "_xxsubinterpreters"
other = importlib.import_module(name)
one = other.create()
code = "try: import hwm; hwm.Client\\nexcept ImportError as error: print(error)\\nelse: print('?')"
print(other.run_string(one, code) or "", end="", flush=True)
other.destroy(one)
assert client.set_status("disabled", ["a"], dry_run=True).ok
"""


def test_another_interpreter_of_the_process_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SUBINTERPRETER], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip() == "hwm works in one interpreter of a process alone"
