// The pictures that are open: their bitmaps, maps and areas.
import { at, complain, make, say } from "./dom.js";
import { blobOf, levelsOf, post } from "./server.js";

const SIDE = 1280;
const listeners = [];
export const pictures = [];
export const state = { current: null };

export const onChoice = (listener) => listeners.push(listener);

// Adds files; each is predicted, and the first that can be read is shown.
export async function addFiles(files, limits) {
  complain("");
  for (const file of files) {
    if (limits && file.size > limits.file_bytes) {
      complain(`${file.name} has ${(file.size / 2 ** 20).toFixed(0)} MiB; at most ${limits.file_bytes / 2 ** 20} MiB are read`);
      continue;
    }
    say(`Predicting ${file.name} …`);
    try {
      const picture = await predicted(file);
      pictures.push(picture);
      show();
      choose(picture);
      say(`${file.name}: ${picture.width} × ${picture.height} pixels, predicted.`);
    } catch (error) {
      say("");
      complain(error.message);
    }
  }
}

async function predicted(file) {
  let bitmap = null;
  try { bitmap = await createImageBitmap(file); } catch { /* such as HEIC, which the server reads */ }
  const fields = { file, timesteps: true, encoding: "png8", side: SIDE, picture: !bitmap };
  const record = await (await post("/predict", fields)).json();
  if (!bitmap) bitmap = await createImageBitmap(blobOf(record.picture.data, record.picture.type));
  const packed = record.timesteps ?? [{ timestep: 1, density: record.density }];
  const maps = await Promise.all(packed.map((row) => levelsOf(row.density)));
  return {
    file, bitmap, maps, times: packed, name: record.image, model: record.model, timestep: maps.length,
    width: record.width, height: record.height, areas: [], selected: null, number: 0,
  };
}

export function choose(picture) {
  state.current = picture;
  mark();
  for (const listener of listeners) listener(picture);
}

export function removeCurrent() {
  const place = pictures.indexOf(state.current);
  if (place < 0) return;
  say(`${state.current.name} was removed.`);
  pictures.splice(place, 1);
  show();
  choose(pictures[Math.min(place, pictures.length - 1)] ?? null);
  (at("thumbnails").querySelector("button[aria-pressed=true]") ?? at("files")).focus();
}

function show() {
  at("thumbnails").replaceChildren(...pictures.map((picture) => {
    const button = make("button"), canvas = make("canvas");
    const scale = 160 / Math.max(picture.bitmap.width, picture.bitmap.height);
    canvas.width = Math.max(1, Math.round(picture.bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(picture.bitmap.height * scale));
    canvas.getContext("2d").drawImage(picture.bitmap, 0, 0, canvas.width, canvas.height);
    canvas.setAttribute("aria-hidden", "true");
    button.type = "button";
    button.append(canvas, make("span", picture.name));
    button.addEventListener("click", () => choose(picture));
    return button;
  }));
  mark();
}

function mark() {
  [...at("thumbnails").children].forEach((button, place) => {
    button.setAttribute("aria-pressed", String(pictures[place] === state.current));
  });
}
