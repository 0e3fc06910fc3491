/** Passages in which a question is worth asking. */
import { drawFacts, pick, type Fact, type Random } from '../world/index.ts';

/** Facts and one of them that, nine times in ten, shares its relation with another: its value alone answers nothing. */
export function drawContestedFacts(random: Random, count: number): { facts: Fact[]; target: Fact } {
  for (;;) {
    const facts = drawFacts(random, count);
    const contested = facts.filter((fact) => facts.some((other) => other !== fact && other.relation === fact.relation));
    if (contested.length === 0 && random.next() < 0.9) continue;
    return { facts, target: pick(random, contested.length > 0 ? contested : facts) };
  }
}
