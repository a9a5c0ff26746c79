import { Center, Loader } from '@mantine/core';
import { COMMON } from '../texts/common.ts';

/** While not even the frame of a page is known. */
export const Waiting = () => (
  <Center mih="60vh">
    <Loader aria-label={COMMON.loading} />
  </Center>
);
