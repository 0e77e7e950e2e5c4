/** The element that the page's HTML has for React. */
export function rootElement(): HTMLElement {
  const element = document.getElementById('root');
  if (element === null) throw new Error('The page has no #root');
  return element;
}
