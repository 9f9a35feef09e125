//! A module as its host sees it: a kernel like any other.

mod translate;

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use input_log::kernel::{Kernel, Malformed, Window};
use serde::de::DeserializeOwned;
use sim_core::{FieldDiff, Step};

use crate::calls::Call;
use crate::translate::Translate as _;

/// A module that an engine runs.
pub trait Instance {
    /// Calls the export `call`.
    ///
    /// # Errors
    /// Why the module stopped.
    fn call(&mut self, number: u32, args: [u64; 4]) -> Result<u64, String>;

    /// Makes room for input with the export `reserve` and writes it there.
    ///
    /// # Errors
    /// Why that is not possible.
    fn write(&mut self, input: &[u8]) -> Result<(), String>;

    /// Reads what the export `output` names.
    ///
    /// # Errors
    /// Why that is not possible.
    fn read(&mut self) -> Result<Vec<u8>, String>;
}

/// Why a module is no kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KernelError(pub String);

impl fmt::Display for KernelError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "the module is no kernel: {}", self.0)
    }
}

impl std::error::Error for KernelError {}

/// A module as a kernel.
///
/// Should it stop, then everything that follows is empty, [`failure`](crate::Translate::failure) says why, and nothing that was
/// compared since holds.
pub struct Archived<I>(Rc<Running<I>>);

struct Running<I> {
    instance: RefCell<I>,
    failure: RefCell<Option<String>>,
    sim_version: u32,
    rules_hash: u64,
}

/// Something in a module. It is gone there when the last of its handles here is.
pub struct Thing<I: Instance> {
    of: Archived<I>,
    handle: u64,
}

impl<I> Clone for Archived<I> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<I> fmt::Debug for Archived<I> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Archived(SIM_VERSION {})", self.0.sim_version)
    }
}

impl<I: Instance> Clone for Thing<I> {
    fn clone(&self) -> Self {
        let handle = self.of.call(Call::Clone, [self.handle, 0, 0, 0]);
        self.of.thing(handle)
    }
}

impl<I: Instance> Drop for Thing<I> {
    fn drop(&mut self) {
        self.of.call(Call::Drop, [self.handle, 0, 0, 0]);
    }
}

impl<I: Instance> fmt::Debug for Thing<I> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Thing({})", self.handle)
    }
}

impl<I: Instance> Archived<I> {
    /// A module that was just started.
    ///
    /// # Errors
    /// If it is none of a kernel, or knows fewer calls than are needed.
    pub fn start(mut instance: I) -> Result<Self, KernelError> {
        let mut ask = |call: Call| {
            let answer = instance.call(call as u32, [0; 4]);
            answer.map_err(KernelError)
        };
        let (known, needed) = (ask(Call::Count)?, Call::ALL.len() as u64);
        if known < needed {
            return Err(KernelError(format!(
                "it knows {known} calls, and {needed} are needed"
            )));
        }
        let version = ask(Call::SimVersion)?;
        let sim_version = u32::try_from(version)
            .map_err(|_| KernelError(format!("{version} is no SIM_VERSION")))?;
        let rules_hash = ask(Call::RulesHash)?;
        Ok(Self(Rc::new(Running {
            instance: RefCell::new(instance),
            failure: RefCell::default(),
            sim_version,
            rules_hash,
        })))
    }

    fn thing(&self, handle: u64) -> Thing<I> {
        Thing {
            of: self.clone(),
            handle,
        }
    }

    fn some(&self, handle: u64) -> Option<Thing<I>> {
        (handle != 0).then(|| self.thing(handle))
    }

    /// What the call answers; 0 once the module has stopped.
    fn call(&self, call: Call, args: [u64; 4]) -> u64 {
        if self.0.failure.borrow().is_some() {
            return 0;
        }
        let answer = self.0.instance.borrow_mut().call(call as u32, args);
        answer.unwrap_or_else(|why| {
            self.fail(why);
            0
        })
    }

    fn ask(&self, call: Call, thing: &Thing<I>) -> u64 {
        self.call(call, [thing.handle, 0, 0, 0])
    }

    /// The number of bytes that the module has of this input.
    fn input(&self, bytes: &[u8]) -> u64 {
        if self.0.failure.borrow().is_some() {
            return 0;
        }
        let written = self.0.instance.borrow_mut().write(bytes);
        if let Err(why) = written {
            self.fail(why);
        }
        bytes.len() as u64
    }

    fn output(&self) -> Vec<u8> {
        if self.0.failure.borrow().is_some() {
            return Vec::new();
        }
        let read = self.0.instance.borrow_mut().read();
        read.unwrap_or_else(|why| {
            self.fail(why);
            Vec::new()
        })
    }

    /// What the last call has told, in a type of this build.
    fn told<T: DeserializeOwned + Default>(&self) -> T {
        let output = self.output();
        if self.0.failure.borrow().is_some() {
            return T::default();
        }
        serde_json::from_slice(&output).unwrap_or_else(|why| {
            self.fail(format!("what it says cannot be read: {why}"));
            T::default()
        })
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.output()).into_owned()
    }

    fn fail(&self, why: String) {
        self.0.failure.borrow_mut().get_or_insert(why);
    }
}

impl<I: Instance> Kernel for Archived<I> {
    type World = Thing<I>;
    /// None before the first was read.
    type Frame = Option<Thing<I>>;
    /// None before the first was read.
    type Evidence = Option<Thing<I>>;
    type Codec = Thing<I>;
    type Frames = Thing<I>;

    fn sim_version(&self) -> u32 {
        self.0.sim_version
    }

    fn read_keyframe(&self, payload: &[u8]) -> Result<(Vec<u8>, Thing<I>), Malformed> {
        let bytes = self.input(payload);
        let codec = self.call(Call::ReadKeyframe, [bytes, 0, 0, 0]);
        let codec = self.some(codec).ok_or(Malformed)?;
        Ok((self.output(), codec))
    }

    fn begin_frames(&self, payload: &[u8]) -> Thing<I> {
        let bytes = self.input(payload);
        self.thing(self.call(Call::BeginFrames, [bytes, 0, 0, 0]))
    }

    fn read_frame(
        &self,
        codec: &mut Thing<I>,
        frames: &mut Thing<I>,
        _: &[u8],
        frame: &mut Self::Frame,
    ) -> Result<(), Malformed> {
        let before = frame.as_ref().map_or(0, |frame| frame.handle);
        let read = self.call(Call::ReadFrame, [codec.handle, frames.handle, before, 0]);
        if read == 0 {
            return Err(Malformed);
        }
        if before == 0 {
            *frame = Some(self.thing(read));
        }
        Ok(())
    }

    fn end_frames(&self, frames: &Thing<I>, _: &[u8]) -> Result<(), Malformed> {
        let ends = self.ask(Call::EndFrames, frames) == 1;
        ends.then_some(()).ok_or(Malformed)
    }

    fn read_evidence(
        &self,
        codec: &mut Thing<I>,
        payload: &[u8],
        window: Window,
        evidence: &mut Self::Evidence,
    ) -> Result<(), Malformed> {
        let bytes = self.input(payload);
        let args = [codec.handle, bytes, window.first.0, window.steps];
        let read = self.some(self.call(Call::ReadEvidence, args));
        *evidence = Some(read.ok_or(Malformed)?);
        Ok(())
    }

    fn restore(&self, encoded: &[u8]) -> Result<Thing<I>, String> {
        let bytes = self.input(encoded);
        let world = self.some(self.call(Call::Restore, [bytes, 0, 0, 0]));
        world.ok_or_else(|| self.failure().unwrap_or_else(|| self.text()))
    }

    fn encode(&self, world: &Thing<I>) -> Vec<u8> {
        self.ask(Call::Encode, world);
        self.output()
    }

    fn step_number(&self, world: &Thing<I>) -> Step {
        Step(self.ask(Call::StepNumber, world))
    }

    fn step(&self, world: &mut Thing<I>, frame: &Self::Frame) {
        if let Some(frame) = frame {
            self.call(Call::Step, [world.handle, frame.handle, 0, 0]);
        }
    }

    fn is_quiet(&self, world: &Thing<I>) -> bool {
        self.ask(Call::IsQuiet, world) == 1
    }

    fn fast_forward(&self, world: &mut Thing<I>, steps: u64) {
        self.call(Call::FastForward, [world.handle, steps, 0, 0]);
    }

    fn hash(&self, world: &Thing<I>) -> u64 {
        self.ask(Call::Hash, world)
    }

    fn fields(&self, world: &Thing<I>) -> Vec<(String, String)> {
        self.ask(Call::Fields, world);
        self.told()
    }

    fn difference(&self, expected: &Thing<I>, actual: &Thing<I>) -> Option<FieldDiff> {
        let args = [expected.handle, actual.handle, 0, 0];
        if self.call(Call::Difference, args) == 0 {
            return None;
        }
        let (path, expected, actual) = self.told();
        Some(FieldDiff {
            path,
            expected,
            actual,
        })
    }
}
