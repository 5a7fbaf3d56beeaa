/** Fonts and tokens, in the order they must load. */
import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import './figures.css';
import './tokens.css';
import './base.css';
import './floating.css';
import './number-table.css';
