/** Mounts the component library with our tokens. Pages never import the library: they import from ui/. */
import { MantineProvider, createTheme } from '@mantine/core';
import type { CSSVariablesResolver } from '@mantine/core';
import '@mantine/core/styles/default-css-variables.css';
import '@mantine/core/styles/Overlay.css';
import '@mantine/core/styles/ModalBase.css';
import '@mantine/core/styles/Modal.css';
import '@mantine/core/styles/Paper.css';
import '@mantine/core/styles/UnstyledButton.css';
import '@mantine/core/styles/CloseButton.css';
import '@mantine/core/styles/Popover.css';
import '@mantine/core/styles/Tooltip.css';
import '@mantine/core/styles/Menu.css';
import type { ReactNode } from 'react';

const theme = createTheme({ fontFamily: 'var(--font)', fontFamilyMonospace: 'var(--mono)', primaryColor: 'blue', defaultRadius: 'sm', respectReducedMotion: true, cursorType: 'pointer' });
const ours = { '--mantine-color-body': 'var(--panel)', '--mantine-color-text': 'var(--fg)', '--mantine-color-dimmed': 'var(--muted)', '--mantine-color-default': 'var(--raised)', '--mantine-color-default-hover': 'var(--hover)', '--mantine-color-default-border': 'var(--line)', '--mantine-color-placeholder': 'var(--faint)', '--mantine-color-error': 'var(--bad)', '--mantine-color-anchor': 'var(--steel-text)' };
const resolver: CSSVariablesResolver = () => ({ variables: {}, light: ours, dark: ours });

export function UiProvider({ scheme, nonce, children }: { scheme: 'light' | 'dark'; nonce: () => string; children: ReactNode }) {
  return <MantineProvider theme={theme} forceColorScheme={scheme} getStyleNonce={nonce} cssVariablesResolver={resolver} withGlobalClasses={false}>{children}</MantineProvider>;
}
