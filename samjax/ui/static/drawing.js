// Areas drawn and moved on the picture, with a mouse, a finger, a pen or the keyboard.
import { at, makeSvg } from "./dom.js";
import { boxOf, moved, setBox } from "./geometry.js";

const svg = at("shapes");
let tool = "", draft = null, dragged = null, host = null;

// host: current() the picture, add(shape), select(area), change(area), remove(area)
export function startDrawing(given) {
  host = given;
  for (const name of ["box", "polygon"]) {
    at(`draw-${name}`).addEventListener("click", () => take(tool === name ? "" : name));
  }
  svg.addEventListener("pointerdown", press);
  svg.addEventListener("pointermove", move);
  svg.addEventListener("pointerup", release);
  svg.addEventListener("pointercancel", cancel);
  svg.addEventListener("dblclick", closePolygon);
  svg.addEventListener("keydown", key);
  document.addEventListener("keydown", (event) => {
    if (!draft) return;
    if (event.key === "Escape") cancel();
    if (event.key === "Enter") closePolygon();
  });
}

export function take(name) {
  cancel();
  tool = name;
  for (const each of ["box", "polygon"]) at(`draw-${each}`).setAttribute("aria-pressed", String(tool === each));
  svg.classList.toggle("drawing", Boolean(tool));
  at("hint").firstChild.textContent = {
    box: "Drag over the picture. ", polygon: "Click the corners; double-click, Enter or the first corner ends. ",
    "": "Draw an area, or add one and move it: ",
  }[tool];
}

function place(event) {
  const picture = host.current(), rectangle = svg.getBoundingClientRect();
  const within = (value, most) => Math.min(Math.max(value, 0), most);
  return [
    within(((event.clientX - rectangle.left) / rectangle.width) * picture.width, picture.width),
    within(((event.clientY - rectangle.top) / rectangle.height) * picture.height, picture.height),
  ];
}

const near = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]) < host.current().width / 60;

function press(event) {
  if (event.button !== 0 || !host.current()) return;
  const at_ = place(event);
  if (tool === "box") {
    draft = { from: at_, to: at_ };
    svg.setPointerCapture(event.pointerId);
  } else if (tool === "polygon") {
    if (draft && draft.corners.length > 2 && near(at_, draft.corners[0])) return closePolygon();
    draft ??= { corners: [] };
    draft.corners.push(at_);
    draft.to = at_;
  } else {
    const group = event.target.closest(".shape");
    if (!group) return host.select(null);
    const area = host.current().areas.find((each) => String(each.id) === group.dataset.id);
    host.select(area);
    dragged = { area, from: at_, box: boxOf(area), resizes: event.target.classList.contains("handle") };
    svg.setPointerCapture(event.pointerId);
    focusArea(area);
    event.preventDefault();
    return;
  }
  event.preventDefault();
  drawShapes(host.current());
}

function move(event) {
  if (dragged) {
    const [x, y] = place(event), [left, top, width, height] = dragged.box;
    const right = x - dragged.from[0], down = y - dragged.from[1];
    setBox(dragged.area, dragged.resizes
      ? [left, top, Math.max(width + right, 1), Math.max(height + down, 1)]
      : [left + right, top + down, width, height]);
    host.change(dragged.area);
  } else if (draft) {
    draft.to = place(event);
    drawShapes(host.current());
  }
}

function release(event) {
  if (dragged) dragged = null;
  if (tool !== "box" || !draft) return;
  const [x0, y0] = draft.from, [x1, y1] = place(event);
  draft = null;
  const box = [Math.min(x0, x1), Math.min(y0, y1), Math.abs(x1 - x0), Math.abs(y1 - y0)];
  if (box[2] < 2 || box[3] < 2) return drawShapes(host.current());
  host.add({ box: box.map((value) => Math.round(value)) });
}

function closePolygon() {
  if (!draft?.corners) return;
  // A double click has put the last corner twice.
  const corners = draft.corners.filter((c, i, all) => i === 0 || !near(c, all[i - 1]));
  draft = null;
  if (corners.length < 3) return drawShapes(host.current());
  host.add({ corners: corners.map((corner) => corner.map((value) => Math.round(value))) });
}

function cancel() {
  draft = dragged = null;
  if (host?.current()) drawShapes(host.current());
}

function key(event) {
  const group = event.target.closest(".shape"), picture = host.current();
  const area = group && picture.areas.find((each) => String(each.id) === group.dataset.id);
  if (!area) return;
  const step = event.altKey ? 1 : Math.max(1, Math.round(Math.max(picture.width, picture.height) / 100));
  const ways = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
  if (event.key in ways) {
    const [right, down] = ways[event.key], [x, y, width, height] = boxOf(area);
    if (event.shiftKey) setBox(area, [x, y, Math.max(width + right, 1), Math.max(height + down, 1)]);
    else moved(area, right, down);
    host.change(area);
    focusArea(area);
  } else if (event.key === "Delete" || event.key === "Backspace") {
    host.remove(area);
  } else if (event.key === "Enter" || event.key === " ") {
    host.select(area);
    at("area-name").focus();
  } else return;
  event.preventDefault();
}

export function focusArea(area) {
  svg.querySelector(`[data-id="${area.id}"]`)?.focus();
}

export function drawShapes(picture) {
  const focused = document.activeElement?.dataset?.id;
  svg.replaceChildren(...picture.areas.map((area) => shape(area, picture)));
  if (draft) svg.append(makeSvg("polyline", { class: "draft", points: draftPoints() }));
  if (focused) svg.querySelector(`[data-id="${focused}"]`)?.focus();
}

function draftPoints() {
  if (draft.corners) return [...draft.corners, draft.to].join(" ");
  const [x0, y0] = draft.from, [x1, y1] = draft.to;
  return `${x0},${y0} ${x1},${y0} ${x1},${y1} ${x0},${y1} ${x0},${y0}`;
}

function shape(area, picture) {
  const selected = picture.selected === area, [x, y, width, height] = boxOf(area);
  const unit = Math.max(picture.width, picture.height) / 100;
  const corners = area.corners ?? [[x, y], [x + width, y], [x + width, y + height], [x, y + height]];
  const group = makeSvg("g", {
    class: selected ? "shape selected" : "shape", tabindex: "0", role: "button", "data-id": area.id,
    "aria-pressed": String(selected),
    "aria-label": `Area ${area.name}: x ${x}, y ${y}, width ${width}, height ${height}`,
  });
  for (const part of ["hit", "under", "line"]) {
    group.append(makeSvg("polygon", { class: part, points: corners.join(" ") }));
  }
  const label = makeSvg("text", {
    x: x + unit, y: y + 3 * unit, "font-size": 2.6 * unit, "stroke-width": 0.6 * unit,
  });
  label.textContent = area.share === undefined ? area.name : `${area.name} ${(100 * area.share).toFixed(1)} %`;
  group.append(label);
  if (selected) group.append(makeSvg("circle", { class: "handle", cx: x + width, cy: y + height, r: 1.2 * unit }));
  return group;
}
