/** The parts of a list that is filtered by typing; for the command palette. */
export { ListboxContent, ListboxFilter, ListboxItem, ListboxRoot } from 'reka-ui';
