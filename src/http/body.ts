/** The body is larger than allowed, or the connection ended before all of it came. */
export class BodyError extends Error {
  constructor(readonly problem: 'too_large' | 'incomplete') {
    super(problem === 'too_large' ? 'The body is too large' : 'The body is incomplete');
  }
}

/** Reads a whole body of at most `limit` bytes, whether or not the request says how long it is. */
export async function readBody(request: Request, limit: number): Promise<Uint8Array> {
  const length = request.headers.get('content-length');
  if (length !== null && Number(length) > limit) throw new BodyError('too_large');
  try {
    if (length !== null || request.body === null) return new Uint8Array(await request.arrayBuffer());
    return await readChunks(request.body, limit);
  } catch (error) {
    throw error instanceof BodyError ? error : new BodyError('incomplete');
  }
}

async function readChunks(body: ReadableStream<Uint8Array>, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > limit) throw new BodyError('too_large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
