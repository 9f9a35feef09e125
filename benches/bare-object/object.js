// A Durable Object without a game: what the same traffic costs when nothing is simulated, checked or recorded.
// It takes what clients send, echoes pings, and at 10 Hz sends every client as many bytes as it was told.
import { DurableObject } from "cloudflare:workers";

const TICK_MS = 1000 / 30;
const TICKS_PER_SNAPSHOT = 3;
// The same upper bounds in ms as `authority::Lateness` has.
const BOUNDS = [0, 1, 2, 4, 8, 16, 33, 66, 133, 266];

export class BareObject extends DurableObject {
  counts = new Array(BOUNDS.length + 1).fill(0);
  messages = 0;
  bytes = 0;
  tick = 0;
  due = 0;
  snapshot = new Uint8Array(0);

  async fetch(request) {
    const url = new URL(request.url);
    if (url.pathname.endsWith("/stats")) {
      const { counts, messages, bytes, tick } = this;
      return Response.json({ bounds: BOUNDS, counts, messages, bytes, ticks: tick });
    }
    this.snapshot = new Uint8Array(Number(url.searchParams.get("bytes")));
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server);
    if (this.due === 0) {
      this.due = Date.now();
      this.next();
    }
    return new Response(null, { status: 101, webSocket: client });
  }

  next() {
    this.due += TICK_MS;
    setTimeout(() => this.run(), Math.max(0, this.due - Date.now()));
  }

  run() {
    const late = Date.now() - this.due;
    const bucket = BOUNDS.findIndex((bound) => late <= bound);
    this.counts[bucket < 0 ? BOUNDS.length : bucket] += 1;
    this.tick += 1;
    const sockets = this.ctx.getWebSockets();
    if (this.tick % TICKS_PER_SNAPSHOT === 0) {
      for (const socket of sockets) {
        try {
          socket.send(this.snapshot);
        } catch {
          // It is closing.
        }
      }
    }
    if (sockets.length > 0) {
      this.next();
    } else {
      this.due = 0;
    }
  }

  webSocketMessage(socket, message) {
    this.messages += 1;
    if (typeof message === "string") {
      socket.send(message);
    } else {
      this.bytes += message.byteLength;
    }
  }
}

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/health") {
      return new Response("ok");
    }
    return env.OBJECTS.getByName("bare").fetch(request);
  },
};
