"""What the libraries show the linker: hwm_* and nothing else."""

import re

from project import ROOT, STAGE, Failed, call, tool


def declared():
    text = (ROOT / "include/hwm.h").read_text()
    return set(re.findall(r"^HWM_API [^(]*?\b(hwm_\w+)\(", text, re.M))


def run(score):
    tool("nm", "binutils")
    score.check(
        "the shared library exports what the header declares",
        same,
        ["nm", "-D", "--defined-only", "--format=posix", STAGE / "lib/libhwm.so"],
    )
    score.check(
        "the archive has no other global symbols",
        same,
        ["nm", "-g", "--defined-only", "--format=posix", STAGE / "lib/libhwm.a"],
    )
    score.check("the archive has no section group that a linker could share", groups)
    score.check("the shared library has its soname and stays mapped", dynamic)
    score.check("the shared library needs the C library alone", needed)


def same(command):
    lines = [line.split() for line in call(command).splitlines()]
    found = {line[0] for line in lines if len(line) > 1}
    if found != declared():
        raise Failed(
            f"too many: {sorted(found - declared())}\nmissing: {sorted(declared() - found)}"
        )


def groups():
    """A group of the same name in another Rust archive would be dropped, with symbols it needs."""
    text = call(["readelf", "--section-groups", "--wide", STAGE / "lib/libhwm.a"])
    if "There are no section groups" not in text:
        raise Failed(text)


def dynamic():
    text = call(["readelf", "-d", STAGE / "lib/libhwm.so"])
    for wanted in ("soname: [libhwm.so.0.1]", "NODELETE"):
        if wanted not in text:
            raise Failed(f"no {wanted} in:\n{text}")


def needed():
    text = call(["readelf", "-d", STAGE / "lib/libhwm.so"])
    found = set(re.findall(r"\(NEEDED\).*\[(.*)\]", text))
    allowed = re.compile(r"(libc|libm|libgcc_s|libpthread|libdl|librt|ld-linux.*)\.so.*")
    others = [name for name in found if not allowed.fullmatch(name)]
    if others:
        raise Failed(f"also needs {others}")
