// The people's colours: eight, by number (styles/tokens.css).

const COLORS = 8;

export const tokenOf = (color: number): string => `who-${color % COLORS}`;
export const variable = (color: number): string => `var(--${tokenOf(color)})`;
