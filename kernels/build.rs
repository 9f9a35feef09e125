//! Lists what is in `archive/`, so that a kernel is there as soon as its two files are.

use std::path::Path;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=archive");
    let folder =
        Path::new(&env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("archive");
    let listed = fs::read_dir(&folder).expect("the archive is a folder");
    let mut names: Vec<String> = listed
        .filter_map(|file| file.ok()?.file_name().into_string().ok())
        .filter_map(|name| Some(name.strip_suffix(".json")?.to_owned()))
        .collect();
    names.sort();
    let rows: String = names
        .iter()
        .map(|name| {
            // A folder of built files may serve several checkouts, so no path of this one is written down.
            let file = |ending| {
                format!("concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/archive/{name}.{ending}\")")
            };
            format!(
                "({name:?}, include_str!({}), include_bytes!({})),\n",
                file("json"),
                file("wasm.zlib")
            )
        })
        .collect();
    let out = Path::new(&env::var_os("OUT_DIR").expect("cargo sets it")).join("archive.rs");
    let text = format!("const FILES: &[(&str, &str, &[u8])] = &[\n{rows}];\n");
    fs::write(out, text).expect("the folder is cargo's own");
}
