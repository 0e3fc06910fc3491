/**
 * Words with two meanings. A context of a sense is built from an opening that fits both meanings and a hint that fits one: the
 * meaning must be read from the words around. W stands for the word, N for a person.
 */
import { chance, pick, type Random } from './random.ts';

export interface Sense {
  /** What the word means here, as a gloss. */
  readonly gloss: string;
  /** Parts that fit only this meaning. */
  readonly hints: readonly string[];
}

export interface AmbiguousWord {
  readonly word: string;
  readonly senses: readonly [Sense, Sense];
}

const word = (text: string, first: string, firstHints: string[], second: string, secondHints: string[]): AmbiguousWord => ({
  word: text, senses: [{ gloss: first, hints: firstHints }, { gloss: second, hints: secondHints }],
});

export const ambiguousWords: readonly AmbiguousWord[] = [
  word('bank', 'shore', ['where the river bends', 'covered with reeds', 'near the water', 'while fishing for trout', 'beside the stream'],
    'money house', ['to open an account', 'with a loan', 'to cash a cheque', 'about the mortgage', 'where the savings are']),
  word('bat', 'flying creature', ['hanging in the cave', 'with furry wings', 'hunting insects at dusk', 'under the church roof', 'flapping in the dark'],
    'club', ['to hit the ball', 'at the baseball game', 'made of ash wood', 'of the cricket team', 'and scored a run']),
  word('spring', 'season', ['when the tulips bloom', 'after the long winter', 'in April', 'before summer comes', 'when the birds return'],
    'coil', ['inside the mattress', 'made of bent steel', 'in the old clock', 'under the car seat', 'that was wound too tight']),
  word('seal', 'sea creature', ['on the ice floe', 'eating herring', 'with grey whiskers', 'diving in the Arctic', 'barking at the zoo'],
    'stamp', ['on the envelope', 'in red wax', 'of the king', 'under the contract', 'on the official document']),
  word('ring', 'jewel', ['with a diamond', 'on her finger', 'made of gold', 'from the jeweller', 'for the engagement'],
    'arena', ['where the boxers fight', 'with ropes around it', 'at the boxing match', 'until the gong sounded', 'against the champion']),
  word('match', 'game', ['between the two teams', 'won by three goals', 'at the stadium', 'with the referee', 'before the final whistle'],
    'fire stick', ['to light the candle', 'from the matchbox', 'that burned down', 'to start the fire', 'for the gas stove']),
  word('light', 'not heavy', ['as a feather', 'so a child could lift it', 'weighing almost nothing', 'easy to carry', 'made of thin paper'],
    'bright', ['full of sunshine', 'with big windows', 'at noon', 'with lamps everywhere', 'painted in pale tones']),
  word('bark', 'tree skin', ['of the old oak', 'peeling from the trunk', 'covered with moss', 'on the birch', 'used for cork'],
    'dog sound', ['of the terrier', 'that woke the puppy', 'behind the kennel', 'loud and angry', 'when the postman came']),
  word('crane', 'bird', ['with long legs', 'wading in the marsh', 'building a nest', 'migrating south', 'with white feathers'],
    'lifting machine', ['at the building site', 'lifting steel beams', 'in the shipyard', 'with a hook and cable', 'loading the cargo']),
  word('mouse', 'small rodent', ['eating cheese', 'chased by the kitten', 'in the barn', 'with a thin tail', 'squeaking in the wall'],
    'computer part', ['beside the keyboard', 'to click on the icon', 'with a wireless button', 'plugged into the laptop', 'moving the cursor']),
  word('key', 'door opener', ['for the front door', 'in the lock', 'on a rusty chain', 'to the cellar', 'under the doormat'],
    'music scale', ['of the sonata', 'sung by the choir', 'in the melody', 'too high for the tenor', 'of C minor']),
  word('pitcher', 'jug', ['filled with lemonade', 'of cold water', 'made of clay', 'on the dinner table', 'with a cracked handle'],
    'ball thrower', ['who threw a curve', 'on the mound', 'in the ninth inning', 'warming up his arm', 'for the home team']),
  word('palm', 'tree', ['on the beach', 'with coconuts', 'in the desert oasis', 'swaying in the tropics', 'full of dates'],
    'part of the hand', ['read by the fortune teller', 'with sweaty skin', 'between wrist and fingers', 'scratched by a thorn', 'facing up to beg']),
  word('letter', 'mail', ['with a postage mark', 'sent to an aunt', 'in the postbox', 'written on thick paper', 'from a pen friend'],
    'sign', ['of the alphabet', 'after the vowel', 'written in capitals', 'that begins the word', 'in the spelling lesson']),
  word('trunk', 'elephant nose', ['of the elephant', 'spraying water', 'grabbing peanuts', 'long and wrinkled', 'at the circus'],
    'large case', ['packed for the voyage', 'in the attic', 'with brass locks', 'full of old dresses', 'among the luggage']),
  word('wave', 'sea motion', ['breaking on the sand', 'ridden by the surfer', 'during the storm tide', 'tall as a house', 'in the Atlantic'],
    'greeting', ['with the hand', 'to say goodbye', 'from the train window', 'friendly and shy', 'across the street']),
  word('chip', 'fried snack', ['with ketchup', 'too salty', 'from the fryer', 'served with cod', 'made of potato'],
    'circuit', ['in the computer', 'made of silicon', 'on the circuit board', 'in the processor', 'designed by engineers']),
  word('nail', 'metal pin', ['in the wooden board', 'for the picture frame', 'hit by the hammer', 'bent and rusty', 'from the toolbox'],
    'part of a finger', ['with red polish', 'cut too short', 'on her thumb', 'bitten by the nervous boy', 'at the beauty salon']),
  word('pen', 'writing tool', ['with blue ink', 'to sign the form', 'for the essay', 'on the exam desk', 'that scratched the paper'],
    'cage', ['for the pigs', 'behind the barn fence', 'full of straw', 'where the lambs sleep', 'on the farm']),
  word('plant', 'living green', ['with small leaves', 'in the flowerpot', 'that needs water', 'growing toward the sun', 'with thorny roots'],
    'factory', ['where cars are assembled', 'with tall chimneys', 'employing many workers', 'on strike', 'making cement']),
  word('star', 'sky body', ['seen through the telescope', 'twinkling at night', 'in the galaxy', 'beyond the planets', 'brighter than the moon'],
    'famous person', ['on the red carpet', 'signing autographs', 'of the new film', 'followed by photographers', 'from Hollywood']),
  word('fan', 'cooling machine', ['turning on the ceiling', 'cooling the room', 'with three blades', 'switched on in the heat', 'blowing air'],
    'supporter', ['cheering for the club', 'wearing the team scarf', 'waiting for an autograph', 'at every concert', 'who knows all the songs']),
  word('date', 'sweet fruit', ['from the dessert bowl', 'stuffed with almonds', 'sticky and brown', 'sold at the bazaar', 'dried in the sun'],
    'day', ['in the calendar', 'of the wedding', 'written on the form', 'of the battle', 'set for the meeting']),
  word('organ', 'church instrument', ['with many pipes', 'during the mass', 'in the cathedral', 'playing a hymn', 'with pedals'],
    'body part', ['like the liver', 'for a transplant', 'near the kidneys', 'of the patient', 'studied in anatomy']),
];

const openings: readonly string[] = [
  'N talked about the W', 'N noticed the W', 'there was a W', 'N asked about the W', 'we saw the W', 'N dreamed of the W', 'nobody forgot the W', 'N described the W',
  'N wrote about the W', 'they remembered the W',
];
const lightOpenings: readonly string[] = ['N said the room was W', 'the place seemed W', 'it was W', 'N found it W', 'everything looked W', 'it felt W'];

/** A sentence in which the word has the given sense. */
export function sayInSense(entry: AmbiguousWord, sense: Sense, name: string, random: Random): string {
  const opening = pick(random, entry.word === 'light' ? lightOpenings : openings);
  const text = opening.replace(/\bN\b/, name).replace(/\bW\b/, entry.word);
  const hint = pick(random, sense.hints);
  const second = chance(random, 0.35) ? pick(random, sense.hints.filter((other) => other !== hint)) : null;
  return second === null ? `${text} ${hint}` : `${text} ${hint} and ${second}`;
}
