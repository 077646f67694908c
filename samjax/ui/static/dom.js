// Small helpers for the page's elements.

export const at = (id) => document.getElementById(id);

export function make(tag, text = "", classes = "") {
  const element = document.createElement(tag);
  if (text) element.textContent = text;
  if (classes) element.className = classes;
  return element;
}

export function makeSvg(tag, attributes = {}) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

// Rows are lists of cells, each a text or an element; the first one is the row's header.
export function fillTable(table, heads, rows) {
  const line = (cells, isHead) => {
    const row = make("tr");
    cells.forEach((content, column) => {
      const cell = make(isHead || column === 0 ? "th" : "td");
      if (cell.tagName === "TH") cell.scope = isHead ? "col" : "row";
      cell.append(content);
      row.append(cell);
    });
    return row;
  };
  table.tHead.replaceChildren(line(heads, true));
  table.tBodies[0].replaceChildren(...rows.map((cells) => line(cells, false)));
}

export function fillList(list, texts) {
  list.replaceChildren(...texts.map((text) => make("li", text)));
}

export const percent = (share, digits = 1) => `${(100 * share).toFixed(digits)} %`;

export function points(difference) {
  const text = (100 * difference).toFixed(1).replace("-", "−");
  return difference > 0 ? `+${text}` : text;
}

export function say(text) {
  at("status").textContent = text;
}

export function complain(text) {
  at("problem").textContent = text;
  at("problem").hidden = !text;
}

// Runs the last of several calls only, a moment after it came.
export function later(action, milliseconds = 250) {
  let timer = 0;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...given), milliseconds);
  };
}
