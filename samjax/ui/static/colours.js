// Colour maps that are read by people who see few colours, too: 33 stops each, from matplotlib
// (CC0). What lies between two stops is mixed of both.
const STOPS = {
  inferno: "0000040403120b0724150b37210c4a2f0a5b3d09654a0c6b57106e64156e71196e" +
    "7d1e6d8a226a972766a32c61b0315bbc3754c73e4cd24644db503be45a31eb6628" +
    "f1731df68013f98e09fb9d07fcac11fbbc21f9cb35f5db4cf2ea69f3f68afcffa4",
  viridis: "440154470d6048186a482374472d7b4537814240863e49893b528b375b8d33638d" +
    "2f6b8e2c728e297a8e26828e23898e21918c1f988b1fa08822a78528ae8032b67a" +
    "3fbc734ec36b5ec96270cf5784d44b98d83eaddc30c2df23d8e219ece51bfde725",
  cividis: "00224e00285b002e6a0533711a386f273e6e32436d3b496c434e6c4b546c535a6d" +
    "5a5f6e61656f686a716f70737676767d7c788482798c8878938e789b9476a39a74" +
    "aba072b4a76fbcae6cc4b468cdbb63d5c25edec958e7d150f0d846f9e03afee838",
  magma: "0000040303120a0822130d341d114729115a36106b440f7651127c5d177f6a1c81" +
    "762181832681902a819c2e7faa337db73779c43c75d0416fdc4869e75263ef5d5e" +
    "f56b5cf9795dfc8961fd9869fea772feb67cfec488fed395fde2a3fcf0b2fcfdbf",
};

export const NAMES = Object.keys(STOPS);

// 256 colours, three bytes each.
export function table(name) {
  const stops = STOPS[name].match(/../g).map((pair) => parseInt(pair, 16));
  const colours = new Uint8ClampedArray(3 * 256);
  for (let level = 0; level < 256; level++) {
    const place = (level / 255) * 32, stop = Math.min(31, Math.floor(place)), part = place - stop;
    for (let c = 0; c < 3; c++) {
      colours[3 * level + c] = stops[3 * stop + c] * (1 - part) + stops[3 * stop + 3 + c] * part;
    }
  }
  return colours;
}

// Heat as a canvas of the map's own size: stronger where the map is, and clear where it is not.
export function heat(map, name, opacity) {
  const colours = table(name);
  const canvas = document.createElement("canvas");
  canvas.width = map.width;
  canvas.height = map.height;
  const context = canvas.getContext("2d");
  const image = context.createImageData(map.width, map.height);
  let low = 255;
  for (const level of map.levels) if (level < low) low = level;
  for (let i = 0; i < map.levels.length; i++) {
    const unit = (map.levels[i] - low) / Math.max(255 - low, 1), level = Math.round(255 * unit);
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = colours[3 * level + c];
    image.data[4 * i + 3] = 255 * opacity * Math.pow(unit, 0.6);
  }
  context.putImageData(image, 0, 0);
  return canvas;
}
