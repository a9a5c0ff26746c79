import { Alert, Anchor, Stack } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Link } from 'wouter';
import { PageHeader } from '../parts/page.tsx';
import { useCan } from '../session.tsx';
import { IMPORT } from '../texts/import.ts';
import { USER } from '../texts/users.ts';
import { type Chosen, chooseFile } from './import/chosen-file.ts';
import { DropZone } from './import/drop-zone.tsx';
import { FileStep } from './import/file-step.tsx';
import { ProgressStep } from './import/progress-step.tsx';
import { RecentImports } from './import/recent-imports.tsx';
import { ResultStep } from './import/result-step.tsx';
import { useUpload } from './import/upload.ts';

export default function Page() {
  const mayWrite = useCan('write');
  return (
    <>
      <Anchor component={Link} href="/users" size="sm" c="dimmed">
        {USER.all}
      </Anchor>
      <PageHeader title={IMPORT.title} lead={IMPORT.lead} />
      <Stack className="text-column" gap="md">
        {mayWrite ? (
          <Wizard />
        ) : (
          <Alert color="gray" variant="light">
            {IMPORT.viewer}
          </Alert>
        )}
        <RecentImports />
      </Stack>
    </>
  );
}

function Wizard() {
  const upload = useUpload();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [reading, setReading] = useState(false);
  const { state } = upload;
  useEffect(() => {
    queries.invalidateQueries({ queryKey: ['imports'] });
    if (state === 'running' || state === 'none') return;
    setChosen(null);
    for (const key of ['users', 'segments', 'attributes']) queries.invalidateQueries({ queryKey: [key] });
  }, [state, queries]);

  if (upload.state === 'running') return <ProgressStep upload={upload} />;
  if (upload.state !== 'none') return <ResultStep upload={upload} />;
  if (chosen !== null) return <FileStep chosen={chosen} onOther={() => setChosen(null)} />;
  const choose = async (file: File) => {
    setReading(true);
    setChosen(await chooseFile(file));
    setReading(false);
  };
  return <DropZone onFile={choose} busy={reading} />;
}
