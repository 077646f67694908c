// The page: pictures come in, a tab says what is done with them.
import { startAreas, refresh } from "./areas.js";
import { NAMES } from "./colours.js";
import { startCompare, listPictures, showSwipe, hasPair } from "./compare.js";
import { startCrops, showCrops } from "./crops.js";
import { at, complain, make } from "./dom.js";
import { addFiles, onChoice, pictures, removeCurrent, state } from "./pictures.js";
import { health, post, save, stem } from "./server.js";
import { overlay, showPicture } from "./stage.js";

const TABS = ["areas", "compare", "crops"];
let tab = "areas", limits = null;

function show() {
  const picture = state.current;
  at("work").hidden = !picture;
  at("drop").classList.toggle("empty", !picture);
  if (!picture) return;
  listPictures();
  for (const name of TABS) {
    const isShown = name === tab;
    at(`tab-${name}`).setAttribute("aria-selected", String(isShown));
    at(`tab-${name}`).tabIndex = isShown ? 0 : -1;
    at(`panel-${name}`).hidden = !isShown;
    at(`results-${name}`).hidden = !isShown;
  }
  const swipes = tab === "compare" && hasPair();
  at("second").hidden = at("swipe-row").hidden = !swipes;
  showPicture(picture);
  if (tab === "areas") refresh();
  else if (tab === "crops") showCrops();
  else if (swipes) showSwipe();
  else {
    at("shapes").replaceChildren();
    at("caption").textContent = "A comparison needs two pictures; add another one above.";
  }
}

function startTabs() {
  TABS.forEach((name, place) => {
    at(`tab-${name}`).addEventListener("click", () => { tab = name; show(); });
    at(`tab-${name}`).addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!by) return;
      tab = TABS[(place + by + TABS.length) % TABS.length];
      show();
      at(`tab-${tab}`).focus();
      event.preventDefault();
    });
  });
}

const isPicture = (file) => file.type.startsWith("image/") || /\.(hei[cf]|tiff?|tga|psd)$/i.test(file.name);

function take(list) {
  const files = [...list].filter(isPicture);
  if (!files.length) return complain("that is no picture");
  addFiles(files, limits);
}

function startIntake() {
  const drop = at("drop");
  at("files").addEventListener("change", () => { take(at("files").files); at("files").value = ""; });
  for (const kind of ["dragenter", "dragover"]) {
    document.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("over"); });
  }
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) drop.classList.remove("over"); });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    take(event.dataTransfer.files);
  });
  document.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length) take(event.clipboardData.files);
  });
}

function startDownloads() {
  at("save-map").addEventListener("click", async () => {
    try {
      const response = await post("/predict", { file: state.current.file, format: "png16" });
      save(await response.blob(), `${stem(state.current.name)}_map.png`);
    } catch (error) {
      complain(error.message);
    }
  });
  at("save-overlay").addEventListener("click", async () => {
    save(await overlay(state.current), `${stem(state.current.name)}_overlay.png`);
  });
  at("remove-picture").addEventListener("click", removeCurrent);
}

at("colours").append(...NAMES.map((name) => {
  const option = make("option", name[0].toUpperCase() + name.slice(1));
  option.value = name;
  return option;
}));
at("opacity").addEventListener("input", show);
at("colours").addEventListener("change", show);
at("timestep").addEventListener("input", () => {
  const timestep = Number(at("timestep").value);
  for (const picture of pictures) picture.timestep = Math.min(timestep, picture.maps.length);
  show();
});
onChoice(show);
startTabs();
startIntake();
startAreas();
startCompare();
startCrops();
startDownloads();
show();
try {
  const facts = await health();
  limits = facts.limits;
  at("about").textContent = `${facts.model}. Pictures go to ${location.host} only, and nothing is stored.`;
} catch { /* the page says so at the first picture */ }
document.documentElement.dataset.ready = "yes";
