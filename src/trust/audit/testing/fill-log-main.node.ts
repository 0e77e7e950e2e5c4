// node fill-log-main.node.ts FOLDER: writes records until one fails, closes the log, and prints how many were taken.
import { entry, openLog } from './sample-log.ts';

const log = openLog(process.argv[2] ?? '');
let taken = 0;
while (taken < 10_000 && log.append(entry()).ok) taken += 1;
const failed = log.append(entry());
log.close();
process.stdout.write(`${taken} ${failed.ok ? 'and more' : failed.error.code}`);
