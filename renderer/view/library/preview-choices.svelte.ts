/** What a pair is looked at with; the same from one pair to the next. */
class PreviewChoices {
  /** Null takes the first there is; empty is none. */
  model = $state<string | null>(null);
  /** By task format; null or absent takes the best there is, empty is none. */
  data = $state<Record<string, string>>({});
  rows = $state(5);
  maxSourceTokens = $state(512);
  form = $state<'tokens' | 'text'>('tokens');
}

export const previewChoices = new PreviewChoices();
