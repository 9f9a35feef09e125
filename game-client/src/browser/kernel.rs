//! A module of a kernel, run by the browser's own engine.

use js_sys::WebAssembly::Memory;
use js_sys::{Array, BigInt, Function, Reflect, Uint8Array};
use kernel::{Archived, Instance};
use wasm_bindgen::{JsCast as _, JsValue};

/// The exports of a module that runs.
#[derive(Debug)]
pub(super) struct Exports {
    memory: Memory,
    reserve: Function,
    output: Function,
    call: Function,
}

/// The kernel with these exports.
///
/// # Errors
/// If they are none of a kernel.
pub(super) fn start(exports: &JsValue) -> Result<Archived<Exports>, JsValue> {
    let export = |name: &str| Reflect::get(exports, &name.into());
    let function = |name: &str| {
        let function = export(name)?.dyn_into::<Function>();
        function.map_err(|_| JsValue::from(format!("A kernel has the export {name}.")))
    };
    let memory = export("memory")?.dyn_into::<Memory>();
    let instance = Exports {
        memory: memory.map_err(|_| JsValue::from("A kernel has the export memory."))?,
        reserve: function("reserve")?,
        output: function("output")?,
        call: function("call")?,
    };
    Archived::start(instance).map_err(|why| why.to_string().into())
}

fn told(error: JsValue) -> String {
    error
        .dyn_ref::<js_sys::Error>()
        .map_or_else(|| format!("{error:?}"), |error| error.message().into())
}

/// A result of 64 bits, which the engine takes for a signed one.
fn wide(answer: JsValue) -> Result<u64, String> {
    let answer = answer
        .dyn_into::<BigInt>()
        .map_err(|_| "it answers with no number of 64 bits")?;
    let unsigned = BigInt::as_uint_n(64.0, &answer);
    u64::try_from(unsigned).map_err(|_| "it answers with no number of 64 bits".to_owned())
}

impl Instance for Exports {
    fn call(&mut self, number: u32, args: [u64; 4]) -> Result<u64, String> {
        let all = Array::of1(&number.into());
        for arg in args {
            all.push(&BigInt::from(arg));
        }
        wide(self.call.apply(&JsValue::NULL, &all).map_err(told)?)
    }

    fn write(&mut self, input: &[u8]) -> Result<(), String> {
        let bytes = JsValue::from(input.len() as u32);
        let at = self.reserve.call1(&JsValue::NULL, &bytes).map_err(told)?;
        // Addresses come as signed numbers.
        let at = at.as_f64().ok_or("it reserves no memory")? as i64 as u32;
        let all = Uint8Array::new(&self.memory.buffer());
        let end = at.checked_add(input.len() as u32);
        if end.is_none_or(|end| end > all.length()) {
            return Err("it names memory that it does not have".to_owned());
        }
        all.subarray(at, at + input.len() as u32).copy_from(input);
        Ok(())
    }

    fn read(&mut self) -> Result<Vec<u8>, String> {
        let output = wide(self.output.call0(&JsValue::NULL).map_err(told)?)?;
        let (at, bytes) = ((output >> 32) as u32, output as u32);
        let all = Uint8Array::new(&self.memory.buffer());
        let end = at.checked_add(bytes).filter(|end| *end <= all.length());
        let end = end.ok_or("it names memory that it does not have")?;
        Ok(all.subarray(at, end).to_vec())
    }
}
