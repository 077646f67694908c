// Two pictures: a swipe between them, and what each area gained.
import { at, complain, fillList, fillTable, make, makeSvg, percent, points, say } from "./dom.js";
import { areasJson } from "./geometry.js";
import { pictures, state } from "./pictures.js";
import { blobOf, post, save, saveText, stem } from "./server.js";
import { paint } from "./stage.js";

let answer = null, picture_url = "";
const chosen = () => [pictures[at("before").value], pictures[at("after").value]];

export function listPictures() {
  const kept = [at("before").value, at("after").value];
  ["before", "after"].forEach((id, place) => {
    at(id).replaceChildren(...pictures.map((picture, number) => {
      const option = make("option", picture.name);
      option.value = number;
      return option;
    }));
    const usual = String(Math.min(place, pictures.length - 1));
    at(id).value = kept[place] && kept[place] < pictures.length && kept[0] !== kept[1] ? kept[place] : usual;
  });
  at("run-compare").disabled = pictures.length < 2;
}

export function showSwipe() {
  const [before, after] = chosen();
  if (!before || !after) return;
  paint(at("canvas"), before);
  paint(at("second"), after);
  at("stage").style.setProperty("--ratio", String(before.width / before.height));
  at("canvas").setAttribute("aria-label", `Before: ${before.name} with its map`);
  at("second").setAttribute("aria-label", `After: ${after.name} with its map`);
  swipe();
}

function swipe() {
  const part = Number(at("swipe").value);
  at("second").style.clipPath = `inset(0 0 0 ${part}%)`;
  if (chosen()[0]) {
    const x = (part / 100) * chosen()[0].width;
    at("shapes").setAttribute("viewBox", `0 0 ${chosen()[0].width} ${chosen()[0].height}`);
    at("shapes").replaceChildren(makeSvg("line", { class: "swipe-line", x1: x, x2: x, y1: 0, y2: chosen()[0].height }));
  }
  const text = `${part} % before, ${100 - part} % after`;
  at("swipe-shown").textContent = text;
  at("swipe").setAttribute("aria-valuetext", text);
  const [before, after] = chosen();
  if (before && after) at("caption").textContent = `Left: ${before.name}. Right: ${after.name}.`;
}

function fields() {
  const [before, after] = chosen();
  const areas = before.areas.length ? { areas: areasJson(before.areas) } : { grid: "3x3" };
  return { before: before.file, after: after.file, ...areas, augmentations: at("augmentations").value || 0 };
}

async function run() {
  const button = at("run-compare");
  button.disabled = true;
  complain("");
  say("Comparing, which takes a few seconds …");
  try {
    const response = await post("/compare", { ...fields(), difference: true, side: 1280 });
    answer = await response.json();
    show();
    say("Compared.");
  } catch (error) {
    say("");
    complain(error.message);
  }
  button.disabled = false;
}

function show() {
  const [pair] = answer.pairs;
  at("compare-caption").textContent =
    `${pair.image_before} → ${pair.image_after}: ${percent(pair.moved)} of the attention moved. Interval: ${pair.interval}.`;
  const rows = pair.areas.map((row) => [
    row.area, percent(row.before), percent(row.after), points(row.difference),
    row.low === null ? "–" : `${points(row.low)} … ${points(row.high)}`,
  ]);
  fillTable(at("compare-table"), ["Area", "Before", "After", "Gain, points", "95 % interval"], rows);
  fillList(at("compare-notes"), answer.notes);
  URL.revokeObjectURL(picture_url);
  picture_url = URL.createObjectURL(blobOf(answer.difference.data, answer.difference.type));
  const most = [...pair.areas].sort((a, b) => Math.abs(b.difference) - Math.abs(a.difference))[0];
  at("difference").src = picture_url;
  at("difference").alt = `Where attention moved; most in ${most.area}: ${points(most.difference)} points. The table has the numbers.`;
  at("difference-figure").hidden = false;
  for (const kind of ["csv", "json", "png"]) at(`save-compare-${kind}`).disabled = false;
}

async function fetchAndSave(format) {
  try {
    const blob = await (await post("/compare", { ...fields(), format })).blob();
    save(blob, `${stem(chosen()[1].name)}_difference.${format}`);
  } catch (error) {
    complain(error.message);
  }
}

export function startCompare() {
  at("swipe").addEventListener("input", swipe);
  for (const id of ["before", "after"]) at(id).addEventListener("change", showSwipe);
  at("run-compare").addEventListener("click", run);
  at("save-compare-csv").addEventListener("click", () => fetchAndSave("csv"));
  at("save-compare-png").addEventListener("click", () => fetchAndSave("png"));
  at("save-compare-json").addEventListener("click", () => {
    const { difference, ...numbers } = answer;
    saveText(JSON.stringify(numbers, null, 1), "application/json", `${stem(chosen()[1].name)}_difference.json`);
  });
}

export const hasPair = () => pictures.length > 1 && state.current !== null;
