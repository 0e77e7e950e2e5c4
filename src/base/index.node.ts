export { systemClock } from './clock.node.ts';
export { fileSink } from './file-sink.node.ts';
