// Runs SQL in the storage of a room, under the room's own class and key: for databases of another shape, and to look at
// what the worker has stored. Served in the worker's place, never beside it.
import { DurableObject } from "cloudflare:workers";

export class RoomObject extends DurableObject {
  async fetch(request) {
    const answers = [];
    for (const statement of await request.json()) {
      answers.push(this.ctx.storage.sql.exec(statement).toArray());
    }
    return Response.json(answers);
  }
}

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/health") {
      return new Response("ok");
    }
    const room = pathname.slice(1);
    if (request.method === "GET") {
      // What its database is called.
      return new Response(env.ROOMS.idFromName(room).toString());
    }
    return env.ROOMS.getByName(room).fetch(request);
  },
};
