import { SETTINGS } from '../texts/settings.ts';
import { Steps } from './steps.tsx';

const { steps: TEXT } = SETTINGS;

/** How memberships get from here to Segment. */
export const OutboundSteps = () => (
  <Steps which="out" title={TEXT.outboundTitle}>
    <li>{TEXT.out.source}</li>
    <li>{TEXT.out.key}</li>
    <li>{TEXT.out.region}</li>
    <li>{TEXT.out.unify}</li>
    <li>{TEXT.out.test}</li>
    <li>{TEXT.out.sync}</li>
    <li>{TEXT.out.trait}</li>
  </Steps>
);
