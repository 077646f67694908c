// Areas as numbers: a box has x, y, width and height, a polygon its corners, in pixels of the picture.

const tidy = (value) => Math.round(value * 10) / 10;

export function boxOf(area) {
  if (area.box) return [...area.box];
  const xs = area.corners.map(([x]) => x), ys = area.corners.map(([, y]) => y);
  const left = Math.min(...xs), top = Math.min(...ys);
  return [left, top, Math.max(...xs) - left, Math.max(...ys) - top].map(tidy);
}

// Puts an area into another rectangle; a polygon is moved and stretched with its own.
export function setBox(area, box) {
  const [x, y, width, height] = box.map(tidy);
  if (area.box) {
    area.box = [x, y, Math.max(width, 0), Math.max(height, 0)];
    return;
  }
  const [left, top, wide, high] = boxOf(area);
  const along = (value, from, length, to, target) =>
    tidy(to + (length > 0 ? ((value - from) / length) * Math.max(target, 0) : 0));
  area.corners = area.corners.map(([cx, cy]) => [
    along(cx, left, wide, x, width), along(cy, top, high, y, height),
  ]);
}

export function moved(area, right, down) {
  const [x, y, width, height] = boxOf(area);
  setBox(area, [x + right, y + down, width, height]);
}

export const cornersText = (area) => area.corners.map((corner) => corner.join(",")).join(" ");

// The corners that a text tells, or null if it tells no polygon.
export function readCorners(text) {
  const corners = text.trim().split(/[\s;]+/).map((pair) => pair.split(",").map(Number));
  const good = corners.length > 2 && corners.every((c) => c.length === 2 && c.every(Number.isFinite));
  return good ? corners : null;
}

// What the server reads.
export function areasJson(areas) {
  return JSON.stringify({
    areas: areas.map((area) => ({
      area: area.name, ...(area.box ? { box: area.box } : { polygon: area.corners }),
    })),
  });
}
