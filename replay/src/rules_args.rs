//! The options by which somebody says which kernel reruns a recording.

use std::path::PathBuf;

use clap::Args;

use crate::exit::Failure;
use crate::rerun::Rules;
use crate::source;

/// Which kernel reruns a recording. Without one of these it is the one that the recording names.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct RulesArgs {
    /// Rerun by the archived kernel, even where this build has the same rules.
    #[arg(long)]
    archived: bool,
    /// Rerun by this module, as `cargo xtask kernel` builds them.
    #[arg(long, value_name = "FILE", conflicts_with = "archived")]
    kernel: Option<PathBuf>,
}

impl RulesArgs {
    /// # Errors
    /// If the module cannot be read.
    pub(crate) fn read(&self) -> Result<Rules, Failure> {
        Ok(match &self.kernel {
            Some(file) => Rules::Module(source::file(file, kernels::MODULE_BYTES_MAX as u64)?),
            None if self.archived => Rules::Archived,
            None => Rules::Named,
        })
    }
}
