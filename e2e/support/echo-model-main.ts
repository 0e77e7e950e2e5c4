/** The echo model as a program, for another host of a lab: prints its address, and runs until it is ended. */
import { startEchoModel } from './echo-model.ts';

const { url } = await startEchoModel();
process.stdout.write(`${url}\n`);
