// The areas of the current picture: their fields, their table, and what is saved of them.
import { at, complain, fillList, fillTable, later, make, percent, say } from "./dom.js";
import { drawShapes, focusArea, startDrawing, take } from "./drawing.js";
import { areasJson, boxOf, cornersText, readCorners, setBox } from "./geometry.js";
import { state } from "./pictures.js";
import { post, save, saveText, stem, timeName } from "./server.js";

const FIELDS = ["x", "y", "width", "height"];
let count = 0;
const current = () => state.current;

// What was measured holds no longer, and what is on its way neither.
function outdated(picture) {
  picture.turn = (picture.turn ?? 0) + 1;
  picture.result = null;
  picture.measureSoon ??= later(() => measure(picture));
  picture.measureSoon();
}

function add(shape, name) {
  const picture = current();
  const area = { id: ++count, name: name ?? `area ${++picture.number}`, ...shape };
  picture.areas.push(area);
  take("");
  outdated(picture);
  select(area);
  focusArea(area);
}

function select(area) {
  current().selected = area;
  refresh();
}

function change(area) {
  delete area.share;
  outdated(current());
  refresh();
}

function remove(area) {
  const picture = current();
  picture.areas = picture.areas.filter((each) => each !== area);
  if (picture.selected === area) picture.selected = null;
  say(`${area.name} was removed.`);
  outdated(picture);
  refresh();
  (at("area-table").querySelector("button") ?? at("add-box")).focus();
}

export function refresh() {
  const picture = current();
  drawShapes(picture);
  const area = picture.selected;
  at("editor").hidden = !area;
  if (area) {
    // A field that is being written in stays as it is.
    const set = (id, value) => { if (document.activeElement !== at(id)) at(id).value = value; };
    set("area-name", area.name);
    boxOf(area).forEach((value, place) => set(`area-${FIELDS[place]}`, value));
    at("corners-row").hidden = !area.corners;
    if (area.corners) set("area-corners", cornersText(area));
  }
  showTable();
}

// The fields of a request for /areas; without a number of fixations the server chooses it.
function requestFor(file, areas) {
  const fields = { file, areas: areasJson(areas), timesteps: true };
  const fixations = at("fixations").value;
  return fixations ? { ...fields, fixations } : fields;
}

async function measure(picture) {
  if (!picture.areas.length) return;
  const areas = [...picture.areas], turn = picture.turn;
  say("Measuring …");
  try {
    const fields = requestFor(picture.file, areas);
    const answer = await (await post("/areas", fields)).json();
    if (turn !== picture.turn) return;
    const rows = answer.images[0].areas, times = rows.length / areas.length;
    picture.result = { answer, areas, times };
    areas.forEach((area, place) => { area.share = rows[(times - 1) * areas.length + place].share; });
    complain("");
    say(`${areas.length} ${areas.length === 1 ? "area" : "areas"} measured.`);
  } catch (error) {
    if (turn !== picture.turn) return;
    say("");
    complain(error.message);
  }
  if (picture === current()) refresh();
}

function showTable() {
  const picture = current(), result = picture.result;
  const heads = ["Area", "Share", "Times chance", "Peak", "Rank", "Seen in"];
  const measured = Boolean(result);
  const rows = result?.answer.images[0].areas ?? [], size = picture.areas.length;
  if (rows.length) heads[5] = `Seen in ${rows[rows.length - 1].fixations}`;
  const times = measured && result.times > 1 ? Array.from({ length: result.times }, (_, t) => t) : [];
  for (const t of times) heads.push(`Share, ${timeName(rows[t * size])}`);
  const table = picture.areas.map((area, place) => {
    const button = make("button", area.name);
    button.type = "button";
    button.setAttribute("aria-pressed", String(picture.selected === area));
    button.addEventListener("click", () => { select(area); at("area-name").focus(); });
    if (!measured) return [button, "…", "…", "…", "…", "…"];
    const row = rows[(result.times - 1) * size + place];
    const course = times.map((t) => percent(rows[t * size + place].share));
    const chance = row.times_chance === null ? "–" : row.times_chance.toFixed(2);
    return [button, percent(row.share), chance, row.peak.toFixed(2), String(row.rank), percent(row.probability), ...course];
  });
  if (!table.length) table.push(["No areas yet: draw one on the picture, or add one."]);
  const focused = document.activeElement?.closest?.("#area-table tr")?.rowIndex;
  fillTable(at("area-table"), table[0].length > 1 ? heads : ["Area"], table);
  if (focused) at("area-table").rows[focused]?.querySelector("button")?.focus();
  fillList(at("area-notes"), measured ? result.answer.images[0].notes : []);
  for (const id of ["save-areas-csv", "save-areas-json"]) at(id).disabled = !measured;
}

function grid() {
  const picture = current(), wide = picture.width / 3, high = picture.height / 3;
  for (let cell = 0; cell < 9; cell++) {
    const row = Math.floor(cell / 3), column = cell % 3;
    add({ box: [column * wide, row * high, wide, high] }, `r${row + 1}c${column + 1}`);
  }
}

async function strongest() {
  const picture = current();
  say("Looking for the strongest regions …");
  try {
    const answer = await (await post("/areas", { file: picture.file, auto: 3 })).json();
    if (picture !== current()) return;
    for (const row of answer.images[0].areas) add({ box: [row.x, row.y, row.width, row.height] }, `around ${row.area}`);
  } catch (error) {
    complain(error.message);
  }
}

async function saveTable(format) {
  const picture = current();
  const fields = { ...requestFor(picture.file, picture.areas), format };
  try {
    save(await (await post("/areas", fields)).blob(), `${stem(picture.name)}_areas.${format}`);
  } catch (error) {
    complain(error.message);
  }
}

export function startAreas() {
  startDrawing({ current, add, select, change, remove });
  const middle = () => [current().width, current().height].map((side) => Math.round(side / 3));
  at("add-box").addEventListener("click", () => {
    const [x, y] = middle();
    add({ box: [x, y, x, y] });
  });
  at("add-polygon").addEventListener("click", () => {
    const [x, y] = middle();
    add({ corners: [[1.5 * x, y], [2 * x, 1.5 * y], [1.5 * x, 2 * y], [x, 1.5 * y]] });
  });
  at("add-grid").addEventListener("click", grid);
  at("add-strongest").addEventListener("click", strongest);
  at("clear").addEventListener("click", () => {
    Object.assign(current(), { areas: [], selected: null, number: 0 });
    outdated(current());
    say("All areas were removed.");
    refresh();
  });
  at("remove-area").addEventListener("click", () => remove(current().selected));
  at("area-name").addEventListener("input", () => {
    const area = current().selected;
    area.name = at("area-name").value.trim() || "area";
    change(area);
  });
  for (const field of FIELDS) {
    at(`area-${field}`).addEventListener("input", () => {
      const box = FIELDS.map((name) => at(`area-${name}`).valueAsNumber);
      if (!box.every(Number.isFinite)) return;
      setBox(current().selected, box);
      change(current().selected);
    });
  }
  at("area-corners").addEventListener("change", () => {
    const corners = readCorners(at("area-corners").value), area = current().selected;
    if (!corners) return complain("corners are written as x,y x,y x,y: three or more");
    complain("");
    area.corners = corners;
    change(area);
  });
  at("fixations").addEventListener("change", () => { outdated(current()); refresh(); });
  at("save-areas-csv").addEventListener("click", () => saveTable("csv"));
  at("save-areas-json").addEventListener("click", () => {
    const { answer } = current().result;
    saveText(JSON.stringify(answer, null, 1), "application/json", `${stem(current().name)}_areas.json`);
  });
}
