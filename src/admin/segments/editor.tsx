import { Button, Group, Paper, SimpleGrid, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type KeyboardEvent, lazy, Suspense, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { notice } from '../parts/notice.ts';
import { Failed, Loading, Problem } from '../parts/page.tsx';
import { useUnsaved } from '../parts/unsaved.ts';
import { segmentSettingsQuery } from '../queries.ts';
import { useCan } from '../session.tsx';
import { COMMON } from '../texts/common.ts';
import { EDITOR } from '../texts/segments.ts';
import { ChangedMeanwhile } from './changed-meanwhile.tsx';
import { ConfirmTrait } from './confirm-trait.tsx';
import { type Segment, segmentPath } from './data.ts';
import { PreviewPanel } from './preview-panel.tsx';
import { fromQuery, missingParts } from './rules.ts';
import { savedText, saveSegment } from './save-segment.ts';
import { TraitKeyField } from './trait-key-field.tsx';
import { TypeChoice } from './type-choice.tsx';
import { useDraft } from './use-draft.ts';
import { problemsOf, usePreview } from './use-preview.ts';
import { useRetractionNote } from './use-retraction-note.ts';
import { useTraitKey } from './use-trait-key.ts';
import { useVocabulary } from './vocabulary.ts';
import './segments.css';

// The library below it is large, and a manual segment does without.
const RuleBuilder = lazy(() => import('./builder/builder.tsx'));

/** Makes a segment, or changes one: name, trait, rules with who matches right now, and what saving does. */
export function SegmentEditor({
  segment,
  onLoadNewer = null,
}: {
  segment: Segment | null;
  /** Begins anew with the segment as it is stored; null while the draft began with that. */
  onLoadNewer?: (() => void) | null;
}) {
  const { draft, set, changed } = useDraft(segment);
  const [tried, setTried] = useState(false);
  const [confirming, setConfirming] = useState(false);
  const [, navigate] = useLocation();
  const queries = useQueryClient();
  const mayWrite = useCan('write');
  // Who can only look loses nothing.
  const saved = useUnsaved(changed.size > 0 && mayWrite);
  const { vocabulary, error, retry } = useVocabulary();
  const outbound = useQuery(segmentSettingsQuery).data?.outbound;
  const trait = useTraitKey(draft.name, draft.traitKey, segment);
  const note = useRetractionNote(segment, trait);

  const isDynamic = draft.type === 'dynamic';
  const missing = vocabulary === null || !isDynamic ? [] : missingParts(draft.query, vocabulary.operandOf);
  const finished = vocabulary !== null && missing.length === 0;
  const rules = isDynamic && finished ? fromQuery(draft.query, vocabulary.operandOf) : null;
  const preview = usePreview(rules, segment?.id ?? null);

  const save = useMutation({
    mutationFn: () => saveSegment(draft, rules, segment, changed),
    onSuccess: async (stored) => {
      notice(
        savedText(
          stored,
          segment === null ? null : changed,
          preview.isFresh ? (preview.data ?? null) : null,
          outbound?.enabled === true,
        ),
      );
      await queries.invalidateQueries({ queryKey: ['segments'] });
      saved();
      navigate(segmentPath(stored));
    },
  });

  const refused = save.error === null ? [] : problemsOf(save.error);
  const problems = preview.problems.length > 0 ? preview.problems : refused;
  const nameMissing = draft.name.trim() === '';
  const keyRefused =
    !trait.isValid ||
    (trait.problem !== null && !(trait.problem.code === 'trait_in_use' && draft.allowCollision));
  const ready = !nameMissing && (!isDynamic || finished) && preview.problems.length === 0 && !keyRefused;
  const submit = () => {
    if (!mayWrite || save.isPending) return;
    setTried(true);
    if (!ready) return;
    if (trait.isChanged) setConfirming(true);
    else save.mutate();
  };

  return (
    <>
      <form
        className="text-column"
        onKeyDown={onKeyDown}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Stack gap="lg">
          <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
            <Stack gap="md">
              <TextInput
                label={EDITOR.name}
                value={draft.name}
                onChange={(event) => set({ name: event.currentTarget.value })}
                maxLength={120}
                error={tried && nameMissing ? EDITOR.nameMissing : undefined}
                autoComplete="off"
                data-autofocus={segment === null ? true : undefined}
              />
              <Textarea
                label={EDITOR.description}
                placeholder={EDITOR.optional}
                value={draft.description}
                onChange={(event) => set({ description: event.currentTarget.value })}
                maxLength={1000}
                autosize
                minRows={1}
                maxRows={5}
              />
            </Stack>
            <TraitKeyField
              trait={trait}
              onChange={(traitKey) => set({ traitKey, allowCollision: false })}
              allowCollision={draft.allowCollision}
              onAllow={(allowCollision) => set({ allowCollision })}
              current={segment?.traitKey ?? null}
              note={note}
            />
          </SimpleGrid>
          {segment === null && <TypeChoice value={draft.type} onChange={(type) => set({ type })} />}
          {isDynamic ? (
            <Paper withBorder p="md" component="section" aria-label={EDITOR.rules} data-rules>
              {vocabulary === null ? (
                error !== null ? (
                  <Failed what={EDITOR.rules} error={error} retry={retry} />
                ) : (
                  <Loading rows={4} />
                )
              ) : (
                <Suspense fallback={<Loading rows={4} />}>
                  <RuleBuilder
                    query={draft.query}
                    onChange={(query) => set({ query })}
                    vocabulary={vocabulary}
                    problems={tried && missing.length > 0 ? missing : problems}
                    ownSlug={segment?.slug ?? null}
                  />
                </Suspense>
              )}
            </Paper>
          ) : (
            <Text c="dimmed">{segment === null ? EDITOR.manualNext : null}</Text>
          )}
          {save.error !== null && refused.length === 0 && <Problem error={save.error} />}
          <div className="save-bar">
            {onLoadNewer !== null && !save.isPending && <ChangedMeanwhile onLoad={onLoadNewer} />}
            {isDynamic && <PreviewPanel preview={preview} finished={finished} />}
            <Group justify="flex-end" className="save-buttons">
              {!mayWrite && (
                <Text fz="sm" c="dimmed">
                  {COMMON.notAllowed}
                </Text>
              )}
              <Button
                variant="default"
                component={Link}
                href={segment === null ? '/segments' : segmentPath(segment)}
              >
                {EDITOR.cancel}
              </Button>
              <Button type="submit" loading={save.isPending} disabled={!mayWrite}>
                {segment === null ? EDITOR.create : EDITOR.save}
              </Button>
            </Group>
          </div>
        </Stack>
      </form>
      {segment !== null && (
        <ConfirmTrait
          opened={confirming}
          onClose={() => setConfirming(false)}
          segment={segment}
          traitKey={trait.key}
          run={() => save.mutateAsync()}
        />
      )}
    </>
  );
}

/** Enter within the rules finishes a value; it does not save rules that are still being built. */
function onKeyDown(event: KeyboardEvent<HTMLFormElement>) {
  if (event.key !== 'Enter' || !(event.target instanceof HTMLElement)) return;
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    event.currentTarget.requestSubmit();
  } else if (event.target instanceof HTMLInputElement && event.target.closest('[data-rules]') !== null) {
    event.preventDefault();
  }
}
