/** `npm run -s golden -- FOLDER`: our engine against a folder of reference values, one JSON object on one line. */
import { toProblem } from '../../main/contract/problem.ts';
import { compareWithGolden } from './compare.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: npm run -s golden -- FOLDER   (a folder with case.json and model/)');
  process.exitCode = 2;
} else {
  try {
    console.log(JSON.stringify(await compareWithGolden(folder)));
  } catch (error) {
    console.error(toProblem(error).message);
    process.exitCode = 2;
  }
}
