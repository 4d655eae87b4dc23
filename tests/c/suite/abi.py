"""The ABI is the one that was promised: functions and types against a committed snapshot.

`tests/c/abi/hwm-0.1.abi.txt` is what a C compiler makes of the header: every function with its
types, every structure with its offsets, every constant with its value. A line may be added; one that
is gone or different breaks programs that were built before. `HWM_UPDATE=1 tests/c/run abi` writes it
anew. Where abidiff is to be had, it compares the library's own debug information besides.
"""

import os
import re

from project import BUILD, ROOT, STAGE, Failed, call, folder, tool

SNAPSHOT = ROOT / "tests/c/abi/hwm-0.1.abi.txt"
REFERENCE = ROOT / "tests/c/abi/hwm-0.1.abi.xml"


def run(score):
    score.check("nothing of the snapshot is gone or changed", compare)
    score.check("the snapshot is whole", whole)
    score.check("abidiff finds the same", diff)


def dump():
    """What the header promises, a line each."""
    plain = call(
        [
            "cc",
            "-E",
            "-P",
            "-std=c11",
            f"-I{STAGE}/include",
            "-include",
            "hwm.h",
            "-x",
            "c",
            "/dev/null",
        ]
    )
    plain = re.sub(r"__attribute__ ?\(\(.*?\)\)\)?", "", plain)
    plain = re.sub(r"\s+", " ", plain)
    lines = [
        f"function {text}"
        for text in re.findall(r"((?:const )?[a-z_0-9]+ \*?hwm_[a-z_]+\([^;{}]*\));", plain)
        if not text.startswith("typedef")
    ]
    lines += [f"typedef {text}" for text in re.findall(r"typedef ([^;{}]*hwm_[^;{}]*);", plain)]
    with folder() as place:
        constants = re.findall(r"\b(HWM_[A-Z_]+) = ", (STAGE / "include/hwm.h").read_text())
        structures = re.findall(r"typedef struct (hwm_\w+) \{(.*?)\} \1;", plain)
        source = ["#include <hwm.h>", "#include <stdio.h>", "int main(void) {"]
        source += [f'printf("constant {name} = %d\\n", (int){name});' for name in constants]
        for name, body in structures:
            source.append(f'printf("structure {name} of %zu bytes\\n", sizeof({name}));')
            for field in body.split(";"):
                found = re.match(r"\s*(.*?)(\w+)\s*$", field)
                if found:
                    source.append(
                        f'printf("field {name}: {found[1].strip()} {found[2]} at %zu\\n", '
                        f"offsetof({name}, {found[2]}));"
                    )
        source.append("return 0; }")
        with open(f"{place}/dump.c", "w") as file:
            file.write("\n".join(source))
        call(["cc", f"-I{STAGE}/include", f"{place}/dump.c", "-o", f"{place}/dump"])
        lines += call([f"{place}/dump"]).splitlines()
    return lines


def update():
    return bool(os.environ.get("HWM_UPDATE"))


def compare():
    now = dump()
    if update():
        SNAPSHOT.parent.mkdir(exist_ok=True)
        SNAPSHOT.write_text("\n".join(now) + "\n")
    promised = SNAPSHOT.read_text().splitlines()
    sizes = re.compile(r"structure (\w+) of (\d+) bytes")
    grown = {m[1]: int(m[2]) for m in map(sizes.match, now) if m}
    broken = [
        line
        for line in promised
        if line not in now and not ((m := sizes.match(line)) and grown.get(m[1], 0) > int(m[2]))
    ]
    if broken:
        raise Failed("\n".join(broken))


def whole():
    """What is new belongs into the snapshot, so that the next version keeps it."""
    promised = SNAPSHOT.read_text().splitlines()
    new = [line for line in dump() if line not in promised]
    if new:
        raise Failed("\n".join(new) + "\nto promise it: HWM_UPDATE=1 tests/c/run abi")


def diff():
    """Compares with the committed description what abidw reads from a program that uses all types.

    The library itself carries Rust's debug information, in which C types have other names; a shared
    object made from the header alone carries the C types.
    """
    tool("abidiff", "abigail-tools")
    with folder() as place:
        functions = [
            line.removeprefix("function ") for line in dump() if line.startswith("function ")
        ]
        source = ["#include <hwm.h>"]
        for declaration in functions:
            result = re.match(r"((?:const )?\w+ \*?)hwm_", declaration)[1].strip()
            body = "" if result == "void" else f"return ({result})0;"
            source.append(f"{declaration} {{ {body} }}")
        with open(f"{place}/stubs.c", "w") as file:
            file.write("\n".join(source) + "\n")
        call(
            [
                "cc",
                "-g",
                f"-fdebug-prefix-map={place}=.",
                "-shared",
                "-fPIC",
                "-w",
                "-Wl,-soname,libhwm.so.0.1",
                f"-I{STAGE}/include",
                "stubs.c",
                "-o",
                f"{place}/libhwm.so.0.1",
            ],
            cwd=place,
        )
        description = BUILD / "hwm.abi.xml"
        call(
            [
                "abidw",
                "--no-comp-dir-path",
                "--no-corpus-path",
                "--no-show-locs",
                "--out-file",
                description,
                f"{place}/libhwm.so.0.1",
            ]
        )
        if update():
            REFERENCE.write_text(description.read_text())
        call(["abidiff", "--no-added-syms", REFERENCE, description])
