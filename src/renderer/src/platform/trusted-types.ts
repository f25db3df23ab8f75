/** Must be imported before anything renders. The page policy lets strings become HTML only through this policy, which refuses all markup: style sheets written as text pass, tags do not. */
interface Policies { createPolicy(name: string, rules: { createHTML: (text: string) => string }): unknown }
const policies = (globalThis as { trustedTypes?: Policies }).trustedTypes;

policies?.createPolicy('default', {
  createHTML: (text) => {
    if (text.includes('<')) throw new TypeError('Markup from strings is not allowed in this page.');
    return text;
  },
});
