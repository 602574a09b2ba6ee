/** Control characters, ESC among them, and marks that reorder text: what another's data could use to deceive a terminal. */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** Text that shows what it holds instead of doing it: ESC becomes `\u001b`, a line break `\n`. */
export function escapeControls(text: string): string {
  return text.replace(UNSAFE, character =>
    character === '\n' ? '\\n' : character === '\t' ? '\\t' : character === '\r' ? '\\r' : unicode(character),
  );
}

/** JSON text with the same meaning and no character that a terminal would act on; its line breaks stay. */
export function escapeJson(text: string): string {
  return text.replace(/[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, unicode);
}

function unicode(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
