/** The router of published results. */
import { findPublished, getPublishedTable, readPublishedTables } from '../published.ts';
import { service } from './base.ts';

export const publishedRouter = service.published.router({
  list: service.published.list.handler(() => readPublishedTables().map(({ results, ...table }) => ({
    ...table, cells: results.length, lost: results.filter(({ status }) => status === 'lost-in-deck').length,
  }))),
  show: service.published.show.handler(({ input }) => getPublishedTable(input.id)),
  find: service.published.find.handler(({ input }) => findPublished(input)),
});
