//! What HTTP answers look like.

use serde::Serialize;
use worker::{Response, ResponseBuilder, Result};

use crate::routes::Refusal;

/// How identity is established. There is one way so far.
const AUTH_MODE: &str = "permissive";

/// What a person must know who finds `AUTH_MODE` in the answer of a server that others can reach.
const AUTH_WARNING: &str =
    "anybody may play as anybody: no identity provider is configured; for local work only";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Health {
    ok: bool,
    version: &'static str,
    sim_version: u32,
    rules_hash: String,
    protocol: u8,
    auth: &'static str,
    warning: &'static str,
}

/// Which build runs, and how it decides who somebody is.
pub(crate) fn health() -> Result<Response> {
    Response::from_json(&Health {
        ok: true,
        version: env!("CARGO_PKG_VERSION"),
        sim_version: sim_core::SIM_VERSION,
        rules_hash: format!("{:016x}", sim_core::rules_hash()),
        protocol: protocol::PROTOCOL_VERSION,
        auth: AUTH_MODE,
        warning: AUTH_WARNING,
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
    ResponseBuilder::new().with_status(*status).from_json(&told)
}
