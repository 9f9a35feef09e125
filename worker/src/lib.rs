//! The room as a Durable Object.
mod room_object;
use worker::{event, Context, Env, Request, Response, Result};
#[event(fetch)]
async fn fetch(req: Request, env: Env, _ctx: Context) -> Result<Response> {
    if req.path()=="/api/health" { return Response::ok("{}"); }
    env.durable_object("ROOMS")?.get_by_name("x")?.fetch_with_request(req).await
}
