import { PageHeader } from '../parts/page.tsx';

export default function Page() {
  return <PageHeader title="Keys" />;
}
