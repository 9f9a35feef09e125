// The list of corrections, with a filter by cause and player.

const ROWS = 200;
const filter = { causes: new Set(CAUSES.keys()), player: null, rows: ROWS };

function filtered() {
  return corrections.filter((one) => filter.causes.has(one.cause) && (filter.player === null || one.player === filter.player));
}

function buildFilter() {
  const place = document.getElementById("filter");
  for (const [nth, cause] of CAUSES.entries()) {
    const count = corrections.filter((one) => one.cause === nth).length;
    if (count === 0) continue;
    const box = element("input", null);
    box.type = "checkbox";
    box.checked = true;
    box.addEventListener("change", () => {
      if (box.checked) filter.causes.add(nth);
      else filter.causes.delete(nth);
      showList();
    });
    place.append(element("label", null, box, badge(nth), `${cause.name} (${count})`));
  }
  const players = element("select", null, new Option("all players", ""));
  for (const player of PLAYERS) players.append(new Option(`player ${player.id}`, String(player.id)));
  players.setAttribute("aria-label", "Of which player");
  players.addEventListener("change", () => {
    filter.player = players.value === "" ? null : Number(players.value);
    showList();
  });
  if (PLAYERS.length > 1) place.append(players);
  document.getElementById("more").addEventListener("click", () => showList(filter.rows + ROWS));
}

function showList(rows = ROWS) {
  filter.rows = rows;
  const found = filtered();
  const shown = found.slice(0, rows);
  document.querySelector("#list tbody").replaceChildren(...shown.map(rowOf));
  document.getElementById("shown").textContent =
    found.length === 0 ? "There is none." : `${shown.length} of ${found.length}. The time of each leads to it in the timeline.`;
  document.getElementById("more").hidden = shown.length === found.length;
  document.getElementById("list").hidden = found.length === 0;
}

function rowOf(one) {
  const at = element("button", clock(one.step));
  at.title = "Show in the timeline";
  at.addEventListener("click", () => {
    select(one);
    document.getElementById("lanes").focus({ preventScroll: true });
    document.getElementById(`player-${one.player}`).scrollIntoView({ block: "center" });
  });
  const cause = element("td", ` ${CAUSES[one.cause].name}`);
  cause.prepend(badge(one.cause));
  const size = element("td", one.cells.toFixed(2));
  size.className = "number";
  const says = element("td", `${sentence(one.says)} `, viewerLink(one.step, one.player));
  const texts = [one.step, one.player].map((text) => element("td", String(text)));
  return element("tr", null, element("td", null, at), ...texts, cause, element("td", data.origins[one.origin]), size, says);
}
