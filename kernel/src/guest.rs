//! A kernel as a module has it: things behind handles, bytes in and bytes out.

use serde::Serialize;
use sim_core::{Action, Buttons, Command, PlayerId, Step};

use input_log::kernel::Window;

use crate::calls::Call;
use crate::translate::Translate;

/// A kernel with everything that its host has handles of.
///
/// # Panics
/// A module stops where its host breaks the rules of [`Call`]: a handle that is none, or of another thing.
#[derive(Debug)]
pub struct Guest<K: Translate> {
    kernel: K,
    things: Vec<Option<Thing<K>>>,
    free: Vec<usize>,
    input: Vec<u8>,
    output: Vec<u8>,
}

#[derive(Clone, Debug)]
enum Thing<K: Translate> {
    World(K::World),
    Frame(K::Frame),
    Evidence(K::Evidence),
    Codec(K::Codec),
    Frames(Frames<K>),
    Prediction(K::Prediction),
}

/// The payload of a block and how far it has been read.
#[derive(Clone, Debug)]
struct Frames<K: Translate> {
    payload: Vec<u8>,
    read: K::Frames,
}

/// Takes a thing of one kind out of its place.
macro_rules! taken {
    ($guest:ident, $handle:expr, $kind:ident) => {
        match $guest.take($handle) {
            Thing::$kind(thing) => thing,
            _ => other_kind(),
        }
    };
}

/// Looks at a thing of one kind.
macro_rules! seen {
    ($guest:ident, $handle:expr, $kind:ident) => {
        match $guest.see($handle) {
            Thing::$kind(thing) => thing,
            _ => other_kind(),
        }
    };
}

impl<K: Translate> Guest<K> {
    /// With nothing yet.
    #[must_use]
    pub const fn new(kernel: K) -> Self {
        Self {
            kernel,
            things: Vec::new(),
            free: Vec::new(),
            input: Vec::new(),
            output: Vec::new(),
        }
    }

    /// Where the host writes so many bytes of input.
    pub fn reserve(&mut self, bytes: usize) -> &mut [u8] {
        self.input.clear();
        self.input.resize(bytes, 0);
        &mut self.input
    }

    /// What the last call that answers with bytes has left.
    #[must_use]
    pub fn output(&self) -> &[u8] {
        &self.output
    }

    /// Does what the host asks for.
    #[must_use]
    pub fn call(&mut self, number: u32, [a, b, c, d]: [u64; 4]) -> u64 {
        let call = Call::of(number).expect("the host knows which calls there are");
        match call {
            Call::Count => Call::ALL.len() as u64,
            Call::SimVersion => u64::from(self.kernel.sim_version()),
            Call::RulesHash => self.kernel.rules_hash(),
            Call::Clone => {
                let thing = self.see(a).clone();
                self.keep(thing)
            }
            Call::Drop => {
                self.take(a);
                self.free.push(place(a));
                0
            }
            Call::ReadKeyframe => self.read_keyframe(a),
            Call::BeginFrames => self.begin_frames(a),
            Call::ReadFrame => self.read_frame(a, b, c),
            Call::EndFrames => {
                let Frames { payload, read } = seen!(self, a, Frames);
                u64::from(self.kernel.end_frames(read, payload).is_ok())
            }
            Call::ReadEvidence => self.read_evidence(a, b, c, d),
            Call::Restore => {
                let restored = self.kernel.restore(self.given(a));
                self.kept_or_told(restored.map(Thing::World))
            }
            Call::Encode => {
                self.output = self.kernel.encode(seen!(self, a, World));
                0
            }
            Call::StepNumber => self.kernel.step_number(seen!(self, a, World)).0,
            Call::Step => {
                let mut world = taken!(self, a, World);
                self.kernel.step(&mut world, seen!(self, b, Frame));
                self.put(a, Thing::World(world))
            }
            Call::IsQuiet => u64::from(self.kernel.is_quiet(seen!(self, a, World))),
            Call::FastForward => {
                let mut world = taken!(self, a, World);
                self.kernel.fast_forward(&mut world, b);
                self.put(a, Thing::World(world))
            }
            Call::Hash => self.kernel.hash(seen!(self, a, World)),
            Call::Fields => {
                let fields = self.kernel.fields(seen!(self, a, World));
                self.tell(&fields)
            }
            Call::Difference => {
                let (expected, actual) = (seen!(self, a, World), seen!(self, b, World));
                let difference = self.kernel.difference(expected, actual);
                difference.map_or(0, |found| {
                    self.tell(&(found.path, found.expected, found.actual));
                    1
                })
            }
            Call::Moment => {
                let moment = self.kernel.moment(seen!(self, a, World));
                self.tell(&moment)
            }
            Call::Events => {
                let events = self.kernel.events(seen!(self, a, World));
                self.tell(&events)
            }
            Call::Held => {
                let world = seen!(self, a, World);
                let held = player(b).and_then(|id| self.kernel.held_in(world, id));
                held.map_or(0, |held| 1 << 32 | u64::from(held.to_bits()))
            }
            Call::Frame => {
                let frame = self.kernel.frame(seen!(self, a, Frame));
                self.tell(&frame)
            }
            Call::FrameOf => {
                let frame = serde_json::from_slice(self.given(a));
                let frame = frame.map_err(|why| why.to_string());
                let frame = frame.and_then(|frame| self.kernel.frame_of(&frame));
                self.kept_or_told(frame.map(Thing::Frame))
            }
            Call::Evidence => {
                let evidence = self.kernel.evidence(seen!(self, a, Evidence));
                self.tell(&evidence)
            }
            Call::PredictedHash => {
                let world = seen!(self, a, World);
                let hash = player(b).and_then(|id| self.kernel.predicted_hash(world, id));
                hash.map_or(0, |hash| 1 << 32 | u64::from(hash))
            }
            Call::StepInPhases => {
                let mut world = taken!(self, a, World);
                let frame = seen!(self, b, Frame);
                let phases = self.kernel.step_in_phases(&mut world, frame, c as usize);
                self.put(a, Thing::World(world));
                self.tell(&phases)
            }
            Call::Predict => {
                let world = seen!(self, a, World);
                let snapshot = self.kernel.snapshot(world, None);
                let begun = player(b).and_then(|id| self.kernel.predict(&snapshot, id));
                begun.map_or(0, |prediction| self.keep(Thing::Prediction(prediction)))
            }
            Call::PredictStep => self.predict_step(a, b, c),
            Call::Predicted => {
                let player = self.kernel.predicted(seen!(self, a, Prediction));
                self.tell(&player)
            }
            Call::PredictionHash => {
                u64::from(self.kernel.prediction_hash(seen!(self, a, Prediction)))
            }
        }
    }

    fn read_keyframe(&mut self, bytes: u64) -> u64 {
        let read = self.kernel.read_keyframe(self.given(bytes));
        read.map_or(0, |(encoded, codec)| {
            self.output = encoded;
            self.keep(Thing::Codec(codec))
        })
    }

    fn begin_frames(&mut self, bytes: u64) -> u64 {
        let payload = self.given(bytes).to_vec();
        let read = self.kernel.begin_frames(&payload);
        self.keep(Thing::Frames(Frames { payload, read }))
    }

    fn read_frame(&mut self, codec: u64, frames: u64, frame: u64) -> u64 {
        let mut with = taken!(self, codec, Codec);
        let mut from = taken!(self, frames, Frames);
        let (handle, mut into) = match frame {
            0 => (self.place_for_one(), K::Frame::default()),
            handle => (handle, taken!(self, handle, Frame)),
        };
        let Frames { payload, read } = &mut from;
        let done = self.kernel.read_frame(&mut with, read, payload, &mut into);
        self.put(codec, Thing::Codec(with));
        self.put(frames, Thing::Frames(from));
        self.put(handle, Thing::Frame(into));
        if done.is_ok() {
            return handle;
        }
        if frame == 0 {
            self.free.push(place(handle));
        }
        0
    }

    fn read_evidence(&mut self, codec: u64, bytes: u64, first: u64, steps: u64) -> u64 {
        let mut with = taken!(self, codec, Codec);
        let mut evidence = K::Evidence::default();
        let first = Step(first);
        let window = Window { first, steps };
        let payload = self.given(bytes);
        let kernel = &self.kernel;
        let read = kernel.read_evidence(&mut with, payload, window, &mut evidence);
        self.put(codec, Thing::Codec(with));
        read.map_or(0, |()| self.keep(Thing::Evidence(evidence)))
    }

    fn predict_step(&mut self, prediction: u64, buttons: u64, bytes: u64) -> u64 {
        let commands = serde_json::from_slice::<Vec<Command>>(self.given(bytes));
        let buttons = u8::try_from(buttons).ok().and_then(Buttons::from_bits);
        let (Ok(commands), Some(buttons)) = (commands, buttons) else {
            return 0;
        };
        let actions: Vec<Action> = commands.iter().filter_map(action).collect();
        let mut predicted = taken!(self, prediction, Prediction);
        self.kernel.predict_step(&mut predicted, buttons, &actions);
        self.put(prediction, Thing::Prediction(predicted));
        1
    }

    /// So many bytes of input.
    fn given(&self, bytes: u64) -> &[u8] {
        &self.input[..bytes as usize]
    }

    fn see(&self, handle: u64) -> &Thing<K> {
        let thing = self.things.get(place(handle)).and_then(Option::as_ref);
        thing.expect("the host has a handle of it")
    }

    fn take(&mut self, handle: u64) -> Thing<K> {
        let thing = self.things.get_mut(place(handle)).and_then(Option::take);
        thing.expect("the host has a handle of it")
    }

    fn put(&mut self, handle: u64, thing: Thing<K>) -> u64 {
        self.things[place(handle)] = Some(thing);
        0
    }

    fn keep(&mut self, thing: Thing<K>) -> u64 {
        let handle = self.place_for_one();
        self.put(handle, thing);
        handle
    }

    fn place_for_one(&mut self) -> u64 {
        let place = self.free.pop().unwrap_or_else(|| {
            self.things.push(None);
            self.things.len() - 1
        });
        place as u64 + 1
    }

    fn kept_or_told(&mut self, made: Result<Thing<K>, String>) -> u64 {
        match made {
            Ok(thing) => self.keep(thing),
            Err(why) => {
                self.output = why.into_bytes();
                0
            }
        }
    }

    fn tell(&mut self, what: &impl Serialize) -> u64 {
        self.output = serde_json::to_vec(what).expect("names of fields are the only keys");
        0
    }
}

fn action(command: &Command) -> Option<Action> {
    match command {
        Command::Act(action) => Some(*action),
        Command::Preview(_) | Command::SetLook(_) => None,
    }
}

fn other_kind() -> ! {
    panic!("the thing is of another kind than the call needs")
}

fn player(id: u64) -> Option<PlayerId> {
    u16::try_from(id).ok().map(PlayerId)
}

/// Where a handle's thing is. The handle 0 is none, and its place is beyond all others.
fn place(handle: u64) -> usize {
    (handle as usize).wrapping_sub(1)
}

/// Makes a module of a kernel: the exports `reserve`, `output` and `call`.
#[macro_export]
macro_rules! export {
    ($kernel:expr => $type:ty) => {
        ::std::thread_local! {
            static GUEST: ::core::cell::RefCell<$crate::Guest<$type>> =
                const { ::core::cell::RefCell::new($crate::Guest::new($kernel)) };
        }

        /// See [`kernel::Call`].
        #[unsafe(no_mangle)]
        pub extern "C" fn reserve(bytes: u32) -> u32 {
            GUEST
                .with_borrow_mut(|guest| guest.reserve(bytes as usize).as_mut_ptr() as usize as u32)
        }

        /// See [`kernel::Call`].
        #[unsafe(no_mangle)]
        pub extern "C" fn output() -> u64 {
            GUEST.with_borrow(|guest| {
                let output = guest.output();
                (output.as_ptr() as usize as u64) << 32 | output.len() as u64
            })
        }

        /// See [`kernel::Call`].
        #[unsafe(no_mangle)]
        pub extern "C" fn call(number: u32, a: u64, b: u64, c: u64, d: u64) -> u64 {
            GUEST.with_borrow_mut(|guest| guest.call(number, [a, b, c, d]))
        }
    };
}
