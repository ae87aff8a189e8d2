// Frames and messages of a terminal, without a connection.

import assert from "node:assert/strict";
import { test } from "node:test";

import { inputFrames, readMessage, readOutput } from "../../static_site/lib/terminal-frames.js";

test("a large paste is cut into frames of bytes, none lost", () => {
  const text = "é".repeat(20_000);

  const frames = inputFrames(text);

  assert.ok(frames.every((frame) => frame.length <= 16_384));
  assert.equal(Buffer.concat(frames).toString(), text);
  assert.deepEqual(inputFrames(Uint8Array.of(255)), [Uint8Array.of(255)]);
});

test("an output frame has the number of its first byte, beyond 32 bits too", () => {
  const buffer = new ArrayBuffer(9);
  new DataView(buffer).setBigUint64(0, 2n ** 40n);

  assert.equal(readOutput(buffer).first, 2 ** 40);
  assert.equal(readOutput(new ArrayBuffer(7)), null);
});

for (const text of ["{", "null", "5", "[]", '{"type": 3}']) {
  test(`${text} is no message`, () => {
    assert.equal(readMessage(text), null);
  });
}
