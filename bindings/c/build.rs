//! Names the shared library for the dynamic loader.

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let part = |name: &str| env::var(format!("CARGO_PKG_VERSION_{name}")).unwrap_or_default();
    let (major, minor) = (part("MAJOR"), part("MINOR"));
    match env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("linux") => {
            // Until 1.0 a minor version may change the ABI, so it is part of the name.
            println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libhwm.so.{major}.{minor}");
            // A library that is unmapped while host threads still hold its thread-locals leaks a
            // pthread key at each reload, and the process aborts when they run out.
            println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
        }
        Ok("macos") => {
            println!(
                "cargo:rustc-cdylib-link-arg=-Wl,-install_name,@rpath/libhwm.{major}.{minor}.dylib"
            );
        }
        _ => {}
    }
}
