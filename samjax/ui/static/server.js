// Talks to the server, and brings what it sends into the browser's forms.

export const health = async () => (await fetch("/health")).json();

// Returns the response; a failure is an Error with the server's sentence.
export async function post(path, fields) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || value === null || value === "") continue;
    if (value instanceof Blob) form.append(name, value, value.name || "picture.png");
    else form.append(name, String(value));
  }
  let response;
  try {
    response = await fetch(path, { method: "POST", body: form });
  } catch {
    throw new Error("the server does not answer; is samjax ui still running?");
  }
  if (response.status === 503) {
    await new Promise((done) => setTimeout(done, 1000 * Number(response.headers.get("Retry-After") || 1)));
    response = await fetch(path, { method: "POST", body: form });
  }
  if (!response.ok) {
    let detail = `the server answered ${response.status}`;
    try { detail = (await response.json()).detail; } catch { /* it was no JSON */ }
    throw new Error(detail);
  }
  return response;
}

export function blobOf(base64, type) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return new Blob([bytes], { type });
}

// The levels, 0 to 255, of a grey PNG that the server packed.
export async function levelsOf(packed) {
  const bitmap = await createImageBitmap(blobOf(packed.data, "image/png"));
  const canvas = document.createElement("canvas");
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data;
  const levels = new Uint8Array(canvas.width * canvas.height);
  for (let i = 0; i < levels.length; i++) levels[i] = pixels[4 * i];
  return { levels, width: canvas.width, height: canvas.height };
}

export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

export const saveText = (text, type, name) => save(new Blob([text], { type }), name);
export const stem = (name) => name.replace(/\.[^.]*$/, "") || name;

// What a timestep is called: by the time that its record tells, or by its number.
export const timeName = (row) => (row.viewing_time_ms == null ? `t${row.timestep}` : `${row.viewing_time_ms} ms`);
