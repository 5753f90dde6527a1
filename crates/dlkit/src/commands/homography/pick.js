"use strict";
const facts = JSON.parse(document.getElementById("facts").textContent);
const [stage, photo, loupe, preview] = ["stage", "photo", "loupe", "preview"].map((id) => document.getElementById(id));
const handles = [...document.querySelectorAll(".corner")];
const names = ["top left", "top right", "bottom right", "bottom left"];
// Corners in pixels of the photo; the center of the first pixel is (0, 0).
let corners = facts.corners.map((corner) => [...corner]);
let pixels = null;

const shown = (value) => String(Math.round(value * 10) / 10);
const listed = () => corners.map((corner) => corner.map(shown).join(",")).join(" ");
const clamped = (value, size) => Math.min(Math.max(value, -0.5), size - 0.5);

/** Whether the corners go clockwise around a convex shape. */
function isPage() {
  return corners.every((b, index) => {
    const [a, c] = [corners[(index + 3) % 4], corners[(index + 1) % 4]];
    return (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0]) > 1;
  });
}

/** Width over height, for the focal length of the photo or the usual one that fits best. */
function estimatedRatio() {
  const diagonal = Math.hypot(facts.width, facts.height);
  const place = ([x, y]) => [(x - (facts.width - 1) / 2) / diagonal, (y - (facts.height - 1) / 2) / diagonal, 1];
  const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
  const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  const [m1, m2, m4, m3] = corners.map(place);
  const k2 = dot(cross(m1, m4), m3) / dot(cross(m2, m4), m3);
  const k3 = dot(cross(m1, m4), m2) / dot(cross(m3, m4), m2);
  const across = m2.map((part, index) => part * k2 - m1[index]);
  const down = m3.map((part, index) => part * k3 - m1[index]);
  const seen = (focal) => {
    const [u, v] = [across, down].map(([x, y, z]) => [x / focal, y / focal, z]);
    const [width, height] = [u, v].map((side) => Math.sqrt(dot(side, side)));
    return { ratio: width / height, skew: dot(u, v) / (width * height) };
  };
  if (facts.focal) return seen(facts.focal / diagonal).ratio;
  let best = { cost: Infinity, ratio: 1 };
  for (let step = 0; step <= 100; step++) {
    const focal = 0.3 * (5 / 0.3) ** (step / 100);
    const { ratio, skew } = seen(focal);
    const cost = (skew / 0.01) ** 2 + (Math.log(focal / 0.68) / 0.5) ** 2;
    if (cost < best.cost) best = { cost, ratio };
  }
  return best.ratio;
}

/** Width over height of the page, as chosen. */
function ratioOfPage() {
  const estimate = estimatedRatio();
  const format = facts.formats.find((format) => format.name === document.getElementById("size").value);
  if (!format) return estimate;
  const [upright, lying] = [format.width / format.height, format.height / format.width];
  return Math.abs(Math.log(lying / estimate)) < Math.abs(Math.log(upright / estimate)) ? lying : upright;
}

/** Pixels of the page: neither side is shorter than its longer image. */
function sizeOfPage(ratio) {
  const length = (a, b) => Math.hypot(corners[a][0] - corners[b][0], corners[a][1] - corners[b][1]);
  const width = Math.max(length(0, 1), length(3, 2), Math.max(length(0, 3), length(1, 2)) * ratio);
  const count = (side) => Math.max(2, Math.round(side) + 1);
  return [count(width), count(width / ratio)];
}

/** The eight numbers that map the unit square to the corners (Heckbert 1989). */
function squareToCorners() {
  const [[x0, y0], [x1, y1], [x2, y2], [x3, y3]] = corners;
  const [dx1, dx2, sx] = [x1 - x2, x3 - x2, x0 - x1 + x2 - x3];
  const [dy1, dy2, sy] = [y1 - y2, y3 - y2, y0 - y1 + y2 - y3];
  const area = dx1 * dy2 - dx2 * dy1;
  const [g, h] = [(sx * dy2 - dx2 * sy) / area, (dx1 * sy - sx * dy1) / area];
  return [x1 - x0 + g * x1, x3 - x0 + h * x3, x0, y1 - y0 + g * y1, y3 - y0 + h * y3, y0, g, h];
}

/** Draws the rectified page: each of its pixels is looked up in the photo. */
function drawPreview([width, height]) {
  const factor = Math.min(1, 420 / Math.max(width, height));
  const [columns, rows] = [width, height].map((side) => Math.max(2, Math.round(side * factor)));
  preview.width = columns;
  preview.height = rows;
  const context = preview.getContext("2d");
  const result = context.createImageData(columns, rows);
  const [a, b, c, d, e, f, g, h] = squareToCorners();
  const small = pixels.width / facts.width;
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, at += 4) {
      const [u, v] = [column / (columns - 1), row / (rows - 1)];
      const depth = g * u + h * v + 1;
      const x = ((a * u + b * v + c) / depth + 0.5) * small - 0.5;
      const y = ((d * u + e * v + f) / depth + 0.5) * small - 0.5;
      const left = Math.min(Math.max(Math.floor(x), 0), pixels.width - 2);
      const top = Math.min(Math.max(Math.floor(y), 0), pixels.height - 2);
      const [right, down] = [Math.min(Math.max(x - left, 0), 1), Math.min(Math.max(y - top, 0), 1)];
      const first = 4 * (top * pixels.width + left);
      const below = first + 4 * pixels.width;
      for (let part = 0; part < 3; part++) {
        const upper = pixels.data[first + part] * (1 - right) + pixels.data[first + 4 + part] * right;
        const lower = pixels.data[below + part] * (1 - right) + pixels.data[below + 4 + part] * right;
        result.data[at + part] = upper * (1 - down) + lower * down;
      }
      result.data[at + 3] = 255;
    }
  }
  context.putImageData(result, 0, 0);
}

/** A word of a command line, quoted if it needs to be. */
const quoted = (word) => (/^[\w./+@%-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

function update() {
  const scale = [facts.width, facts.height];
  corners.forEach((corner, index) => {
    const [x, y] = corner.map((value, axis) => (100 * (value + 0.5)) / scale[axis]);
    handles[index].style.left = `${x}%`;
    handles[index].style.top = `${y}%`;
    const label = `Corner ${index + 1}, ${names[index]}: x ${shown(corner[0])}, y ${shown(corner[1])}`;
    handles[index].setAttribute("aria-label", label);
  });
  const points = corners.map(([x, y]) => `${x + 0.5},${y + 0.5}`).join(" ");
  document.querySelectorAll("#outline polygon").forEach((shape) => shape.setAttribute("points", points));
  const good = isPage();
  stage.classList.toggle("crossed", !good);
  document.getElementById("wrong").hidden = good;
  document.getElementById("results").hidden = !good;
  if (!good || !pixels) return;
  const size = sizeOfPage(ratioOfPage());
  const [right, bottom] = size.map((side) => side - 1);
  drawPreview(size);
  const chosen = document.getElementById("size").value;
  const focal = facts.given_focal ? ` --focal ${facts.given_focal}` : "";
  const option = chosen === "auto" ? focal : ` --size ${chosen}`;
  document.getElementById("size-line").textContent =
    `${size[0]} × ${size[1]} px` + (chosen === "auto" && !facts.focal ? ", about: the focal length is unknown" : "");
  document.getElementById("command").textContent =
    `dlkit homography ${quoted(facts.file)} --corners "${listed()}"${option} --output ${quoted(facts.output)}`;
  const targets = [[0, 0], [right, 0], [right, bottom], [0, bottom]];
  const rows = corners.map((corner, index) => [...corner.map(shown), ...targets[index]].join(","));
  const table = `x,y,u,v\n${rows.join("\n")}\n`;
  document.getElementById("points").href = `data:text/csv;charset=utf-8,${encodeURIComponent(table)}`;
}

/** Shows the surroundings of a corner, enlarged. */
function showLoupe(index) {
  const [x, y] = corners[index];
  const small = photo.naturalWidth / facts.width;
  const screen = photo.getBoundingClientRect().width / photo.naturalWidth;
  const side = loupe.width / (Math.max(screen, 0.25) * 3 * 2);
  const context = loupe.getContext("2d");
  context.imageSmoothingEnabled = side > loupe.width / 4;
  context.fillStyle = "#000";
  context.fillRect(0, 0, loupe.width, loupe.height);
  const [left, top] = [(x + 0.5) * small - side / 2, (y + 0.5) * small - side / 2];
  const zoom = loupe.width / side;
  context.drawImage(photo, -left * zoom, -top * zoom, photo.naturalWidth * zoom, photo.naturalHeight * zoom);
  const middle = loupe.width / 2;
  for (const [width, color] of [[5, "rgb(0 0 0 / 70%)"], [2, "#ffb000"]]) {
    context.strokeStyle = color;
    context.lineWidth = width;
    context.beginPath();
    for (const neighbor of [corners[(index + 1) % 4], corners[(index + 3) % 4]]) {
      const [right, down] = [(neighbor[0] - x) * small * zoom, (neighbor[1] - y) * small * zoom];
      context.moveTo(middle, middle);
      context.lineTo(middle + right, middle + down);
    }
    context.stroke();
  }
  loupe.classList.toggle("right", x < facts.width / 2);
  loupe.hidden = false;
}

function move(index, x, y) {
  corners[index] = [clamped(x, facts.width), clamped(y, facts.height)];
  update();
  showLoupe(index);
}

handles.forEach((handle, index) => {
  let grip = null;
  const place = (event) => {
    const box = photo.getBoundingClientRect();
    return [
      ((event.clientX - box.left) / box.width) * facts.width - 0.5,
      ((event.clientY - box.top) / box.height) * facts.height - 0.5,
    ];
  };
  handle.addEventListener("pointerdown", (event) => {
    if (event.button > 0) return;
    const [x, y] = place(event);
    // The corner keeps its distance from the finger.
    grip = [corners[index][0] - x, corners[index][1] - y];
    try { handle.setPointerCapture(event.pointerId); } catch { /* not a pointer of the screen */ }
    handle.classList.add("held");
    showLoupe(index);
  });
  handle.addEventListener("pointermove", (event) => {
    if (!grip) return;
    const [x, y] = place(event);
    move(index, x + grip[0], y + grip[1]);
  });
  const release = () => {
    grip = null;
    handle.classList.remove("held");
    if (!handle.matches(":focus-visible")) loupe.hidden = true;
  };
  handle.addEventListener("pointerup", release);
  handle.addEventListener("pointercancel", release);
  handle.addEventListener("focus", () => { if (handle.matches(":focus-visible")) showLoupe(index); });
  handle.addEventListener("blur", () => { loupe.hidden = true; });
  handle.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const pace = event.shiftKey ? 10 : 1;
    move(index, corners[index][0] + pace * step[0], corners[index][1] + pace * step[1]);
  });
});

document.getElementById("size").addEventListener("change", update);
document.getElementById("reset").addEventListener("click", () => {
  corners = facts.corners.map((corner) => [...corner]);
  update();
});
document.getElementById("copy").addEventListener("click", async (event) => {
  const command = document.getElementById("command");
  try {
    await navigator.clipboard.writeText(command.textContent);
    event.target.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(command);
    event.target.textContent = "Selected: copy it";
  }
  setTimeout(() => { event.target.textContent = "Copy command"; }, 1500);
});

function start() {
  const canvas = document.createElement("canvas");
  canvas.width = photo.naturalWidth;
  canvas.height = photo.naturalHeight;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(photo, 0, 0);
  pixels = context.getImageData(0, 0, canvas.width, canvas.height);
  update();
}
if (photo.complete && photo.naturalWidth > 0) start();
else photo.addEventListener("load", start);
