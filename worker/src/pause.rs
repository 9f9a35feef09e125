//! A breath for the platform's loop.
//!
//! The platform looks at other sockets, and fires timers, only when nothing waits to be handled. Whoever sends faster than
//! messages are handled keeps it from that for as long as they like. While the object's gate is closed no event of it is
//! handled, so the loop comes to look at everything else.

use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;
use worker::worker_sys::DurableObjectState;
use worker::{Result, State};

#[wasm_bindgen(inline_js = "
    // No code of the instance is needed to end it: another room of the isolate may replace the instance meanwhile.
    export function close_gate_for_a_moment(state) {
        return state.blockConcurrencyWhile(() => new Promise((resolve) => setTimeout(resolve, 8)));
    }
")]
extern "C" {
    fn close_gate_for_a_moment(state: &DurableObjectState) -> js_sys::Promise;
}

/// No event of the object is handled for 8 ms: half of the time from one input of a client to the next. None of its timers may be pending meanwhile: the platform
/// fires them one after another, and the one that ends this would wait behind one that waits for the gate.
///
/// # Errors
/// If the platform resets the object.
pub(crate) fn pause(state: &State) -> impl Future<Output = Result<()>> + use<> {
    let ends = JsFuture::from(close_gate_for_a_moment(state.as_raw()));
    async move {
        ends.await?;
        Ok(())
    }
}
