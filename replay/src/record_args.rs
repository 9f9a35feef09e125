//! What a recording is asked for.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use harness::{Behaviour, LinkProfile};

/// `replay record`.
#[derive(Clone, Debug, Args)]
pub struct RecordArgs {
    /// Bots that play.
    #[arg(long, visible_alias = "bots", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=32))]
    pub players: u16,
    /// How long they play.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub seconds: u32,
    /// Seed of world, links and bots. The same seed records the same bytes. Live bots decide from it, too.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// The file to write. Live, the room's own recording is fetched into it at the end.
    #[arg(long, required_unless_present = "live")]
    pub out: Option<PathBuf>,
    /// What the clients speak.
    #[arg(long, value_enum, default_value_t = EncodingArg::Binary)]
    pub encoding: EncodingArg,
    /// How the virtual links behave.
    #[arg(long, default_value = "clean", value_parser = clap::builder::PossibleValuesParser::new(LinkProfile::NAMES))]
    pub profile: String,
    /// How the bots play, given out in turn. All of them by default.
    #[arg(long, value_delimiter = ',', value_parser = clap::builder::PossibleValuesParser::new(Behaviour::ALL.map(Behaviour::name)))]
    pub behaviours: Vec<String>,
    /// How much of each step's hash is kept: four bits and a digest a block, or all of it.
    #[arg(long, value_enum, default_value_t = DetailArg::Check)]
    pub hash_detail: DetailArg,
    /// Play in a live room over WebSockets instead, such as ws://127.0.0.1:8787/api/rooms/den/ws.
    #[arg(long, value_name = "URL", conflicts_with_all = ["profile", "hash_detail"])]
    pub live: Option<String>,
    /// End with one line of JSON.
    #[arg(long)]
    pub json: bool,
}

/// What clients speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EncodingArg {
    /// The compact encoding.
    Binary,
    /// The readable one.
    Json,
    /// Every second client the other one.
    Mixed,
}

/// How much of each step's hash is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DetailArg {
    /// Four bits, and a digest over the whole hashes of each block.
    Check,
    /// All of it.
    EveryStep,
}

impl RecordArgs {
    /// How the bots play, in their order.
    pub(crate) fn players(&self) -> Vec<Behaviour> {
        let named = |name: &String| Behaviour::ALL.into_iter().find(|one| one.name() == name);
        let chosen: Vec<Behaviour> = self.behaviours.iter().filter_map(named).collect();
        let chosen = if chosen.is_empty() {
            Behaviour::ALL.to_vec()
        } else {
            chosen
        };
        let endless = chosen.into_iter().cycle();
        endless.take(usize::from(self.players)).collect()
    }
}
