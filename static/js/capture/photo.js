// Photos are made small on the phone: a store may be no larger than fifty photos as the camera takes them.

const LONGEST = 1600;

export async function scaled(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const blob = await new Promise((done) => drawn(picture, LONGEST).toBlob(done, "image/jpeg", 0.82));
  picture.close();
  if (!blob) throw new Error("no picture");
  return blob;
}

export async function thumbnail(blob) {
  const picture = await createImageBitmap(blob);
  const canvas = drawn(picture, 88);
  picture.close();
  return canvas;
}

function drawn(picture, longest) {
  const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}
