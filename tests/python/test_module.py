"""The module as it is built: what it exports, imports, documents and promises in types."""

from __future__ import annotations

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
