"""The headers make a manual without a warning, and miri finds nothing in the pointer code."""

import shutil
import subprocess

from project import BUILD, ROOT, STAGE, Failed, call, tool

DOXYFILE = """PROJECT_NAME = hwm
INPUT = {stage}/include/hwm.h {stage}/include/hwm.hpp
OUTPUT_DIRECTORY = {output}
GENERATE_LATEX = NO
GENERATE_HTML = YES
HAVE_DOT = NO
EXTRACT_ALL = NO
DISTRIBUTE_GROUP_DOC = YES
OPTIMIZE_OUTPUT_FOR_C = NO
MACRO_EXPANSION = YES
EXPAND_ONLY_PREDEF = YES
PREDEFINED = HWM_API= __cplusplus=201703L __cpp_exceptions=1
EXCLUDE_SYMBOLS = hwm::v0_1::detail hwm::v0_1::detail::*
WARN_IF_UNDOCUMENTED = YES
WARN_IF_INCOMPLETE_DOC = YES
WARN_NO_PARAMDOC = NO
WARN_AS_ERROR = NO
QUIET = YES
"""


def doxygen(score):
    score.check("doxygen has nothing to warn of", warnings)


def warnings():
    tool("doxygen", "doxygen")
    output = BUILD / "manual"
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir()
    doxyfile = output / "Doxyfile"
    doxyfile.write_text(DOXYFILE.format(stage=STAGE, output=output))
    said = call(["doxygen", doxyfile])
    if said.strip():
        raise Failed(said)


def miri(score):
    """Runs the unit tests of bindings/c in miri, those that need no network: all of them."""
    found = (
        shutil.which("cargo")
        and subprocess.run(
            ["cargo", "+nightly", "miri", "--version"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        ).returncode
        == 0
    )
    if not found:
        try:
            call(
                [
                    "rustup",
                    "toolchain",
                    "install",
                    "nightly",
                    "--profile",
                    "minimal",
                    "--component",
                    "miri",
                    "--component",
                    "rust-src",
                ],
                timeout=600,
            )
        except Failed as failed:
            score.failed(
                "miri", f"{failed}\nto get it: rustup toolchain install nightly --component miri"
            )
            return
    score.check("miri finds nothing", miri_tests)


def miri_tests():
    output = call(
        ["cargo", "+nightly", "miri", "test", "--quiet", "-p", "hwm-capi", "--lib"],
        cwd=ROOT,
        timeout=900,
    )
    if "test result: ok" not in output:
        raise Failed(output)
