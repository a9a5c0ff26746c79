import { DomainError, notFound } from '../errors.ts';
import { isWhole } from '../inbound/delivery.ts';
import { type Diagnosis, diagnose } from '../inbound/diagnose.ts';
import { messageOf } from '../inbound/service.ts';
import type { Store } from '../store/store.ts';
import type { DiagnoseRequest } from './check-model.ts';
import type { SettingsService, SharedSecret } from './service.ts';

export interface DiagnosisDeps {
  store: Pick<Store, 'getDelivery'>;
  settings: SettingsService;
  now(): number;
}

/** Diagnoses a body with its signature, or those of a rejected delivery. Throws a DomainError where there is neither. */
export async function diagnoseRequest(
  deps: DiagnosisDeps,
  { body, signature, deliveryId }: DiagnoseRequest,
): Promise<Diagnosis<SharedSecret>> {
  if ((body === undefined) === (deliveryId === undefined)) {
    throw new DomainError(422, 'invalid', 'Send either body and signature, or deliveryId', [
      { path: 'body', message: 'must be either {body, signature} or {deliveryId}' },
    ]);
  }
  if (body !== undefined) return examine(deps, body, signature ?? null, true);
  return diagnoseDelivery(deps, deliveryId as number);
}

async function diagnoseDelivery(deps: DiagnosisDeps, id: number): Promise<Diagnosis<SharedSecret>> {
  const found = await deps.store.getDelivery(id);
  if (found === null) throw notFound('delivery');
  const { body, signature, reason } = found.entry;
  if (body === null) {
    throw new DomainError(
      422,
      'body_not_kept',
      'The body of this delivery is not there: only those of rejected deliveries are kept, for REJECTED_BODY_HOURS; send body and signature instead',
    );
  }
  const diagnosis = examine(deps, body, signature, isWhole(body));
  return diagnosis.accepted
    ? { ...diagnosis, message: `${diagnosis.message} ${whyRefused(reason)}` }
    : diagnosis;
}

function examine(
  { settings, now }: DiagnosisDeps,
  body: string,
  signature: string | null,
  complete: boolean,
) {
  const { sharedSecrets, acceptFirstEventSignature } = settings.current().inbound;
  return diagnose({
    body: Buffer.from(body),
    complete,
    signature,
    secrets: sharedSecrets,
    acceptFirstEventSignature,
    now: now(),
  });
}

const ABOUT_SIGNATURES = ['bad_signature', 'first_event_signature_refused'];

/** Why a delivery was refused whose signature is accepted now. */
const whyRefused = (reason: string): string =>
  ABOUT_SIGNATURES.includes(reason)
    ? 'The delivery was refused because the shared secret or the settings were others at that time.'
    : `The delivery was refused for another reason, ${reason}: ${messageOf(reason)}.`;
