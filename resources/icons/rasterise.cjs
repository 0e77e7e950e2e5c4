'use strict';
/* global document, Image -- of the page that draws */
// Draws the PNGs from the SVGs beside it, with the one rasteriser every developer of this app has:
//   electron resources/icons/rasterise.cjs     (as root on Linux: --no-sandbox --disable-gpu, under Xvfb)
const { app, BrowserWindow } = require('electron');
const { readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');

const iconSizes = [16, 24, 32, 48, 64, 128, 256, 512];
const trayNames = ['ok', 'attention', 'offline', 'failover'];
const jobs = [
  ...iconSizes.map((size) => ({ from: 'icon.svg', to: `${size}x${size}.png`, size })),
  { from: 'icon.svg', to: 'icon.png', size: 512 },
  ...trayNames.flatMap((name) => [
    { from: `tray-${name}.svg`, to: `tray-${name}.png`, size: 22 },
    { from: `tray-${name}.svg`, to: `tray-${name}@2x.png`, size: 44 },
  ]),
];

/** Runs in the page: draws the picture at `size` and gives it back as a PNG. */
async function draw(source, size) {
  const image = new Image(size, size);
  image.src = source;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = size;
  canvas.height = size;
  canvas.getContext('2d').drawImage(image, 0, 0, size, size);
  return canvas.toDataURL('image/png');
}

void app.whenReady().then(async () => {
  const window = new BrowserWindow({ show: false });
  await window.loadURL('data:text/html,');
  for (const { from, to, size } of jobs) {
    const svg = readFileSync(path.join(__dirname, from), 'utf8').replace(
      '<svg ',
      `<svg width="${size}" height="${size}" `,
    );
    const source = `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
    const png = await window.webContents.executeJavaScript(
      `(${draw})(${JSON.stringify(source)}, ${size})`,
    );
    writeFileSync(path.join(__dirname, to), Buffer.from(png.split(',')[1], 'base64'));
  }
  app.quit();
});
