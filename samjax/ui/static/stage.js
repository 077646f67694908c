// The picture with heat over it, and what is drawn on top.
import { at } from "./dom.js";
import { heat } from "./colours.js";
import { timeName } from "./server.js";

const LARGEST = 1600;

// Draws a picture with its map on a canvas; longest: the longer side in pixels.
export function paint(canvas, picture, longest = LARGEST) {
  const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const context = canvas.getContext("2d");
  context.drawImage(picture.bitmap, 0, 0, canvas.width, canvas.height);
  const opacity = at("opacity").value / 100;
  if (!opacity) return;
  const map = picture.maps[picture.timestep - 1];
  context.imageSmoothingQuality = "high";
  context.drawImage(heat(map, at("colours").value, opacity), 0, 0, canvas.width, canvas.height);
}

export function asBlob(canvas) {
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

// What is shown, at the picture's own size.
export async function overlay(picture) {
  const canvas = document.createElement("canvas");
  paint(canvas, picture, Infinity);
  return asBlob(canvas);
}

export function showPicture(picture) {
  const canvas = at("canvas"), stage = at("stage");
  paint(canvas, picture);
  stage.style.setProperty("--ratio", String(picture.width / picture.height));
  at("shapes").setAttribute("viewBox", `0 0 ${picture.width} ${picture.height}`);
  const slider = at("timestep");
  slider.max = picture.maps.length;
  slider.value = picture.timestep;
  at("timestep-row").hidden = picture.maps.length < 2;
  const time = timeName(picture.times[picture.timestep - 1]);
  const timed = picture.times[picture.timestep - 1].viewing_time_ms != null;
  const text = `${picture.timestep} of ${picture.maps.length}`;
  at("timestep-shown").textContent = text;
  slider.setAttribute("aria-valuetext", `timestep ${text}, ${time}`);
  at("caption").textContent = `${picture.name}, ${picture.width} × ${picture.height}: attention after timestep ${text}${timed ? `, ${time}` : ""}`;
  canvas.setAttribute("aria-label", `${at("caption").textContent}. The strongest place is ${strongest(picture)}.`);
}

// Where the map is greatest, in words.
function strongest(picture) {
  const map = picture.maps[picture.timestep - 1];
  const place = map.levels.indexOf(255);
  const x = (place % map.width) / map.width, y = Math.floor(place / map.width) / map.height;
  const across = ["on the left", "in the middle", "on the right"][Math.min(2, Math.floor(3 * x))];
  const down = ["at the top", "at half height", "at the bottom"][Math.min(2, Math.floor(3 * y))];
  return `${across}, ${down}`;
}
