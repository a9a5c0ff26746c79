/** How our own identify calls are recognised when a workspace sends them back to us. */
export const LIBRARY_NAME = 'quackback-segment';
export const MESSAGE_ID_PREFIX = 'qbs-';
