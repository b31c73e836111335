// Shapes on the pad: ink, thumbnails, evidence. Appended to pad.js and frame.js.

const FOR = [28, 100, 242];
const AGAINST = [232, 104, 6];
const WEAK = 0.15; // of the strongest evidence
const STRONG = 0.6;

function bounded(value) {
  return Math.round(Math.min(SIDE, Math.max(0, value)) * 10) / 10;
}

function canvas(element, board) { // cleared, and scaled so that one unit is one pad pixel
  const side = Math.round(board.clientWidth * (window.devicePixelRatio || 1));
  if (element.width !== side) element.width = element.height = side;
  const brush = element.getContext("2d");
  brush.setTransform(side / SIDE, 0, 0, side / SIDE, 0, 0);
  brush.clearRect(0, 0, SIDE, SIDE);
  return brush;
}

function line(brush, stroke) {
  const [first, ...rest] = stroke;
  brush.beginPath();
  if (rest.every(([x, y]) => x === first[0] && y === first[1])) { // a tap is a dot; a canvas draws no line of zero length
    brush.arc(...first, brush.lineWidth / 2, 0, 2 * Math.PI);
    brush.fill();
    return;
  }
  brush.moveTo(...first);
  for (const point of rest) brush.lineTo(...point);
  brush.stroke();
}

function thumbnail(strokes, pen) {
  const name = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(name, "svg");
  svg.setAttribute("viewBox", `0 0 ${SIDE} ${SIDE}`);
  svg.setAttribute("aria-hidden", "true");
  for (const stroke of strokes) {
    const part = document.createElementNS(name, "polyline");
    const points = stroke.length > 1 ? stroke : [stroke[0], stroke[0]]; // a tap is a dot
    part.setAttribute("points", points.map((point) => point.join(",")).join(" "));
    part.setAttribute("stroke-width", pen);
    svg.append(part);
  }
  return svg;
}

function drawEvidence(brush, evidence) { // blue for the label, orange against it, with signs in the strongest cells
  if (!evidence) return;
  const wide = evidence.width / evidence.columns;
  const high = evidence.height / evidence.rows;
  brush.textAlign = "center";
  brush.textBaseline = "middle";
  brush.font = `bold ${Math.max(8, Math.min(wide, high))}px sans-serif`;
  evidence.values.forEach((value, index) => {
    if (!value) return;
    const x = evidence.left + (index % evidence.columns) * wide;
    const y = evidence.top + Math.floor(index / evidence.columns) * high;
    const [red, green, blue] = value > 0 ? FOR : AGAINST;
    brush.fillStyle = `rgba(${red}, ${green}, ${blue}, ${0.85 * Math.abs(value)})`;
    brush.fillRect(x, y, wide + 0.3, high + 0.3);
    if (Math.abs(value) < STRONG) return;
    brush.fillStyle = "white";
    brush.fillText(value > 0 ? "+" : "\u2212", x + wide / 2, y + high / 2);
  });
}

function describeAt(evidence, [x, y]) {
  const column = Math.floor((x - evidence.left) / evidence.width * evidence.columns);
  const row = Math.floor((y - evidence.top) / evidence.height * evidence.rows);
  if (column < 0 || row < 0 || column >= evidence.columns || row >= evidence.rows) return null;
  const value = evidence.values[row * evidence.columns + column];
  const side = value > 0 ? "for" : "against";
  if (Math.abs(value) < WEAK) return `This area is weak evidence for or against ${evidence.label}.`;
  return `This area is ${Math.abs(value) < STRONG ? "" : "strong "}evidence ${side} ${evidence.label}.`;
}
