// Shows /openapi.json without anything from elsewhere.
import { make, fillTable } from "./dom.js";

const document_ = await (await fetch("/openapi.json")).json();
// What an example needs beside its pictures.
const EXAMPLES = { "/areas": " -F grid=3x3", "/crop": " -F ratio=16:9" };
const main = document.getElementById("operations");

function operation(path, method, about) {
  const section = make("section");
  section.append(make("h2", `${method.toUpperCase()} ${path}`), make("p", about.summary || ""));
  const form = about.requestBody?.content["multipart/form-data"]?.schema;
  if (form) {
    const table = make("table");
    table.append(make("caption", "Fields of the form"), make("thead"), make("tbody"));
    const rows = Object.entries(form.properties).map(([name, field]) => [
      form.required.includes(name) ? `${name} (required)` : name,
      field.enum ? field.enum.join(", ") : field.format === "binary" ? "file" : field.type,
      field.default === undefined ? "–" : String(field.default) || "–",
      field.description,
    ]);
    fillTable(table, ["Field", "Kind", "Default", "What it says"], rows);
    const scroll = make("div", "", "scroll prose");
    scroll.append(table);
    const files = form.required.map((name) => `-F ${name}=@picture.jpg`).join(" ");
    section.append(scroll, make("pre", `curl ${files}${EXAMPLES[path] ?? ""} ${location.origin}${path}`));
  } else {
    section.append(make("pre", `curl ${location.origin}${path}`));
  }
  const answers = make("dl");
  for (const [status, answer] of Object.entries(about.responses)) {
    const pair = make("div");
    pair.append(make("dt", status), make("dd", answer.description));
    answers.append(pair);
  }
  const more = make("details");
  more.append(make("summary", "Answers by status"), answers);
  section.append(more);
  return section;
}

main.replaceChildren(make("p", document_.info.description));
for (const [path, methods] of Object.entries(document_.paths)) {
  for (const [method, about] of Object.entries(methods)) main.append(operation(path, method, about));
}
