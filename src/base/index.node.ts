export { systemClock } from './clock.node.ts';
export { fileSink } from './file-sink.node.ts';
export { preparePrivateFolder, privateSocketPath } from './private-socket.node.ts';
export { replaceFile } from './replace-file.node.ts';
