export { nodePortalFetch } from './portal-fetch.node.ts';
