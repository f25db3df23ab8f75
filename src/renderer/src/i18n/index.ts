/** Starts translation and switches language. The document's lang follows, so that fonts and screen readers do too. */
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { pickLanguage } from './languages.ts';
import type { Language } from './languages.ts';
import { en, zhCN } from './resources.ts';

export async function startI18n(language: Language): Promise<void> {
  await i18next.use(initReactI18next).init({ lng: language, fallbackLng: 'en', defaultNS: 'common', ns: Object.keys(en), resources: { en, 'zh-CN': zhCN }, interpolation: { escapeValue: false }, returnNull: false });
  document.documentElement.lang = language;
}
export async function setLanguage(setting: 'system' | Language): Promise<void> {
  const language = pickLanguage(setting, navigator.languages);
  if (i18next.language === language) return;
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}
