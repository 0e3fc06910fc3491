/** One component a section of the rail. */
import type { Component } from 'svelte';
import type { Section } from '../state/route.svelte.ts';
import Home from './home/home.svelte';
import Models from './models/models.svelte';
import Settings from './settings/settings.svelte';
import Studies from './studies/studies.svelte';

export const views: Readonly<Record<Section, Component>> = {
  home: Home,
  models: Models,
  library: Home,
  datasets: Home,
  runs: Home,
  ensembles: Home,
  compare: Home,
  studies: Studies,
  packs: Home,
  settings: Settings,
};
