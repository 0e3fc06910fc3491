/** Property tests draw anew on a developer's machine and repeat in CI, where a find of luck would stop unrelated work. */
import * as fc from 'fast-check';

if (process.env['CI'] !== undefined) fc.configureGlobal({ seed: 20_261_124 });
