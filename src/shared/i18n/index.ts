import i18next from 'i18next';

import { en } from './en.ts';

export type WordKey = keyof typeof en;
/** Turns a key and its values into a sentence in the person's language. */
export type Translate = (
  key: WordKey,
  values?: Readonly<Record<string, string | number>>,
) => string;

/** Makes the translator for `language` (a BCP 47 tag); languages that are not there fall back to English. */
export function createTranslator(language: string): Translate {
  const instance = i18next.createInstance();
  void instance.init({
    lng: language,
    fallbackLng: 'en',
    initAsync: false,
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false }, // every consumer renders plain text
    resources: { en: { translation: en } },
  });
  return (key, values) => instance.t(key, { ...values });
}
