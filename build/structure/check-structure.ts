import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import {
  compositionRoots,
  doors,
  layerRanks,
  preloadMayImport,
  rendererMayImport,
  singleUse,
} from '../layers.mjs';
import { readSource, type Import, type SourceFacts } from './read-source.ts';

/** A file of the source tree: its path from the root of the repository, with `/`, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

interface Place {
  readonly path: string;
  /** The folder under src/, or '' for a file right in src/. */
  readonly area: string;
  readonly isTest: boolean;
  /** Test code: tests and the fakes they use. */
  readonly isTestCode: boolean;
  readonly mayUseNode: boolean;
}

const uiPackages =
  /^(react|react-dom|react-markdown|remark-gfm|cmdk|lucide-react|zustand|@radix-ui\/[^/]+)(\/|$)/;
const electronModule = /^electron(\/|$)/;

/**
 * Checks the layer rules of DESIGN.md on a whole tree. Pure: it sees what it is given.
 * @returns one line a broken rule, `path:line: what is wrong`; empty when all hold
 */
export function checkStructure(files: readonly SourceFile[]): readonly string[] {
  const facts = files.map((file) => ({
    place: placeOf(file.path),
    ...readSource(file.path, file.text),
  }));
  return [
    ...facts.flatMap(({ place, imports }) => [
      ...checkPlace(place),
      ...imports.flatMap((entry) =>
        checkImport(place, entry).map(
          (problem) => `${place.path}:${String(entry.line)}: ${problem}`,
        ),
      ),
    ]),
    ...checkSingleUse(facts),
  ];
}

function placeOf(path: string): Place {
  const [, area = ''] = path.split('/');
  const isTest = /\.test\.tsx?$/.test(path);
  const isTestCode = isTest || path.split('/').includes('testing');
  return {
    path,
    area: path.split('/').length > 2 ? area : '',
    isTest,
    isTestCode,
    mayUseNode: isTestCode || path.endsWith('.node.ts') || compositionRoots.includes(area),
  };
}

function checkPlace({ path, area, isTest }: Place): readonly string[] {
  const isKnown = Object.hasOwn(layerRanks, area) || area === 'preload' || area === 'renderer';
  const problems: string[] = [];
  if (!isKnown && !(area === '' && isTest)) {
    problems.push(`${path}:1: is in no known area; the areas are listed in build/layers.mjs`);
  }
  if (!/^[a-z0-9./-]+$/.test(path)) problems.push(`${path}:1: has a name that is not kebab-case`);
  return problems;
}

function checkImport(from: Place, { specifier, names }: Import): readonly string[] {
  if (specifier.startsWith('(computed'))
    return from.isTestCode ? [] : [`imports something ${specifier}; name it`];
  if (specifier.startsWith('.')) return checkProjectImport(from, specifier);
  return checkPackageImport(from, specifier, names);
}

function checkPackageImport(
  from: Place,
  specifier: string,
  names: readonly string[],
): readonly string[] {
  const problems: string[] = [];
  if (electronModule.test(specifier)) {
    if (from.area !== 'main' && from.area !== 'preload')
      problems.push('electron belongs to main and preload only');
    if (names.some((name) => name === '*' || name === 'default')) {
      problems.push("take electron's parts by name, so that it can be seen which are used");
    }
  } else if (from.area === 'preload') {
    problems.push(`the preload imports ${specifier}, but it may only import electron`);
  }
  if (isBuiltin(specifier) && !from.mayUseNode) {
    problems.push(`${specifier} belongs to *.node.ts, ${compositionRoots.join(' and ')} only`);
  }
  if (uiPackages.test(specifier) && from.area !== 'renderer') {
    problems.push(`${specifier} belongs to the renderer only`);
  }
  return problems;
}

function checkProjectImport(from: Place, specifier: string): readonly string[] {
  const target = posix.join(posix.dirname(from.path), specifier);
  const problems: string[] = [];
  if (!target.startsWith('src/')) {
    // A composition root says which version it is.
    const isManifest = target === 'package.json' && compositionRoots.includes(from.area);
    return from.isTestCode || isManifest ? [] : [`imports ${target}, which is outside src/`];
  }
  const to = placeOf(target);
  if (to.isTest) problems.push('imports a test');
  if (to.isTestCode && !from.isTestCode) problems.push(`${target} is for tests only`);
  if (target.endsWith('.node.ts') && !from.mayUseNode) {
    problems.push(
      `${target} uses Node, so only *.node.ts, ${compositionRoots.join(' and ')} may import it`,
    );
  }
  if (from.area === to.area || from.area === '') return problems;
  return [...problems, ...checkDirection(from, to), ...checkDoor(from, to)];
}

function checkDirection(from: Place, to: Place): readonly string[] {
  if (from.area === 'preload') {
    return to.path === preloadMayImport
      ? []
      : [`the preload may import ${preloadMayImport} only, not ${to.path}`];
  }
  if (from.area === 'renderer') {
    return rendererMayImport.includes(to.area) ? [] : [`the renderer may not import ${to.area}`];
  }
  const fromRank = rankOf(from.area);
  const toRank = rankOf(to.area);
  if (fromRank === undefined || toRank === undefined)
    return [`${from.area} may not import ${to.area}`];
  return toRank < fromRank
    ? []
    : [
        `${from.area} (rank ${String(fromRank)}) may not import ${to.area} (rank ${String(toRank)})`,
      ];
}

function checkDoor(from: Place, to: Place): readonly string[] {
  if (from.area === 'preload') return [];
  const inner = to.path.split('/').slice(2).join('/');
  const isFake = from.isTestCode && inner.startsWith('testing/');
  return doors.includes(inner) || isFake
    ? []
    : [`reaches into ${to.area}; import src/${to.area}/${doors.join(' or ')}`];
}

/** Exactly one user each of the powers in `singleUse`, in its place. Test code does not count. */
function checkSingleUse(
  files: readonly ({ readonly place: Place } & SourceFacts)[],
): readonly string[] {
  return singleUse.flatMap(({ name, within }) => {
    const uses = files
      .filter(({ place }) => !place.isTestCode)
      .flatMap(({ place, imports, accesses }) => {
        const entries = [
          ...imports.filter(
            (entry) => electronModule.test(entry.specifier) && entry.names.includes(name),
          ),
          ...accesses.filter((access) => access.name === name),
        ];
        return entries.map(({ line }) => ({ path: place.path, line }));
      });
    const misplaced = uses.filter(({ path }) => !path.startsWith(`${within}/`));
    const problems = misplaced.map(
      ({ path, line }) => `${path}:${String(line)}: ${name} belongs to ${within}`,
    );
    if (uses.length === 1) return problems;
    const where = uses.map(({ path, line }) => `${path}:${String(line)}`).join(', ') || 'nowhere';
    return [
      ...problems,
      `${within}: ${name} must be used in exactly one place, and is used in ${String(uses.length)}: ${where}`,
    ];
  });
}

function rankOf(area: string): number | undefined {
  return layerRanks[area];
}
