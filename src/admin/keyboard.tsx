import { Group, Kbd, Modal, Table } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { useLocation } from 'wouter';
import { FRAME } from './texts/frame.ts';

const { keys } = FRAME;
const GO: Record<string, string> = {
  o: '/',
  u: '/users',
  s: '/segments',
  a: '/activity',
  i: '/settings/integrations/segment',
};
const LIST: [pressed: string[], what: string][] = [
  [['/'], keys.search],
  [['g', 'o'], keys.overview],
  [['g', 'u'], keys.users],
  [['g', 's'], keys.segments],
  [['g', 'a'], keys.activity],
  [['g', 'i'], keys.integration],
  [['j'], keys.next],
  [['k'], keys.previous],
  [[/Mac|iP(hone|ad)/.test(navigator.userAgent) ? '⌘' : 'Ctrl', 'Enter'], keys.save],
  [['?'], keys.help],
  [['Esc'], keys.close],
];

/** The keys of KeyboardHelp, wherever nobody is typing. A page's search field carries `data-search`. */
export function useShortcuts(toggleHelp: () => void) {
  const [, navigate] = useLocation();
  const went = useRef(0);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const second = event.timeStamp - went.current < 1000;
      went.current = 0;
      const to = GO[event.key];
      if (second && to !== undefined) navigate(to);
      else if (event.key === 'g') went.current = event.timeStamp;
      else if (event.key === '?') toggleHelp();
      else if (event.key === '/') {
        const search = document.querySelector<HTMLElement>('[data-search]');
        if (search === null) return;
        event.preventDefault();
        search.focus();
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [navigate, toggleHelp]);
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

export function KeyboardHelp({ opened, onClose }: { opened: boolean; onClose(): void }) {
  return (
    <Modal opened={opened} onClose={onClose} title={keys.title}>
      <Table>
        <Table.Tbody>
          {LIST.map(([pressed, what]) => (
            <Table.Tr key={what}>
              <Table.Td>{what}</Table.Td>
              <Table.Td>
                <Group gap={4} justify="flex-end">
                  {pressed.map((key) => (
                    <Kbd key={key}>{key}</Kbd>
                  ))}
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
