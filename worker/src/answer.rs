//! What HTTP answers look like.

use serde::Serialize;
use worker::{Response, ResponseBuilder, Result};

use crate::gate::Gate;
use crate::refusal::Refusal;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Health<'a> {
    ok: bool,
    version: &'static str,
    sim_version: u32,
    rules_hash: String,
    protocol: u8,
    auth: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    clerk_publishable_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<String>,
}

/// Which build runs, and how it decides who somebody is.
pub(crate) fn health(gate: &Gate) -> Result<Response> {
    Response::from_json(&Health {
        ok: gate.is_open(),
        version: env!("CARGO_PKG_VERSION"),
        sim_version: sim_core::SIM_VERSION,
        rules_hash: format!("{:016x}", sim_core::rules_hash()),
        protocol: protocol::PROTOCOL_VERSION,
        auth: gate.mode(),
        clerk_publishable_key: gate.publishable_key(),
        warning: gate.warning(),
    })
}

#[derive(Serialize)]
struct Told<'a> {
    error: ToldError<'a>,
}

#[derive(Serialize)]
struct ToldError<'a> {
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    message: &'a str,
}

/// Seconds after which whoever was too fast may try again with some hope.
const RETRY_AFTER_S: &str = "8";

/// Says why not.
pub(crate) fn refuse(refusal: &Refusal) -> Result<Response> {
    let Refusal {
        status,
        code,
        field,
        message,
    } = refusal;
    let told = Told {
        error: ToldError {
            code,
            field: *field,
            message,
        },
    };
    let mut response = ResponseBuilder::new().with_status(*status);
    if *status == 429 {
        response = response.with_header("Retry-After", RETRY_AFTER_S)?;
    }
    response.from_json(&told)
}
