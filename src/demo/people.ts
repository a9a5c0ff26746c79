/** Made-up people for the demo: no real names or domains. */
export interface Person {
  email: string;
  name: string;
  plan: string;
  seats: number;
}

const FIRST = [
  'Ada',
  'Grace',
  'Linus',
  'Zoë',
  'Ravi',
  'Mei',
  'Omar',
  'Ines',
  'Tomás',
  'Aiko',
  'Lena',
  'Kofi',
];
const LAST = [
  'Archer',
  'Bakker',
  'Chen',
  'Diallo',
  'Eriksen',
  'Fischer',
  'Gupta',
  'Haddad',
  'Ito',
  'Jansen',
  'Kovács',
];
const COMPANIES = ['initech', 'hooli', 'umbrella', 'globex', 'acme', 'stark', 'wayne', 'soylent'];
export const PLANS = ['free', 'pro', 'enterprise'];

const pick = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T;

/** The plan and seats somebody may have: most are free, few are large. */
export function drawPlan(): Pick<Person, 'plan' | 'seats'> {
  const plan = pick(['free', 'free', 'free', 'pro', 'pro', 'enterprise']);
  const most = { free: 3, pro: 60, enterprise: 800 }[plan] ?? 1;
  return { plan, seats: 1 + Math.floor(Math.random() * most) };
}

export function people(count: number): Person[] {
  return Array.from({ length: count }, (_, i) => {
    const [first, last] = [pick(FIRST), pick(LAST)];
    const local = `${first}.${last}.${i}`
      .normalize('NFD')
      .replace(/[^\w.]/g, '')
      .toLowerCase();
    return { email: `${local}@${pick(COMPANIES)}.example`, name: `${first} ${last}`, ...drawPlan() };
  });
}

const rule = (field: string, operator: string, value: unknown) => ({ field, operator, value });
const all = (...conditions: object[]) => ({ match: 'all', conditions });

/** Four segments that the plans and seats above move people in and out of. */
export const SEGMENTS = [
  { name: 'Enterprise', rules: all(rule('attributes.plan', 'eq', 'enterprise')) },
  { name: 'Paying', rules: all(rule('attributes.plan', 'in', ['pro', 'enterprise'])) },
  { name: 'Large Teams', rules: all(rule('attributes.seats', 'gte', 50)) },
  {
    name: 'Upgrade Candidates',
    rules: all(rule('attributes.plan', 'eq', 'pro'), rule('attributes.seats', 'gte', 20)),
  },
];
