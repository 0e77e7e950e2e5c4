import ts from 'typescript';

/** One `import`, `export from`, `import()`, `require()` or `import('…')` type, as written. */
export interface Import {
  readonly specifier: string;
  readonly line: number;
  /** The names it takes; `*` for the whole module, `default` for its default export. */
  readonly names: readonly string[];
}

/** A property taken from something: `shell.openExternal`, `shell['openExternal']`, `{ openExternal } = shell`. */
export interface Access {
  readonly name: string;
  readonly line: number;
}

export interface SourceFacts {
  readonly imports: readonly Import[];
  readonly accesses: readonly Access[];
}

/** What a source file imports and which properties it touches. Comments and ordinary strings do not count. */
export function readSource(path: string, text: string): SourceFacts {
  const kind = path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true, kind);
  const imports: Import[] = [];
  const accesses: Access[] = [];
  const lineOf = (node: ts.Node): number =>
    file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;

  const addImport = (
    node: ts.Node,
    target: ts.Node | undefined,
    names: readonly string[],
  ): void => {
    if (target === undefined) return;
    const specifier = ts.isStringLiteralLike(target)
      ? target.text
      : `(computed: ${target.getText(file)})`;
    imports.push({ specifier, line: lineOf(node), names });
  };

  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      addImport(node, node.moduleSpecifier, importedNames(node.importClause));
    } else if (ts.isExportDeclaration(node)) {
      addImport(node, node.moduleSpecifier, exportedNames(node));
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      addImport(node, node.argument.literal, ['*']);
    } else if (ts.isCallExpression(node) && isModuleCall(node)) {
      addImport(node, node.arguments[0], ['*']);
    } else if (ts.isPropertyAccessExpression(node)) {
      accesses.push({ name: node.name.text, line: lineOf(node.name) });
    } else if (
      ts.isElementAccessExpression(node) &&
      ts.isStringLiteralLike(node.argumentExpression)
    ) {
      accesses.push({ name: node.argumentExpression.text, line: lineOf(node) });
    } else if (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent)) {
      accesses.push({ name: (node.propertyName ?? node.name).getText(file), line: lineOf(node) });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { imports, accesses };
}

function isModuleCall(node: ts.CallExpression): boolean {
  if (node.expression.kind === ts.SyntaxKind.ImportKeyword) return true;
  return ts.isIdentifier(node.expression) && node.expression.text === 'require';
}

function importedNames(clause: ts.ImportClause | undefined): readonly string[] {
  const names: string[] = [];
  if (clause?.name !== undefined) names.push('default');
  const bindings = clause?.namedBindings;
  if (bindings === undefined) return names;
  if (ts.isNamespaceImport(bindings)) names.push('*');
  else
    names.push(...bindings.elements.map((element) => (element.propertyName ?? element.name).text));
  return names;
}

function exportedNames(node: ts.ExportDeclaration): readonly string[] {
  const clause = node.exportClause;
  if (clause === undefined || ts.isNamespaceExport(clause)) return ['*'];
  return clause.elements.map((element) => (element.propertyName ?? element.name).text);
}
