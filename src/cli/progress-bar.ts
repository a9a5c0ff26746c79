/** A line that shows how far a long command is; nothing where standard error is no terminal. */
export function progressBar(totalBytes: number | null) {
  const startedAt = performance.now();
  let shownAt = 0;
  return {
    show(bytes: number, rows: number) {
      const now = performance.now();
      if (!process.stderr.isTTY || now - shownAt < 100) return;
      shownAt = now;
      const rate = Math.round(rows / ((now - startedAt) / 1000));
      const done = totalBytes === null || totalBytes === 0 ? null : Math.min(1, bytes / totalBytes);
      const bar =
        done === null
          ? ''
          : `[${'#'.repeat(Math.round(done * 30)).padEnd(30)}] ${Math.floor(done * 100)} %  `;
      process.stderr.write(
        `\r${bar}${rows.toLocaleString('en')} rows, ${rate.toLocaleString('en')} a second `,
      );
    },
    end() {
      if (process.stderr.isTTY && shownAt > 0) process.stderr.write('\r\x1b[K');
    },
  };
}
