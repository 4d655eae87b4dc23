"""Programs outside the tree build against an install in a folder of its own, and run."""

import os
import pathlib
import shutil
import tempfile

from project import ROOT, Failed, call, tool
from sandbox import Sandbox

PREFIX = "/opt/hwm"
CMAKE = """cmake_minimum_required(VERSION 3.16)
project(outside C CXX)
find_package(hwm 0.1 CONFIG REQUIRED)
foreach(kind hwm hwm_static)
  add_executable(c_${kind} set_status.c)
  add_executable(cpp_${kind} set_status.cpp)
  set_property(TARGET c_${kind} PROPERTY C_STANDARD 99)
  set_property(TARGET cpp_${kind} PROPERTY CXX_STANDARD 17)
  target_link_libraries(c_${kind} PRIVATE hwm::${kind})
  target_link_libraries(cpp_${kind} PRIVATE hwm::${kind})
endforeach()
"""
SECOND_RUST = """
#[unsafe(no_mangle)]
pub extern "C" fn second_sum(n: u32) -> u32 {
    if std::panic::catch_unwind(|| assert!(n > 0)).is_err() {
        return 77;
    }
    std::thread::spawn(move || (1..=n).sum::<u32>()).join().unwrap_or(0)
}
"""
USES_BOTH = """
#include <hwm.h>
#include <stdio.h>
unsigned second_sum(unsigned n);
int main(void) {
    hwm_options *options = hwm_options_new();
    hwm_error *error = NULL;
    hwm_options_set(options, "nonsense", "1", &error);
    printf("%u %u %s\\n", second_sum(4), second_sum(0), hwm_error_message(error));
    hwm_error_free(error);
    hwm_options_free(options);
    return 0;
}
"""


class Outside:
    """An install, and a project that is no part of this one."""

    def __init__(self, folder):
        self.root = pathlib.Path(folder)
        self.destdir = self.root / "destdir"
        self.prefix = pathlib.Path(f"{self.destdir}{PREFIX}")
        self.project = self.root / "project"
        self.project.mkdir()
        for example in ("c/set_status.c", "cpp/set_status.cpp"):
            shutil.copy(ROOT / "examples" / example, self.project)
        self.make("install")

    def make(self, goal):
        call(
            [
                "make",
                "-f",
                "bindings/c/install.mk",
                goal,
                f"DESTDIR={self.destdir}",
                f"PREFIX={PREFIX}",
                "HWM_PROFILE=dev",
            ],
            cwd=ROOT,
            timeout=600,
        )

    def pkg_config(self, *arguments):
        environment = dict(
            os.environ,
            PKG_CONFIG_LIBDIR=f"{self.prefix}/lib/pkgconfig",
            PKG_CONFIG_SYSROOT_DIR=str(self.destdir),
        )
        return call([tool("pkg-config", "pkg-config"), *arguments, "hwm"], env=environment).split()

    def disables(self, binary):
        """Runs a program that was built here."""
        accounts = [f"user{i + 1:04}" for i in range(20)]
        with Sandbox(
            {"user_list": [{"account": account} for account in accounts], "tls": True}
        ) as sandbox:
            listed = self.project / "accounts.csv"
            listed.write_text("account\n" + "\n".join(accounts) + "\n")
            output = call(
                [binary, "disabled", listed, sandbox.ready["ca_file"]],
                env=sandbox.environment(
                    LD_LIBRARY_PATH=f"{self.prefix}/lib",
                    HWM_ENDPOINT=sandbox.ready["url"],
                    HWM_ACCESS_TOKEN=sandbox.ready["token"],
                ),
            )
        if "20 of 20 applied" not in output:
            raise Failed(output)


def run(score):
    tool("g++", "g++")
    tool("cmake", "cmake")
    with tempfile.TemporaryDirectory(prefix="hwm-outside-") as folder:
        outside = Outside(folder)
        for source, compiler in (
            ("set_status.c", ["cc", "-std=c99"]),
            ("set_status.cpp", ["c++", "-std=c++17"]),
        ):
            score.check(f"pkg-config shared {source}", pkg_config, outside, source, compiler, False)
            score.check(f"pkg-config static {source}", pkg_config, outside, source, compiler, True)
        score.check("cmake configures and builds", cmake, outside)
        for program in ("c_hwm", "c_hwm_static", "cpp_hwm", "cpp_hwm_static"):
            score.check(f"cmake {program}", outside.disables, outside.project / "build" / program)
        score.check("cmake refuses another minor version", cmake_version, outside)
        score.check("pkg-config --static links with the archive alone", archive_alone, outside)
        score.check("the archive links beside a second Rust library", second_rust, outside)
        score.check("uninstall leaves nothing", uninstall, outside)


def pkg_config(outside, source, compiler, static):
    binary = outside.project / f"{source}.{'static' if static else 'shared'}"
    flags = outside.pkg_config("--cflags", "--libs", *(["--static"] if static else []))
    if static:
        flags = [f"{outside.prefix}/lib/libhwm.a" if flag == "-lhwm" else flag for flag in flags]
    call(
        [
            *compiler,
            "-Wall",
            "-Wextra",
            "-Wpedantic",
            "-Werror",
            outside.project / source,
            "-o",
            binary,
            *flags,
        ]
    )
    if static and "libhwm" in call(["ldd", binary]):
        raise Failed("still needs the shared library")
    outside.disables(binary)


def cmake(outside):
    (outside.project / "CMakeLists.txt").write_text(CMAKE)
    build = outside.project / "build"
    call(["cmake", "-S", outside.project, "-B", build, f"-DCMAKE_PREFIX_PATH={outside.prefix}"])
    call(["cmake", "--build", build])


def cmake_version(outside):
    place = outside.root / "wrong"
    place.mkdir()
    (place / "CMakeLists.txt").write_text(CMAKE.replace("hwm 0.1", "hwm 0.2"))
    try:
        call(["cmake", "-S", place, "-B", place / "build", f"-DCMAKE_PREFIX_PATH={outside.prefix}"])
    except Failed as failed:
        if "considered but not accepted" in str(failed):
            return
        raise
    raise Failed("0.2 was accepted")


def second_rust(outside):
    """In both orders, and with the second library optimized as a whole or not."""
    place = outside.root / "second"
    place.mkdir()
    (place / "second.rs").write_text(SECOND_RUST)
    (place / "main.c").write_text(USES_BOTH)
    libraries = outside.pkg_config("--libs", "--static")
    hwm = f"{outside.prefix}/lib/libhwm.a"
    rest = [flag for flag in libraries if flag != "-lhwm"]
    for flags in ([], ["-Copt-level=s", "-Clto=fat", "-Ccodegen-units=1"]):
        call(["rustc", "--edition=2024", "--crate-type=staticlib", *flags, "second.rs"], cwd=place)
        for order in ([hwm, "libsecond.a"], ["libsecond.a", hwm]):
            cflags = outside.pkg_config("--cflags")
            call(["cc", "main.c", *order, *rest, *cflags, "-o", "both"], cwd=place)
            output = call([place / "both"])
            if "10 77 unknown option" not in output:
                raise Failed(output)


def archive_alone(outside):
    """What `pkg-config --static` says is enough, also when all of the program is static."""
    place = outside.root / "alone"
    place.mkdir()
    shutil.copy(f"{outside.prefix}/lib/libhwm.a", place)
    flags = outside.pkg_config("--static", "--cflags", "--libs")
    if "-lm" not in flags:
        raise Failed(f"-lm is not among {flags}")
    flags = [f"-L{place}" if flag.startswith("-L") else flag for flag in flags]
    for kind in ([], ["-static"]):
        call(["cc", *kind, outside.project / "set_status.c", *flags, "-o", place / "program"])
        outside.disables(place / "program")


def uninstall(outside):
    outside.make("uninstall")
    left = [str(path) for path in outside.destdir.rglob("*") if not path.is_dir()]
    if left:
        raise Failed(f"left behind: {left}")
