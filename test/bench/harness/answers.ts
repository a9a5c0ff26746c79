/**
 * Takes what comes in on a connection and calls back with the status of each HTTP answer once it is there whole. As
 * much of HTTP/1.1 as a server of ours answers with: a length, no chunks.
 */
export function answerReader(onAnswer: (status: number) => void): (chunk: Uint8Array) => void {
  let text = '';
  return (chunk) => {
    // One character a byte, so that lengths are lengths.
    text += Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
    for (;;) {
      const headEnd = text.indexOf('\r\n\r\n');
      if (headEnd === -1) return;
      const head = text.slice(0, headEnd);
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]);
      const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1]);
      if (Number.isNaN(status) || Number.isNaN(length))
        throw new Error(`Not an answer with a length: ${head}`);
      const end = headEnd + 4 + length;
      if (text.length < end) return;
      text = text.slice(end);
      onAnswer(status);
    }
  };
}
