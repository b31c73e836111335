// An image file from the clipboard or a drop, checked and read. Appended to pad.js and frame.js.

function pastedPicture(event) { // undefined for text, which is pasted as usual
  const files = [...(event.clipboardData?.files ?? [])];
  const file = files.find((item) => item.type.startsWith("image/")) ?? files[0]; // the server decides by content
  if (file) event.preventDefault();
  return file;
}

const SENT_SIDE = 4096; // pixels, the longer side of a photo that the browser makes smaller; the server needs 1024

// status: the element for an error; onRead: called with a data address
async function readPicture(file, limit, status, onRead) {
  if (!file) return;
  let sent = file;
  if (file.size > limit) { // photos of 100 megapixels and more are
    status.textContent = "This photo is large; your browser is making it smaller.";
    sent = await smaller(file);
    status.textContent = "";
  }
  if (!sent || sent.size > limit) {
    status.textContent =
      `This file is ${Math.round(file.size / 2 ** 20)} MB; the limit is ${limit / 2 ** 20} MB. Choose a smaller one.`;
    return;
  }
  const reader = new FileReader();
  reader.addEventListener("load", () => onRead(reader.result));
  reader.addEventListener("error", () => { status.textContent = "Your browser could not read this file. Choose another one."; });
  reader.readAsDataURL(sent);
}

async function smaller(file) { // the photo as a smaller JPEG; undefined if the browser cannot decode it
  try {
    const whole = await createImageBitmap(file);
    const scale = Math.min(1, SENT_SIDE / Math.max(whole.width, whole.height));
    const canvas = new OffscreenCanvas(Math.ceil(scale * whole.width), Math.ceil(scale * whole.height));
    const brush = canvas.getContext("2d");
    brush.fillStyle = "white"; // under transparent parts, as on the server
    brush.fillRect(0, 0, canvas.width, canvas.height);
    brush.imageSmoothingQuality = "high";
    brush.drawImage(whole, 0, 0, canvas.width, canvas.height);
    whole.close();
    return await canvas.convertToBlob({ type: "image/jpeg", quality: 0.95 });
  } catch {
    return undefined;
  }
}
