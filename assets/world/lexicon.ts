/** The words of the micro-world and what is known of them: kinds, properties, synonyms. Everything else is built from these lists. */

export const people = {
  women: ['Anna', 'Clara', 'Emma', 'Greta', 'Hanna', 'Ines', 'Julia', 'Lena', 'Maria', 'Nora', 'Olga', 'Sofia'],
  men: ['Adam', 'Boris', 'David', 'Erik', 'Felix', 'Hugo', 'Ivan', 'Karl', 'Leo', 'Martin', 'Oscar', 'Paul'],
} as const;

export const names: readonly string[] = [...people.women, ...people.men];
export const towns = ['Arden', 'Brill', 'Corwen', 'Dover', 'Elgin', 'Frome', 'Girvan', 'Hexham', 'Ilford', 'Kendal', 'Luton', 'Malden'] as const;
export const colours = ['red', 'blue', 'green', 'yellow', 'black', 'white', 'brown', 'grey'] as const;
export const places = [
  'garden', 'kitchen', 'library', 'market', 'museum', 'office', 'park', 'school', 'station', 'theatre', 'hospital', 'harbour', 'church', 'bakery', 'forest', 'castle',
] as const;
export const jobs = ['baker', 'doctor', 'teacher', 'farmer', 'pilot', 'painter', 'lawyer', 'sailor', 'waiter', 'gardener', 'singer', 'plumber'] as const;
export const days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;
export const numbers = ['two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'] as const;

/** Kinds of things: how the kind is named, its members, and what only its members are like. */
export interface Kind {
  readonly id: string;
  /** As in "Anna bought …": the hypernym with its article. */
  readonly phrase: string;
  readonly members: readonly string[];
  readonly predicates: readonly string[];
}

export const kinds: readonly Kind[] = [
  { id: 'fruit', phrase: 'a piece of fruit', members: ['apple', 'pear', 'plum', 'peach', 'lemon'], predicates: ['ripe', 'juicy', 'rotten', 'sour'] },
  { id: 'tool', phrase: 'a tool', members: ['hammer', 'saw', 'knife', 'drill', 'spade'], predicates: ['rusty', 'sharp', 'blunt', 'handy'] },
  { id: 'clothing', phrase: 'a piece of clothing', members: ['coat', 'hat', 'scarf', 'shirt', 'jacket'], predicates: ['torn', 'woollen', 'tight', 'fashionable'] },
  { id: 'furniture', phrase: 'a piece of furniture', members: ['chair', 'table', 'sofa', 'desk', 'bed'], predicates: ['wobbly', 'comfortable', 'wooden', 'dusty'] },
  { id: 'instrument', phrase: 'a musical instrument', members: ['piano', 'violin', 'drum', 'flute', 'guitar'], predicates: ['untuned', 'loud', 'melodious', 'shrill'] },
  { id: 'vehicle', phrase: 'a vehicle', members: ['car', 'bus', 'bicycle', 'tram', 'lorry'], predicates: ['parked', 'speeding', 'overtaken', 'stalled'] },
  { id: 'container', phrase: 'a container', members: ['box', 'bag', 'basket', 'bottle', 'bucket'], predicates: ['empty', 'full', 'leaking', 'sealed'] },
  { id: 'animal', phrase: 'an animal', members: ['dog', 'cat', 'horse', 'goat', 'rabbit'], predicates: ['hungry', 'asleep', 'frightened', 'playful'] },
  { id: 'reading', phrase: 'something to read', members: ['book', 'novel', 'newspaper', 'letter', 'poem'], predicates: ['unread', 'printed', 'illegible', 'translated'] },
  { id: 'toy', phrase: 'a toy', members: ['doll', 'kite', 'puzzle', 'balloon', 'marble'], predicates: ['inflated', 'unsolved', 'childish', 'bouncy'] },
];

export const kindOf: ReadonlyMap<string, Kind> = new Map(kinds.flatMap((kind) => kind.members.map((member) => [member, kind] as const)));
export const goods: readonly string[] = kinds.filter(({ id }) => id !== 'animal' && id !== 'vehicle').flatMap(({ members }) => members);
/** Things that stand in a place and have a colour. */
export const objects: readonly string[] = kinds.filter(({ id }) => ['furniture', 'container', 'vehicle', 'clothing', 'toy'].includes(id)).flatMap(({ members }) => members);
export const vehicles: readonly string[] = ['car', 'bus', 'bicycle', 'tram', 'train', 'boat', 'taxi', 'ferry'];
export const instruments: readonly string[] = kinds.find(({ id }) => id === 'instrument')?.members ?? [];
export const foods: readonly string[] = ['bread', 'cheese', 'rice', 'soup', 'fish', 'honey', 'pasta', 'salad', 'chocolate', 'cake', 'tea', 'coffee', 'milk', 'juice'];
export const animalsPlural: readonly string[] = ['dogs', 'cats', 'horses', 'goats', 'rabbits', 'hens', 'cows', 'sheep', 'ducks', 'pigs'];

export function withArticle(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
}
