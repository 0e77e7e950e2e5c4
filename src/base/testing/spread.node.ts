/** Spreads jobs over two workers, each of which starts the program anew; what a job leaves in memory goes with its worker. */
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

const atOnce = 2;
const heapMb = 3_000;

/**
 * Runs every job in a worker of its own, two at a time, in order.
 * @param program the file that was started; in a worker it calls `workerJob`
 * @param onDone called with each answer; rejects if a worker fails
 */
export async function spread(
  program: string | URL,
  jobs: readonly object[],
  onDone: (answer: unknown) => void,
): Promise<void> {
  const left = [...jobs];
  const runLeft = async (): Promise<void> => {
    for (let job = left.shift(); job !== undefined; job = left.shift())
      onDone(await inWorker(program, job));
  };
  await Promise.all(Array.from({ length: atOnce }, runLeft));
}

function inWorker(program: string | URL, job: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(program, {
      workerData: { job },
      resourceLimits: { maxOldGenerationSizeMb: heapMb },
    });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () =>
      reject(new Error(`a worker ended without an answer: ${JSON.stringify(job)}`)),
    );
  });
}

/** In a worker: does its job. False in the program itself. */
export function workerJob(run: (job: unknown) => Promise<unknown>): boolean {
  if (isMainThread) return false;
  const { job } = workerData as { readonly job: unknown };
  void run(job).then((answer) => parentPort?.postMessage(answer));
  return true;
}
