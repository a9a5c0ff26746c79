import { type CSSVariablesResolver, createTheme } from '@mantine/core';
import { COMMON } from './texts/common.ts';

const closeButtonProps = { 'aria-label': COMMON.close };
/** What opens above a page goes with it when somebody has to sign in again. */
const portalProps = { target: '#dialogs' };

/** The list itself scrolls: a scrolling part within it, as the library makes one, is none for the keyboard. */
const LIST = { defaultProps: { withScrollArea: false }, classNames: { options: 'option-list' } };

/** One accent, for what can be clicked and for "healthy"; amber and red are for what needs a look or is broken. */
export const theme = createTheme({
  primaryColor: 'teal',
  // Dark enough for white text on it.
  primaryShade: { light: 9, dark: 9 },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  headings: { fontWeight: '600', sizes: { h1: { fontSize: '22px' }, h2: { fontSize: '16px' } } },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'sm' } },
    Table: {
      defaultProps: {
        verticalSpacing: 8,
        horizontalSpacing: 'sm',
        // The library's own grey is too dark for a link in the accent colour.
        highlightOnHoverColor: 'var(--mantine-color-default-hover)',
      },
    },
    NavLink: { defaultProps: { color: 'gray', variant: 'light' } },
    Modal: {
      defaultProps: { centered: true, transitionProps: { duration: 0 }, closeButtonProps, portalProps },
    },
    // As a header it would be a landmark of the page, of which there is one already on a phone and below a question.
    ModalHeader: { defaultProps: { component: 'div' } },
    ...Object.fromEntries(['Select', 'MultiSelect', 'Autocomplete', 'TagsInput'].map((name) => [name, LIST])),
    // Lists of options open within the page's content: at the end of the document they would be outside of all landmarks.
    Combobox: { defaultProps: { portalProps: { target: '#option-lists' } } },
    Menu: {
      defaultProps: {
        transitionProps: { duration: 0 },
        // Below its button it is part of the page; elsewhere it would be outside of all landmarks.
        withinPortal: false,
        // Nothing but its items: what takes the focus first would be a child that a menu must not have.
        withInitialFocusPlaceholder: false,
      },
    },
    DrawerRoot: { defaultProps: { transitionProps: { duration: 0 }, portalProps } },
    Popover: { defaultProps: { portalProps } },
  },
});

/** What stays readable: some of the library's greys, and its colours under the pointer, are below 4.5 to 1. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {
    '--mantine-color-teal-filled-hover': '#066649',
    '--mantine-primary-color-filled-hover': '#066649',
    '--mantine-color-red-filled-hover': '#a61e1e',
  },
  light: {
    '--mantine-color-dimmed': 'var(--mantine-color-gray-7)',
    '--mantine-color-placeholder': 'var(--mantine-color-gray-7)',
    '--mantine-color-error': 'var(--mantine-color-red-9)',
    '--look-color': '#8a5300',
    '--bad-color': '#b32020',
    // Darker than the accent: it also stands on the grey of the page one is on.
    '--ok-color': '#06694a',
    '--bar-color': 'var(--mantine-color-teal-8)',
  },
  dark: {
    '--mantine-color-dimmed': 'var(--mantine-color-dark-1)',
    '--mantine-color-placeholder': 'var(--mantine-color-dark-1)',
    '--mantine-color-anchor': 'var(--mantine-color-teal-4)',
    '--mantine-color-error': 'var(--mantine-color-red-4)',
    '--look-color': 'var(--mantine-color-yellow-4)',
    '--bad-color': 'var(--mantine-color-red-4)',
    '--ok-color': 'var(--mantine-color-teal-4)',
    '--bar-color': 'var(--mantine-color-teal-7)',
  },
});
