/** The nonce with which the component kit may write style elements (Mantine: `getStyleNonce={styleNonce}`). */
export const styleNonce = (): string => document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
