// A picture file by the clipboard or a drop, checked and read; appended to pad.js and frame.js.

function pastedPicture(event) { // undefined for text, which goes where it was meant to go
  const file = [...(event.clipboardData?.files ?? [])].find((one) => one.type.startsWith("image/"));
  if (file) event.preventDefault();
  return file;
}

function readPicture(file, limit, reading, give) { // reading: the element that says what is wrong; give: takes a data address
  if (!file) return;
  if (file.size > limit) {
    reading.textContent =
      `This file has ${Math.round(file.size / 2 ** 20)} MB; the limit is ${limit / 2 ** 20} MB. Choose a smaller one.`;
    return;
  }
  const reader = new FileReader();
  reader.addEventListener("load", () => give(reader.result));
  reader.addEventListener("error", () => { reading.textContent = "Your browser could not read this file. Choose another one."; });
  reader.readAsDataURL(file);
}
