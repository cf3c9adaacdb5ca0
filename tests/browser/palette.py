"""Makes pictures small: 256 colours instead of millions. The browser that took a picture counts them."""

import base64
import struct
import zlib

from playwright.sync_api import BrowserContext

# The most frequent colours that differ, then every pixel's nearest. Flat pages lose nothing that one sees.
_COUNT = """
async png => {
  const bytes = Uint8Array.from(atob(png), letter => letter.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes], {type: 'image/png'}));
  const {width, height} = image, canvas = new OffscreenCanvas(width, height).getContext('2d');
  canvas.drawImage(image, 0, 0);
  const data = new Uint32Array(canvas.getImageData(0, 0, width, height).data.buffer);
  const counts = new Map();
  for (const colour of data) counts.set(colour, (counts.get(colour) || 0) + 1);
  const parts = colour => [colour & 255, colour >> 8 & 255, colour >> 16 & 255];
  const apart = (a, b) => (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2;
  const palette = [], index = new Map();
  for (const [colour] of [...counts].sort((a, b) => b[1] - a[1])) {
    const here = parts(colour);
    let best = -1, least = Infinity;
    palette.forEach((one, at) => { const by = apart(one, here); if (by < least) { least = by; best = at; } });
    if (least > 24 && palette.length < 256) best = palette.push(here) - 1;
    index.set(colour, best);
  }
  const rows = new Uint8Array((width + 1) * height);
  for (let y = 0, at = 0, pixel = 0; y < height; y++) {
    at++;
    for (let x = 0; x < width; x++) rows[at++] = index.get(data[pixel++]);
  }
  let packed = '';
  const stream = new Blob([rows]).stream().pipeThrough(new CompressionStream('deflate'));
  for (const byte of new Uint8Array(await new Response(stream).arrayBuffer())) packed += String.fromCharCode(byte);
  return [width, height, palette.flat(), btoa(packed)];
}
"""


def reduced(context: BrowserContext, png: bytes) -> bytes:
    """Return the same picture as a PNG with a palette."""
    page = context.new_page()  # an empty one, without any page's policy
    width, height, palette, packed = page.evaluate(_COUNT, base64.b64encode(png).decode())
    page.close()
    rows = zlib.decompress(base64.b64decode(packed))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(kind, body)
        for kind, body in (
            (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            (b"PLTE", bytes(palette)),
            (b"IDAT", zlib.compress(rows, 9)),
            (b"IEND", b""),
        )
    )


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
