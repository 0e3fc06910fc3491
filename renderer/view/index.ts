/** One component a section of the rail. */
import type { Component } from 'svelte';
import type { Section } from '../state/route.svelte.ts';
import Compare from './compare/compare.svelte';
import Ensembles from './ensembles/ensembles.svelte';
import Datasets from './datasets/datasets.svelte';
import Home from './home/home.svelte';
import Library from './library/library.svelte';
import Models from './models/models.svelte';
import Packs from './packs/packs.svelte';
import Runs from './runs/runs.svelte';
import Settings from './settings/settings.svelte';
import Studies from './studies/studies.svelte';

export const views: Readonly<Record<Section, Component>> = {
  home: Home,
  models: Models,
  library: Library,
  datasets: Datasets,
  runs: Runs,
  ensembles: Ensembles,
  compare: Compare,
  studies: Studies,
  packs: Packs,
  settings: Settings,
};
