"use strict";
// Tables: a click on a head sorts by that column, a second click the other way round.
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.querySelectorAll("thead th")];
  heads.forEach((head, column) => head.firstElementChild.addEventListener("click", () => {
    const up = head.getAttribute("aria-sort") !== "ascending";
    heads.forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const key = (row) => column ? Number.parseFloat(row.cells[column].dataset.value) : row.cells[0].textContent;
    const body = table.tBodies[0];
    const order = (a, b) => {
      const [x, y] = [key(a), key(b)];
      if (!column) return up ? x.localeCompare(y) : y.localeCompare(x);
      if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y);
      return up ? x - y : y - x;
    };
    body.append(...[...body.rows].sort(order));
  }));
}

const source = document.getElementById("data");
if (source) gallery(JSON.parse(source.textContent));

function gallery(data) {
  const at = (id) => document.getElementById(id);
  const stage = at("stage"), step = at("step"), opacity = at("opacity");
  const state = { layer: "prediction", fixations: false, order: [], image: null };
  const colours = Uint8Array.from(atob(data.colours), (c) => c.charCodeAt(0));
  const pictures = new Map();

  // A picture is decoded once, when it is first shown.
  function picture(uri) {
    if (!pictures.has(uri)) {
      const image = new Image();
      image.src = uri;
      pictures.set(uri, image.decode().then(() => image));
    }
    return pictures.get(uri);
  }

  // One map of a sheet, in colour; opacity follows the value, so that the photograph shows through.
  function coloured(sheet, count, number, strength) {
    const height = sheet.naturalHeight / count, width = sheet.naturalWidth;
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d");
    context.drawImage(sheet, 0, -number * height);
    const pixels = context.getImageData(0, 0, width, height);
    for (let i = 0; i < pixels.data.length; i += 4) {
      const level = pixels.data[i];
      pixels.data.set(colours.subarray(3 * level, 3 * level + 3), i);
      pixels.data[i + 3] = strength < 0 ? 255 : strength * 255 * (0.25 + 0.75 * level / 255);
    }
    context.putImageData(pixels, 0, 0);
    return canvas;
  }

  const count = (layer) => (layer === "density" ? 1 : data.timesteps);
  const current = () => Number(step.value) - 1;
  const score = (image, metric, t = data.timesteps - 1) => image.scores[t][data.metrics.indexOf(metric)];

  function draw_fixations(context, image, width, height) {
    context.lineWidth = Math.max(1, width / 500);
    for (const [x, y] of image.fixations) {
      context.beginPath();
      context.arc(x / 10000 * width, y / 10000 * height, width / 130, 0, 2 * Math.PI);
      context.fillStyle = "rgba(0, 229, 255, .85)";
      context.strokeStyle = "#000";
      context.fill();
      context.stroke();
    }
  }

  async function show() {
    const image = state.image, t = current(), layer = state.layer;
    const photo = await picture(image.photo);
    const uri = layer === "none" ? "" : image[layer];
    const sheet = uri ? await picture(uri) : null;
    if (image !== state.image || t !== current() || layer !== state.layer) return;
    stage.width = photo.naturalWidth;
    stage.height = photo.naturalHeight;
    const context = stage.getContext("2d");
    context.drawImage(photo, 0, 0);
    if (sheet) {
      const map = coloured(sheet, count(layer), layer === "density" ? 0 : t, opacity.value / 100);
      context.drawImage(map, 0, 0, stage.width, stage.height);
    }
    if (state.fixations) draw_fixations(context, image, stage.width, stage.height);
    describe(image, t, layer);
    scores(image, t);
    await strip(image, t, layer);
  }

  function describe(image, t, layer) {
    const what = {
      prediction: `Prediction after timestep ${t + 1} of ${data.timesteps}`,
      attention: `Attention at timestep ${t + 1} of ${data.timesteps}`,
      density: "Density of the fixations", none: "Photograph",
    }[layer];
    const shown = data.metrics.slice(0, 3).map((m) => `${m} ${format(score(image, m, t))}`).join(", ");
    const fixations = state.fixations ? ` with ${image.fixations.length} fixations` : "";
    at("caption").textContent = `${image.id}: ${what}${fixations}. ${shown}`;
    stage.setAttribute("aria-label", at("caption").textContent);
    at("step-shown").textContent = `${t + 1} of ${data.timesteps}`;
    step.setAttribute("aria-valuetext", `timestep ${t + 1} of ${data.timesteps}`);
  }

  const format = (value) => (value === null ? "–" : value.toFixed(3).replace("-", "−"));

  function scores(image, t) {
    const table = at("image-scores");
    const line = (cells, name) => {
      const row = document.createElement("tr");
      cells.forEach((text, i) => {
        const cell = document.createElement(i && name === "td" ? "td" : "th");
        cell.textContent = text;
        cell.scope = name === "th" ? "col" : "row";
        row.append(cell);
      });
      return row;
    };
    const heads = data.metrics.map((m) => (data.lower.includes(m) ? `${m} ↓` : m));
    table.tHead.replaceChildren(line(["T", ...heads], "th"));
    table.tBodies[0].replaceChildren(...image.scores.map((row, i) => {
      const tr = line([String(i + 1), ...row.map(format)], "td");
      if (i === t) tr.className = "current";
      return tr;
    }));
  }

  async function strip(image, t, layer) {
    const box = at("strip");
    const uri = layer === "prediction" || layer === "attention" ? image[layer] : "";
    if (!uri || data.timesteps < 2) return box.replaceChildren();
    const sheet = await picture(uri);
    if (image !== state.image || layer !== state.layer) return;
    box.replaceChildren(...Array.from({ length: data.timesteps }, (_, k) => {
      const map = coloured(sheet, data.timesteps, k, -1);
      const canvas = document.createElement("canvas");
      canvas.width = map.width;
      canvas.height = map.height;
      canvas.getContext("2d").drawImage(map, 0, 0);
      const label = document.createElement("span");
      label.textContent = `T=${k + 1}`;
      const button = document.createElement("button");
      button.type = "button";
      button.setAttribute("aria-label", `Show timestep ${k + 1}`);
      button.setAttribute("aria-pressed", String(k === t));
      button.append(canvas, label);
      button.addEventListener("click", () => { step.value = k + 1; show(); });
      return button;
    }));
  }

  function sort() {
    const metric = at("metric").value;
    const sign = (data.lower.includes(metric) ? 1 : -1) * (at("order").value === "best" ? 1 : -1);
    const value = (image) => score(image, metric);
    const ranked = data.images.filter((i) => value(i) !== null).sort((a, b) => sign * (value(a) - value(b)));
    state.order = [...ranked, ...data.images.filter((i) => value(i) === null)];
    at("thumbnails").replaceChildren(...state.order.map((image) => {
      const button = document.createElement("button"), img = document.createElement("img");
      button.type = "button";
      button.dataset.id = image.id;
      img.src = image.photo;
      img.loading = "lazy";
      img.decoding = "async";
      img.alt = `Image ${image.id}`;
      button.append(img, `${metric} ${format(value(image))}`);
      button.addEventListener("click", () => select(image));
      return button;
    }));
    mark();
  }

  function mark() {
    for (const button of at("thumbnails").children) {
      button.setAttribute("aria-pressed", String(state.image !== null && button.dataset.id === state.image.id));
    }
  }

  function select(image) {
    state.image = image;
    mark();
    return show();
  }

  function layer(name) {
    if (name === "attention" && !state.image.attention) return;
    state.layer = name;
    for (const button of document.querySelectorAll("[data-layer]")) {
      button.setAttribute("aria-pressed", String(button.dataset.layer === name));
    }
    show();
  }

  function fixations() {
    state.fixations = !state.fixations;
    at("fixations").setAttribute("aria-pressed", String(state.fixations));
    show();
  }

  function jump(where) {
    const metric = at("metric").value;
    const good = (at("order").value === "best" ? state.order : [...state.order].reverse())
      .filter((image) => score(image, metric) !== null);
    if (!good.length) return;
    select(good[{ best: 0, median: Math.floor((good.length - 1) / 2), worst: good.length - 1 }[where]]);
  }

  function move(by) {
    const place = state.order.indexOf(state.image) + by;
    if (place < 0 || place >= state.order.length) return;
    select(state.order[place]);
    at("thumbnails").children[place].scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT)$/.test(event.target.tagName)) return;
    const layers = { p: "prediction", a: "attention", d: "density", n: "none" };
    if (event.key in layers) layer(layers[event.key]);
    else if (event.key === "f") fixations();
    else if (event.key === "ArrowLeft") move(-1);
    else if (event.key === "ArrowRight") move(1);
    else if (/^[1-9]$/.test(event.key) && event.key <= data.timesteps) { step.value = event.key; show(); }
    else return;
    event.preventDefault();
  });
  step.addEventListener("input", show);
  opacity.addEventListener("input", show);
  at("metric").addEventListener("change", sort);
  at("order").addEventListener("change", sort);
  at("fixations").addEventListener("click", fixations);
  for (const button of document.querySelectorAll("[data-layer]")) {
    button.addEventListener("click", () => layer(button.dataset.layer));
  }
  for (const button of document.querySelectorAll("[data-jump]")) {
    button.addEventListener("click", () => jump(button.dataset.jump));
  }
  if (!data.images[0].attention) document.querySelector('[data-layer="attention"]').disabled = true;
  sort();
  select(state.order[0]);
}
