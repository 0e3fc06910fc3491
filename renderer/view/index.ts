/** One component a section of the rail. */
import type { Component } from 'svelte';
import type { Section } from '../state/route.svelte.ts';
import Compare from './compare/compare.svelte';
import Home from './home/home.svelte';
import Library from './library/library.svelte';
import Models from './models/models.svelte';
import Runs from './runs/runs.svelte';
import Settings from './settings/settings.svelte';
import Studies from './studies/studies.svelte';

export const views: Readonly<Record<Section, Component>> = {
  home: Home,
  models: Models,
  library: Library,
  datasets: Home,
  runs: Runs,
  ensembles: Home,
  compare: Compare,
  studies: Studies,
  packs: Home,
  settings: Settings,
};
