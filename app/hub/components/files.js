// An image file from the clipboard or a drop, checked and read. Appended to pad.js and frame.js.

function pastedPicture(event) { // undefined for text, which is pasted as usual
  const files = [...(event.clipboardData?.files ?? [])];
  const file = files.find((item) => item.type.startsWith("image/")) ?? files[0]; // the server decides by content
  if (file) event.preventDefault();
  return file;
}

function readPicture(file, limit, status, onRead) { // status: the element for an error; onRead: called with a data address
  if (!file) return;
  if (file.size > limit) {
    status.textContent =
      `This file is ${Math.round(file.size / 2 ** 20)} MB; the limit is ${limit / 2 ** 20} MB. Choose a smaller one.`;
    return;
  }
  const reader = new FileReader();
  reader.addEventListener("load", () => onRead(reader.result));
  reader.addEventListener("error", () => { status.textContent = "Your browser could not read this file. Choose another one."; });
  reader.readAsDataURL(file);
}
