//! The engine that runs archived kernels.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use kernel::{Archived, Instance};
use wasmtime::{Config, Engine, Memory, Module, Store, StoreLimits, StoreLimitsBuilder, TypedFunc};

use crate::exit::Failure;

/// Memory that a kernel may take. The largest recording that is read needs a tenth of it.
const MEMORY_BYTES_MAX: usize = 1 << 30;

type Arguments = (u32, u64, u64, u64, u64);

/// Modules that were compiled, by their hash.
static COMPILED: Mutex<BTreeMap<String, Module>> = Mutex::new(BTreeMap::new());

/// A module that runs.
pub(crate) struct Running {
    store: Store<StoreLimits>,
    memory: Memory,
    reserve: TypedFunc<u32, u32>,
    output: TypedFunc<(), u64>,
    call: TypedFunc<Arguments, u64>,
}

/// Starts a module of a kernel.
///
/// # Errors
/// If it is none.
pub(crate) fn start(module: &[u8]) -> Result<Archived<Running>, Failure> {
    let running = compiled(module).and_then(|module| run(&module));
    let running = running.map_err(|why| {
        Failure::Usage(format!(
            "the module is no kernel: {why:#}. Kernels are built by `cargo xtask kernel`"
        ))
    })?;
    Archived::start(running).map_err(|why| Failure::Usage(why.to_string()))
}

fn compiled(bytes: &[u8]) -> wasmtime::Result<Module> {
    let hash = kernels::hash(bytes);
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(module) = compiled.get(&hash) {
        return Ok(module.clone());
    }
    let module = Module::new(&Engine::new(&Config::new())?, bytes)?;
    compiled.insert(hash, module.clone());
    Ok(module)
}

fn run(module: &Module) -> wasmtime::Result<Running> {
    let limits = StoreLimitsBuilder::new().memory_size(MEMORY_BYTES_MAX);
    let mut store = Store::new(module.engine(), limits.build());
    store.limiter(|limits| limits);
    let instance = wasmtime::Instance::new(&mut store, module, &[])?;
    let memory = instance.get_memory(&mut store, "memory");
    Ok(Running {
        memory: memory.ok_or_else(|| wasmtime::Error::msg("it exports no memory"))?,
        reserve: instance.get_typed_func(&mut store, "reserve")?,
        output: instance.get_typed_func(&mut store, "output")?,
        call: instance.get_typed_func(&mut store, "call")?,
        store,
    })
}

fn told(error: wasmtime::Error) -> String {
    format!("{:#}", error.root_cause())
}

impl Instance for Running {
    fn call(&mut self, number: u32, [a, b, c, d]: [u64; 4]) -> Result<u64, String> {
        let answer = self.call.call(&mut self.store, (number, a, b, c, d));
        answer.map_err(told)
    }

    fn write(&mut self, input: &[u8]) -> Result<(), String> {
        let bytes = u32::try_from(input.len()).map_err(|error| error.to_string())?;
        let at = self.reserve.call(&mut self.store, bytes).map_err(told)?;
        let written = self.memory.write(&mut self.store, at as usize, input);
        written.map_err(|error| error.to_string())
    }

    fn read(&mut self) -> Result<Vec<u8>, String> {
        let output = self.output.call(&mut self.store, ()).map_err(told)?;
        let (at, bytes) = ((output >> 32) as usize, output as u32 as usize);
        let all = self.memory.data(&self.store);
        let output = all.get(at..).and_then(|from| from.get(..bytes));
        let output = output.ok_or("it names memory that it does not have")?;
        Ok(output.to_vec())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use input_log::{Kernel as _, Native, Recording, Rerun, Verified};
    use kernel::Translate as _;
    use sim_core::rules_hash;

    use super::*;

    fn archived() -> Archived<Running> {
        let kept = kernels::find(sim_core::SIM_VERSION, rules_hash());
        start(&kept.unwrap().module().unwrap()).unwrap()
    }

    #[test]
    fn an_archived_kernel_predicts_and_tells_what_this_build_does() {
        let bytes = std::fs::read("../recordings/builders-in-combat.rec").unwrap();
        let kernel = archived();
        assert_eq!(kernel.sim_version(), sim_core::SIM_VERSION);
        let recordings = (
            Recording::open(&bytes).unwrap(),
            Recording::open_with(kernel.clone(), &bytes).unwrap(),
        );
        let mut reruns = (Rerun::of(&recordings.0), Rerun::of(&recordings.1));
        let mut predicted = 0;
        while let (Some(native), Some(archived)) = (reruns.0.next(), reruns.1.next()) {
            match (native.unwrap(), archived.unwrap()) {
                (Verified::Step { step, frame, .. }, Verified::Step { frame: other, .. }) => {
                    assert_eq!(kernel.frame(other), *frame);
                    let back = kernel.frame_of(frame).unwrap();
                    assert_eq!(kernel.frame(&back), *frame);
                    if !step.0.is_multiple_of(97) {
                        continue;
                    }
                }
                (Verified::Evidence(evidence), Verified::Evidence(other)) => {
                    assert_eq!(kernel.evidence(other), *evidence);
                    continue;
                }
                _ => continue,
            }
            let (world, other) = (reruns.0.world().unwrap(), reruns.1.world().unwrap());
            assert_eq!(kernel.moment(other), Native.moment(world));
            assert_eq!(kernel.events(other), world.events());
            assert_eq!(kernel.fields(other), Native.fields(world));
            for player in world.players() {
                let hash = kernel.predicted_hash(other, player.id);
                assert_eq!(hash, Some(player.predicted_hash()));
                let snapshots = (Native.snapshot(world, None), kernel.snapshot(other, None));
                let held = kernel.held(&snapshots.1, player.id);
                assert_eq!(held, Some(player.buttons));
                let mut prediction = Native.predict(&snapshots.0, player.id).unwrap();
                let mut again = kernel.predict(&snapshots.1, player.id).unwrap();
                for bits in 0..16 {
                    let buttons = sim_core::Buttons::from_bits(bits).unwrap();
                    let aim = sim_core::Aim(u16::from(bits) << 12);
                    let actions = [sim_core::Action::Fire { aim }];
                    Native.predict_step(&mut prediction, buttons, &actions);
                    kernel.predict_step(&mut again, buttons, &actions);
                    assert_eq!(kernel.predicted(&again), Native.predicted(&prediction));
                    let hash = kernel.prediction_hash(&again);
                    assert_eq!(hash, Native.prediction_hash(&prediction));
                    predicted += 1;
                }
            }
        }
        assert!(predicted > 1_000, "{predicted}");
        assert_eq!(kernel.failure(), None);
    }

    #[test]
    fn what_is_no_kernel_is_refused_with_advice() {
        let empty = b"\0asm\x01\0\0\0";
        for module in [&b"nonsense"[..], b"", empty] {
            let failure = start(module).map(|_| ()).unwrap_err().to_string();
            assert!(failure.contains("cargo xtask kernel"), "{failure}");
        }
    }
}
