/** Units of the drawing, and the space for the thickness of the line. */
const [WIDTH, HEIGHT, EDGE] = [120, 24, 2];
const DAY = 86_400_000;

interface Point {
  day: string;
  members: number;
}

/** A line of the sizes over the days; a day that is missing is passed over, as its size was not noted. */
export function Sparkline({ points, days }: { points: readonly Point[]; days: number }) {
  const last = points.at(-1);
  if (last === undefined) return null;
  const until = Date.parse(last.day);
  const sizes = points.map(({ members }) => members);
  const [low, high] = [Math.min(...sizes), Math.max(...sizes)];
  const span = high - low || 1;
  const x = (day: string) =>
    WIDTH - EDGE - ((until - Date.parse(day)) / DAY / (days - 1)) * (WIDTH - 2 * EDGE);
  // A size that never changed is a line in the middle.
  const y = (members: number) =>
    high === low ? HEIGHT / 2 : HEIGHT - EDGE - ((members - low) / span) * (HEIGHT - 2 * EDGE);
  const line = points.map(({ day, members }) => `${x(day).toFixed(1)},${y(members).toFixed(1)}`);
  return (
    <svg
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      className="sparkline"
      aria-hidden="true"
    >
      <polyline points={line.join(' ')} />
      <circle cx={x(last.day)} cy={y(last.members)} r={2} />
    </svg>
  );
}
