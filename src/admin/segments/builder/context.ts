import { createContext, useContext } from 'react';
import type { Problem } from '../rules.ts';
import type { Vocabulary } from '../vocabulary.ts';

/** What every part of the rule builder needs to know. */
export interface Building {
  vocabulary: Vocabulary;
  /** Segments that conditions may refer to. */
  segments: { slug: string; name: string }[];
  /** What is wrong, by `place` of the condition or group. */
  problems: ReadonlyMap<string, Problem[]>;
  conditions: number;
  /** The condition that was just added, whose attribute is to be chosen next. */
  newest: { current: string | null };
  /** Id of the button that adds a condition to a group: where the focus goes when one is removed. */
  addButtonId(path: number[]): string;
}

const Context = createContext<Building | null>(null);
export const BuildingProvider = Context.Provider;

export function useBuilding(): Building {
  const building = useContext(Context);
  if (building === null) throw new Error('This is no part of a rule builder');
  return building;
}

/** `2.1`: the first condition of the second child; empty for the whole. */
export const place = (path: number[]): string => path.map((i) => i + 1).join('.');
