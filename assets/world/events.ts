/** Causes and their effects. N is a person. Each side is said in two ways. */
import { chance, pick, type Random } from './random.ts';

export interface EventPair {
  readonly cause: readonly [string, string];
  readonly effect: readonly [string, string];
}

const pair = (cause: [string, string], effect: [string, string]): EventPair => ({ cause, effect });

export const eventPairs: readonly EventPair[] = [
  pair(['it rained all night', 'heavy rain fell for hours'], ['the river flooded the fields', 'water covered the meadow']),
  pair(['N forgot the umbrella', 'N had no umbrella in the storm'], ['N got soaked', 'the clothes of N were dripping wet']),
  pair(['N broke a leg', 'N fell off a ladder'], ['N walked on crutches', 'N wore a plaster cast']),
  pair(['N studied every evening', 'N revised hard for the exam'], ['N passed the test', 'N got the best marks']),
  pair(['N overslept', 'the alarm of N did not ring'], ['N was late for work', 'N missed the early bus']),
  pair(['N ate too many sweets', 'N never brushed the teeth'], ['N had a toothache', 'N went to the dentist']),
  pair(['N caught a cold', 'N sat in a cold draught'], ['N sneezed and coughed', 'N stayed in bed with a fever']),
  pair(['the power failed', 'lightning cut the electricity'], ['N lit a candle', 'the whole house was dark']),
  pair(['N won the lottery', 'N inherited a fortune'], ['N became rich', 'N bought a mansion']),
  pair(['the oven was too hot', 'N left the pie in the oven'], ['the pie was burnt', 'smoke filled the kitchen']),
  pair(['N dropped the vase', 'N knocked the glass off the shelf'], ['pieces lay on the floor', 'N swept up the splinters']),
  pair(['the sun shone for weeks', 'no rain fell all summer'], ['the grass turned brown', 'the lake dried up']),
  pair(['it snowed heavily', 'a blizzard hit the village'], ['the children built a snowman', 'N shovelled the path']),
  pair(['N told a funny joke', 'N acted like a clown'], ['everybody laughed', 'the guests giggled']),
  pair(['N ran ten miles', 'N trained for the marathon'], ['N was exhausted', 'N sweated and panted']),
  pair(['the baby was teething', 'the baby had a nightmare'], ['the baby cried all night', 'N rocked the cradle']),
  pair(['N lost the key', 'N locked the door from outside'], ['N could not get in', 'N called a locksmith']),
  pair(['a thief broke in', 'burglars forced the window'], ['N called the police', 'the jewels were gone']),
  pair(['N watered the seeds', 'N planted bulbs in spring'], ['flowers bloomed', 'green shoots appeared']),
  pair(['the tyre was punctured', 'N drove over a nail'], ['N changed the wheel', 'the car had a flat tyre']),
  pair(['N worked without rest', 'N did overtime all year'], ['N was promoted', 'the boss praised N']),
  pair(['N stole money at work', 'N insulted the manager'], ['N was fired', 'N lost the job']),
  pair(['N drank three espressos', 'N drank strong coffee at midnight'], ['N could not fall asleep', 'N lay awake until dawn']),
  pair(['the fridge was unplugged', 'N left the cream in the sun'], ['the cream turned sour', 'the leftovers were spoiled']),
  pair(['N spilled ink on the letter', 'the pen leaked'], ['the page was stained', 'there was a blot on the paper']),
  pair(['the wind blew hard', 'a gale swept the coast'], ['trees were uprooted', 'tiles flew off the roof']),
  pair(['N touched the hot stove', 'N held a burning match too long'], ['N burnt a finger', 'N had a blister']),
  pair(['N did not study at all', 'N skipped every lesson'], ['N failed the course', 'N had to repeat the year']),
  pair(['N bought a puppy', 'N adopted a stray hound'], ['N went for walks with a leash', 'there was barking in the flat']),
  pair(['N moved abroad', 'N emigrated'], ['N learned a new language', 'N missed the old home']),
  pair(['N cheated at cards', 'N hid an ace in a sleeve'], ['the players were furious', 'nobody played with N again']),
  pair(['N gave a fine speech', 'N spoke very well on stage'], ['the audience applauded', 'the listeners cheered']),
  pair(['bees were disturbed', 'N kicked the beehive'], ['N was stung', 'N had a swollen arm']),
  pair(['the ship hit a rock', 'the hull was torn open'], ['the ship sank', 'the sailors jumped into lifeboats']),
  pair(['the lift was broken', 'the lift got stuck'], ['N climbed the stairs', 'N arrived upstairs out of breath']),
  pair(['N skipped breakfast', 'N had eaten nothing all day'], ['N was starving', 'the stomach of N rumbled']),
  pair(['N quarrelled with a neighbour', 'N played drums at night'], ['the neighbour complained', 'the neighbour banged on the wall']),
  pair(['N saved a drowning child', 'N pulled a child out of the river'], ['N received a medal', 'the newspaper called N a hero']),
  pair(['N spent all the money', 'N gambled away the wages'], ['N could not pay the rent', 'N borrowed from friends']),
  pair(['the shirt was washed with red socks', 'a red sock was in the laundry'], ['the shirt turned pink', 'the white sheets came out pink']),
  pair(['the road was icy', 'frost covered the bridge'], ['the van skidded', 'N slipped and fell']),
  pair(['N fell in love', 'N met a wonderful partner'], ['N got engaged', 'N wrote love letters']),
  pair(['the screen was cracked', 'N sat on the phone'], ['N bought a new phone', 'the phone went for repair']),
  pair(['N ate bad oysters', 'N swallowed spoiled meat'], ['N had a stomach ache', 'N vomited']),
  pair(['the band cancelled the concert', 'the singer lost her voice'], ['tickets were refunded', 'the fans went home disappointed']),
  pair(['N forgot the anniversary', 'N ignored the birthday of his wife'], ['N apologised with roses', 'his wife was hurt']),
  pair(['the moon was hidden', 'thick clouds covered the sky'], ['no stars were visible', 'the astronomer packed up']),
  pair(['N wore thin gloves', 'N forgot the mittens in winter'], ['the fingers of N were numb', 'N rubbed the cold hands']),
];

export function sayEvent(event: readonly [string, string], name: string, random: Random): string {
  return pick(random, event).replaceAll(/\bN\b/g, name);
}

/** One sentence that tells both sides. */
export function tellPair(pairOfEvents: EventPair, name: string, random: Random): string {
  const cause = sayEvent(pairOfEvents.cause, name, random);
  const effect = sayEvent(pairOfEvents.effect, name, random);
  return chance(random, 0.5) ? `${cause}, so ${effect}` : `${effect} because ${cause}`;
}
