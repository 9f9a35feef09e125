//! The archived kernels: what there is, what a module is, and adding one.

use std::path::PathBuf;

use clap::Args;
use input_log::Kernel as _;
use kernel::Translate as _;
use kernels::Provenance;
use serde::Serialize;

use crate::engine;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::save::{self, Target};
use crate::source;

/// What is asked about kernels.
#[derive(Debug, Args)]
pub(crate) struct KernelsArgs {
    /// A module, to say what it is; without one the archive is listed.
    file: Option<PathBuf>,
    /// Answer with one line of JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Write the module, compressed, and its provenance into this folder.
    #[arg(long, value_name = "DIR", requires_all = ["file", "commit", "toolchain", "flags"])]
    keep: Option<PathBuf>,
    /// The commit that the module was built from.
    #[arg(long, requires = "keep")]
    commit: Option<String>,
    /// The compiler that built it.
    #[arg(long, requires = "keep")]
    toolchain: Option<String>,
    /// What cargo was told.
    #[arg(long, requires = "keep", allow_hyphen_values = true)]
    flags: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    ok: bool,
    kernels: Vec<Row>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    #[serde(flatten)]
    of: Provenance,
    packed_bytes: usize,
    /// Whether the archive has it.
    archived: bool,
}

pub(crate) fn run(args: &KernelsArgs) -> Result<Exit, Failure> {
    let rows = match &args.file {
        None => kernels::all()
            .into_iter()
            .map(|kept| Row {
                packed_bytes: kept.packed_bytes(),
                of: kept.provenance,
                archived: true,
            })
            .collect(),
        Some(file) => vec![described(file, args)?],
    };
    if args.json {
        output::json(&Listed {
            ok: true,
            kernels: rows,
        });
        return Ok(Exit::Holds);
    }
    for Row {
        of,
        packed_bytes,
        archived,
    } in rows
    {
        say!(
            "SIM_VERSION {} with constants {}: {} bytes, {packed_bytes} compressed{}",
            of.sim_version,
            of.rules_hash,
            of.bytes,
            if archived { "" } else { ", not in the archive" }
        );
        say!("  module     {}", of.hash);
        if !of.commit.is_empty() {
            say!("  built from {} by {}", of.commit, of.toolchain);
        }
    }
    Ok(Exit::Holds)
}

fn described(file: &std::path::Path, args: &KernelsArgs) -> Result<Row, Failure> {
    let module = source::file(file, kernels::MODULE_BYTES_MAX as u64)?;
    let kernel =
        engine::start(&module).map_err(|failure| failure.about(&file.display().to_string()))?;
    let packed = kernels::pack(&module);
    let text = |given: &Option<String>| given.clone().unwrap_or_default();
    let mut of = Provenance {
        sim_version: kernel.sim_version(),
        rules_hash: format!("{:016x}", kernel.rules_hash()),
        hash: kernels::hash(&module),
        bytes: module.len(),
        commit: text(&args.commit),
        toolchain: text(&args.toolchain),
        flags: text(&args.flags),
    };
    let kept = kernels::all();
    let kept = kept
        .into_iter()
        .find(|kept| kept.provenance.hash == of.hash);
    if let Some(kept) = &kept {
        of = kept.provenance.clone();
    } else if let Some(folder) = &args.keep {
        save::folder(folder)?;
        let path = |ending: &str| {
            let name = kernels::name(of.sim_version, &of.hash);
            folder.join(format!("{name}.{ending}"))
        };
        let provenance = serde_json::to_string_pretty(&of).expect("its keys are names") + "\n";
        Target::at(&path("wasm.zlib"))?.write(&packed)?;
        Target::at(&path("json"))?.write(provenance.as_bytes())?;
    }
    Ok(Row {
        of,
        packed_bytes: packed.len(),
        archived: kept.is_some(),
    })
}
