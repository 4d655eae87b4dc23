"""The files of the package import each other in one direction: none in a circle."""

from __future__ import annotations

import ast
import pathlib
import re
from typing import NamedTuple

import pytest

import hwm

PACKAGE = pathlib.Path(hwm.__file__).parent
NATIVE = pathlib.Path(__file__).parents[2] / "bindings" / "python" / "src"

# What no file below could say: importing file, imported file, and why. For annotations alone.
FOR_ANNOTATIONS = {
    ("_errors", "_report"): "Error.report is a Report, and Report.raise_for_failures raises Errors",
}


class Import(NamedTuple):
    """One file names another; the package itself is the file __init__."""

    source: str
    target: str
    place: str
    for_types: bool


def imports_of(path: pathlib.Path) -> list[Import]:
    """All that a file imports of the package, also in functions and for type checkers."""
    tree = ast.parse(path.read_text("utf-8"))
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for body in node.body
        for inner in ast.walk(body)
    }
    here = {file.stem for file in path.parent.iterdir() if file.suffix in (".py", ".pyi")}
    found: list[Import] = []
    for node in ast.walk(tree):
        for name in names_of(node):
            parts = name.split(".")
            if parts[0] != "hwm":
                continue
            target = parts[1] if len(parts) > 1 and parts[1] in here else "__init__"
            place = f"{path.name}:{getattr(node, 'lineno', 0)}"
            found.append(Import(path.stem, target, place, id(node) in for_types))
    return found


def names_of(node: ast.AST) -> list[str]:
    """The dotted names that a statement imports; a relative one is of the package."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        module = node.module or ""
        if node.level:
            module = f"hwm.{module}".rstrip(".")
        return [f"{module}.{alias.name}" for alias in node.names]
    return []


def native_imports(folder: pathlib.Path) -> list[Import]:
    """What the native module looks up by name in the package when it runs."""
    return [
        Import("_hwm", name, f"{path.name}:{number}", for_types=False)
        for path in sorted(folder.glob("*.rs"))
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        for name in re.findall(r'"hwm\.(\w+)"', line)
        # Its own name, which its classes tell as their module.
        if name != "_hwm"
    ]


def circles(imports: list[Import]) -> list[str]:
    """One line for each import that leads back to its own file."""
    targets: dict[str, set[str]] = {}
    for found in imports:
        targets.setdefault(found.source, set()).add(found.target)

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            new = targets.get(waiting.pop(), set()) - seen
            seen |= new
            waiting += new
        return seen

    return [
        f"{found.place} imports {found.target}, which leads back to {found.source}"
        for found in imports
        if found.source == found.target or found.source in reached(found.target)
    ]


def imports_of_package(package: pathlib.Path) -> list[Import]:
    files = [file for file in sorted(package.iterdir()) if file.suffix in (".py", ".pyi")]
    return [found for file in files for found in imports_of(file)]


def excused(found: Import) -> bool:
    return found.for_types and (found.source, found.target) in FOR_ANNOTATIONS


def test_no_file_of_the_package_imports_one_that_imports_it() -> None:
    imports = imports_of_package(PACKAGE) + native_imports(NATIVE)
    faults = circles([found for found in imports if not excused(found)])
    assert not faults, "\n" + "\n".join(faults)


def test_the_imports_of_the_native_module_are_found() -> None:
    found = {one.target for one in native_imports(NATIVE)}
    assert {"_errors", "_outcome_fields"} <= found


def test_every_excuse_is_still_needed() -> None:
    imports = imports_of_package(PACKAGE) + native_imports(NATIVE)
    used = {(found.source, found.target) for found in imports if excused(found)}
    assert used == set(FOR_ANNOTATIONS)
    for pair in FOR_ANNOTATIONS:
        others = [one for one in imports if not excused(one) or (one.source, one.target) == pair]
        assert circles(others), f"{pair} is in no circle; take it off the list"


@pytest.mark.parametrize(
    "line",
    [
        "from hwm._above import name",
        "from hwm import _above",
        "import hwm._above",
        "from . import _above",
        "from ._above import name",
        "from hwm import name",
        "def later():\n    from hwm import _above",
        "TYPE_CHECKING = False\nif TYPE_CHECKING:\n    from hwm._above import name",
    ],
)
def test_a_circle_is_told_with_both_files_and_the_line(tmp_path: pathlib.Path, line: str) -> None:
    (tmp_path / "__init__.py").write_text("from hwm._above import name\n")
    (tmp_path / "_above.py").write_text("from hwm._below import other\n")
    (tmp_path / "_below.py").write_text("")
    assert circles(imports_of_package(tmp_path)) == []
    (tmp_path / "_below.py").write_text(line + "\n")
    target = "__init__" if line == "from hwm import name" else "_above"
    told = f"_below.py:{line.count(chr(10)) + 1} imports {target}, which leads back to _below"
    assert told in circles(imports_of_package(tmp_path))


def test_what_the_native_module_looks_up_counts(tmp_path: pathlib.Path) -> None:
    (tmp_path / "lib.rs").write_text('fn f() {\n    py.import("hwm._face");\n}\n')
    (tmp_path / "_face.py").write_text("from hwm._hwm import Client\n")
    (tmp_path / "_hwm.pyi").write_text("")
    faults = circles(imports_of_package(tmp_path) + native_imports(tmp_path))
    assert "lib.rs:2 imports _face, which leads back to _hwm" in faults
