//! Which crate may use which: the table of the design, held against the manifests.

use super::{Finding, Package};

/// A crate and the crates of this workspace that it may use. What does not stand here may not exist.
const MAY_USE: &[(&str, &[&str])] = &[
    ("sim-core", &[]),
    ("protocol", &["sim-core"]),
    ("input-log", &["sim-core"]),
    ("authority", &["sim-core", "protocol", "input-log"]),
    ("netcode", &["sim-core", "protocol"]),
    // For its tests alone.
    ("identity", &["clerk-stand-in"]),
    ("clerk-stand-in", &[]),
    (
        "harness",
        &["sim-core", "protocol", "input-log", "authority", "netcode"],
    ),
    ("analysis", &["sim-core", "input-log", "kernel", "netcode"]),
    // `authority` for its tests alone.
    (
        "game-client",
        &[
            "sim-core",
            "protocol",
            "input-log",
            "kernel",
            "analysis",
            "authority",
            "netcode",
        ],
    ),
    ("kernel", &["sim-core", "input-log"]),
    ("kernel-wasm", &["kernel", "input-log"]),
    ("other-rules", &["sim-core", "input-log", "kernel"]),
    ("kernels", &[]),
    // `worker` is the name of the platform's crate.
    (
        "bitfort-worker",
        &["sim-core", "authority", "protocol", "input-log", "identity"],
    ),
    // It makes inputs for the fuzzer of what it replays.
    (
        "replay",
        &[
            "sim-core",
            "protocol",
            "input-log",
            "authority",
            "netcode",
            "harness",
            "fuzz-checks",
            "kernel",
            "kernels",
            "analysis",
            // For its tests alone.
            "other-rules",
        ],
    ),
    (
        "fuzz-checks",
        &[
            "sim-core",
            "protocol",
            "input-log",
            "kernel",
            "analysis",
            "authority",
            "harness",
        ],
    ),
    (
        "benches",
        &[
            "sim-core",
            "protocol",
            "input-log",
            "authority",
            "netcode",
            "harness",
        ],
    ),
    ("bindgen", &[]),
    ("wasm-probe", &["sim-core"]),
    (
        "targets",
        &["sim-core", "protocol", "input-log", "kernel", "harness"],
    ),
    ("local-worker", &[]),
    (
        "live",
        &[
            "sim-core",
            "protocol",
            "netcode",
            "harness",
            "local-worker",
            "clerk-stand-in",
        ],
    ),
    // It starts the others as programs, so that a broken crate never stops `cargo xtask tidy`.
    ("xtask", &["local-worker"]),
];

pub(super) fn check(packages: &[Package]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in packages {
        let file = format!("{}/Cargo.toml", package.folder);
        let Some((_, may_use)) = MAY_USE.iter().find(|(name, _)| *name == package.name) else {
            let what = format!(
                "crate `{}` has no row in xtask/src/tidy/edges.rs",
                package.name
            );
            findings.push(Finding {
                file,
                line: 0,
                what,
            });
            continue;
        };
        for used in package
            .uses
            .iter()
            .filter(|used| !may_use.contains(&used.as_str()))
        {
            let what = format!("`{}` may not use `{used}`", package.name);
            findings.push(Finding {
                file: file.clone(),
                line: 0,
                what,
            });
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, uses: &[&str]) -> Package {
        let uses = uses.iter().map(|used| (*used).to_owned()).collect();
        Package {
            name: name.to_owned(),
            folder: name.to_owned(),
            uses,
            ..Package::default()
        }
    }

    #[test]
    fn the_edges_of_the_design_are_let_through() {
        let packages = [
            package("sim-core", &[]),
            package("authority", &["sim-core", "input-log"]),
        ];
        assert_eq!(check(&packages), []);
    }

    #[test]
    fn the_client_never_uses_the_authority() {
        let findings = check(&[package("netcode", &["sim-core", "authority"])]);
        let what = "`netcode` may not use `authority`".to_owned();
        assert_eq!(
            findings,
            [Finding {
                file: "netcode/Cargo.toml".to_owned(),
                line: 0,
                what
            }]
        );
    }

    #[test]
    fn no_pure_crate_uses_the_harness() {
        for name in [
            "sim-core",
            "protocol",
            "input-log",
            "authority",
            "netcode",
            "bitfort-worker",
        ] {
            assert_eq!(check(&[package(name, &["harness"])]).len(), 1, "{name}");
        }
    }

    #[test]
    fn a_crate_without_a_row_is_found() {
        assert_eq!(check(&[package("utils", &[])]).len(), 1);
    }
}
