// Windows to cut, shown on the picture, and the cut pictures.
import { at, complain, fillTable, make, makeSvg, percent, say } from "./dom.js";
import { state } from "./pictures.js";
import { post, save, saveText, stem } from "./server.js";

function fields(picture) {
  const shapes = at("crop-shapes").value.split(",").map((text) => text.trim()).filter(Boolean);
  return {
    file: picture.file,
    ratio: shapes.filter((text) => !/x/i.test(text)).join(","),
    size: shapes.filter((text) => /x/i.test(text)).join(","),
    margin: Number(at("crop-margin").value) / 100,
    keep: at("crop-keep").value ? Number(at("crop-keep").value) / 100 : "",
  };
}

async function run() {
  const picture = state.current;
  complain("");
  say("Searching …");
  try {
    const given = fields(picture);
    const answer = await (await post("/crop", given)).json();
    picture.crops = { answer, given };
    say(`${answer.images[0].crops.length} crops found.`);
  } catch (error) {
    picture.crops = null;
    say("");
    complain(error.message);
  }
  if (picture === state.current) showCrops();
}

export function showCrops() {
  const picture = state.current, found = picture.crops, svg = at("shapes");
  svg.replaceChildren();
  at("save-crops-json").disabled = !found;
  at("crop-caption").textContent = found ? "Windows that keep the most attention" : "No crops yet";
  fillTable(at("crop-table"), ["Crop", "x", "y", "Width", "Height", "Kept", "Cut picture"], found ? rows(picture) : []);
  at("crop-table").tHead.hidden = !found;
  if (!found) return;
  const image = found.answer.images[0], unit = Math.max(picture.width, picture.height) / 100;
  image.crops.forEach((crop, number) => svg.append(drawn(crop, number, unit, found.given)));
  const { x, y } = image.focal_point;
  svg.append(makeSvg("circle", { class: "focus-point", cx: x * picture.width, cy: y * picture.height, r: unit }));
}

function rows(picture) {
  const { answer, given } = picture.crops;
  return answer.images[0].crops.map((crop) => {
    const button = make("button", "Save");
    button.type = "button";
    button.setAttribute("aria-label", `Save the cut picture ${crop.name}`);
    button.addEventListener("click", () => cut(picture, crop, given));
    const kept = percent(crop.share) + (crop.enough ? "" : " (less than asked)");
    const { x, y, width, height } = crop.box;
    return [title(crop, given), ...[x, y, width, height].map(String), kept, button];
  });
}

const title = (crop, given) => crop.name.replace("x", given.size.includes(crop.name) ? "x" : ":");

function drawn(crop, number, unit, given) {
  const group = makeSvg("g", { class: "window" }), { x, y, width, height } = crop.box;
  for (const kind of ["under", `line line${number % 4}`]) group.append(makeSvg("rect", { class: kind, x, y, width, height }));
  const label = makeSvg("text", {
    x: x + unit, y: y + height - unit - 3 * unit * number, "font-size": 2.6 * unit, "stroke-width": 0.6 * unit,
  });
  label.textContent = `${title(crop, given)} ${percent(crop.share, 0)}`;
  group.append(label);
  return group;
}

async function cut(picture, crop, given) {
  const isSize = given.size.includes(crop.name);
  const shape = isSize ? { size: crop.name, ratio: "" } : { ratio: crop.name.replace("x", ":"), size: "" };
  try {
    const response = await post("/crop", { ...given, ...shape, format: "picture" });
    const ending = { "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/tiff": "tif" };
    const blob = await response.blob();
    save(blob, `${stem(picture.name)}_${crop.name}.${ending[blob.type] ?? "png"}`);
  } catch (error) {
    complain(error.message);
  }
}

export function startCrops() {
  at("run-crops").addEventListener("click", run);
  at("crop-shapes").addEventListener("keydown", (event) => { if (event.key === "Enter") run(); });
  at("save-crops-json").addEventListener("click", () => {
    const picture = state.current;
    saveText(JSON.stringify(picture.crops.answer, null, 1), "application/json", `${stem(picture.name)}_crops.json`);
  });
}
