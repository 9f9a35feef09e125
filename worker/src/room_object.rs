//! The room as a Durable Object.
use worker::*;
/// x
#[durable_object]
pub struct RoomObject { state: State }
impl DurableObject for RoomObject {
    fn new(state: State, _env: Env) -> Self { Self { state } }
    async fn fetch(&self, _req: Request) -> Result<Response> {
        let pair = WebSocketPair::new()?;
        self.state.accept_web_socket(&pair.server);
        let mut b=[0u8;4]; getrandom::fill(&mut b).unwrap();
        Response::from_websocket(pair.client)
    }
    async fn websocket_message(&self, ws: WebSocket, message: WebSocketIncomingMessage) -> Result<()> {
        match message { WebSocketIncomingMessage::String(s) => ws.send_with_str(s), WebSocketIncomingMessage::Binary(b) => ws.send_with_bytes(b) }
    }
    async fn websocket_close(&self, _ws: WebSocket, _c: usize, _r: String, _w: bool) -> Result<()> { Ok(()) }
}
