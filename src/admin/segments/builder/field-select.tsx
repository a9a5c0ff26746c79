import { Combobox, InputBase, Text, useCombobox } from '@mantine/core';
import { forwardRef, useState } from 'react';
import { formatCount } from '../../format.ts';
import { EDITOR } from '../../texts/segments.ts';
import type { Field } from '../vocabulary.ts';
import { valueText } from '../words.ts';
import { useBuilding } from './context.ts';

interface Props {
  value: string;
  onChange(name: string): void;
  wrong: boolean;
  describedBy: string | undefined;
}

/** Attributes shown at once; there may be thousands. */
const SHOWN = 60;

/** Chooses what a condition is about: with type, example values and how many people have it. */
export const FieldSelect = forwardRef<HTMLButtonElement, Props>(function FieldSelect(
  { value, onChange, wrong, describedBy },
  ref,
) {
  const { vocabulary } = useBuilding();
  const [search, setSearch] = useState('');
  const combobox = useCombobox({
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      combobox.focusTarget();
      setSearch('');
    },
    onDropdownOpen: () => combobox.focusSearchInput(),
  });
  const chosen = value === '' ? null : vocabulary.field(value);
  const wanted = search.trim().toLowerCase();
  const found = vocabulary.fields.filter(
    ({ title, name }) => title.toLowerCase().includes(wanted) || name.toLowerCase().includes(wanted),
  );
  const attributes = found.filter(({ builtIn }) => !builtIn);
  const custom = search.trim();
  const isNew =
    custom !== '' &&
    custom.length <= 256 &&
    !vocabulary.fields.some(({ name }) => name === `attributes.${custom}`);
  return (
    <Combobox
      store={combobox}
      onOptionSubmit={(name) => {
        if (name !== value) onChange(name);
        combobox.closeDropdown();
      }}
      width={420}
      position="bottom-start"
      // Within the page: what hangs in the air is in no landmark.
      withinPortal={false}
    >
      <Combobox.Target targetType="button">
        <InputBase
          ref={ref}
          component="button"
          type="button"
          pointer
          error={wrong}
          aria-label={chosen === null ? EDITOR.chooseField : `${EDITOR.field}: ${chosen.title}`}
          aria-describedby={describedBy}
          rightSection={<Combobox.Chevron />}
          rightSectionPointerEvents="none"
          onClick={() => combobox.toggleDropdown()}
        >
          <span className="one-line" title={chosen?.title}>
            {chosen?.title ?? (
              <Text span c="dimmed">
                {EDITOR.chooseField}
              </Text>
            )}
          </span>
        </InputBase>
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search
          role="combobox"
          aria-expanded={combobox.dropdownOpened}
          value={search}
          onChange={(event) => {
            setSearch(event.currentTarget.value);
            combobox.updateSelectedOptionIndex();
          }}
          placeholder={EDITOR.searchField}
          aria-label={EDITOR.searchField}
        />
        <Combobox.Options mah={340} style={{ overflowY: 'auto' }} aria-label={EDITOR.field}>
          <Options label={EDITOR.fieldGroups.builtIn} fields={found.filter(({ builtIn }) => builtIn)} />
          <Options label={EDITOR.fieldGroups.attributes} fields={attributes.slice(0, SHOWN)} />
          {isNew && <Combobox.Option value={`attributes.${custom}`}>{EDITOR.unseen(custom)}</Combobox.Option>}
          {found.length === 0 && !isNew && <Combobox.Empty>{EDITOR.noField}</Combobox.Empty>}
        </Combobox.Options>
        {attributes.length > SHOWN && (
          <Combobox.Footer>
            <Text fz="xs" c="dimmed">
              {EDITOR.moreFields(formatCount(attributes.length - SHOWN))}
            </Text>
          </Combobox.Footer>
        )}
      </Combobox.Dropdown>
    </Combobox>
  );
});

function Options({ label, fields }: { label: string; fields: Field[] }) {
  if (fields.length === 0) return null;
  return (
    <Combobox.Group label={label}>
      {fields.map((field) => (
        <Combobox.Option key={field.name} value={field.name}>
          <FieldOption field={field} />
        </Combobox.Option>
      ))}
    </Combobox.Group>
  );
}

function FieldOption({ field: { title, types, isSegment, users, values, description } }: { field: Field }) {
  const kinds = isSegment ? EDITOR.segmentType : types.map((type) => EDITOR.types[type]).join(', ');
  const examples = values.slice(0, 4).map(({ value }) => valueText(value));
  return (
    <div className="field-option" title={description === '' ? undefined : description}>
      <span className="one-line">{title}</span>
      <Text span fz="xs" c="dimmed" ta="right">
        {kinds}
      </Text>
      {users !== null && (
        <>
          <Text span fz="xs" c="dimmed" className="one-line">
            {examples.join(', ')}
          </Text>
          <Text span fz="xs" c="dimmed" ta="right">
            {EDITOR.people(users)}
          </Text>
        </>
      )}
    </div>
  );
}
