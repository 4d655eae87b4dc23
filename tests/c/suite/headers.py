"""The headers compile alone, in every standard, under both compilers, with all warnings."""

import itertools

from project import STAGE, STRICT, Failed, call, folder, tool

C = ["c99", "c11", "c17"]
CPP = ["c++17", "c++20"]
EVERYTHING = [
    "-Weverything",
    "-Wno-unknown-warning-option",
    "-Wno-padded",
    "-Wno-c++98-compat",
    "-Wno-c++98-compat-pedantic",
    "-Wno-unsafe-buffer-usage",
    "-Wno-c++20-compat",
    "-Wno-exit-time-destructors",
    "-Wno-weak-vtables",
    "-Wno-documentation-unknown-command",
]
MORE = ["-Wshadow", "-Wconversion", "-Wundef", "-Wcast-qual", "-Wstrict-prototypes"]


def run(score):
    compilers = [
        (tool("gcc", "gcc"), tool("g++", "g++")),
        (tool("clang", "clang"), tool("clang++", "clang")),
    ]
    for c, cpp in compilers:
        extra = EVERYTHING if c == "clang" else MORE
        for standard in C:
            score.check(f"hwm.h {c} {standard}", compiles, c, standard, "hwm.h", "c", extra)
        for header, standard in itertools.product(["hwm.h", "hwm.hpp"], CPP):
            score.check(
                f"{header} {cpp} {standard}",
                compiles,
                cpp,
                standard,
                header,
                "c++",
                [flag for flag in extra if flag != "-Wstrict-prototypes"],
            )
            score.check(
                f"{header} {cpp} {standard} without exceptions",
                compiles,
                cpp,
                standard,
                header,
                "c++",
                ["-fno-exceptions", "-fno-rtti"],
            )
        score.check(f"hwm.hpp {cpp} below C++17 says what it needs and no more", too_old, cpp)


def compiles(compiler, standard, header, language, flags):
    """Included twice and alone."""
    with folder() as place:
        source = f"{place}/alone.{'c' if language == 'c' else 'cpp'}"
        with open(source, "w") as file:
            file.write(
                f"#include <{header}>\n#include <{header}>\n"
                "extern int something;\nint something = 0;\n"
            )
        call(
            [
                compiler,
                f"-std={standard}",
                *STRICT,
                *flags,
                "-fsyntax-only",
                f"-I{STAGE}/include",
                source,
            ]
        )


def too_old(compiler):
    with folder() as place:
        source = f"{place}/old.cpp"
        with open(source, "w") as file:
            file.write("#include <hwm.hpp>\n")
        command = [compiler, "-std=c++14", "-fsyntax-only", f"-I{STAGE}/include", source]
        try:
            call(command)
        except Failed as failed:
            said = str(failed)
            if "hwm.hpp needs C++17" in said and said.count("error:") == 1:
                return
            raise
        raise Failed("C++14 was accepted")
