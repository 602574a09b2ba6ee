import { commandOf } from './commandTable.ts';
import { commandFor } from './parse.ts';
import { rootHelp } from './rootHelp.ts';
import { isTopic, topicText } from './topics/topics.ts';

/** Help of a topic, a command, a group, or of the whole. Throws `usage` for anything else. */
export async function helpFor(words: readonly string[]): Promise<string> {
  const [first] = words;
  if (words.length === 1 && isTopic(first!)) return topicText(first);
  const entry = commandOf(words);
  if (!entry) return rootHelp(words, []).text;
  const { command } = await entry.load();
  let text = '';
  const commander = commandFor(entry, command).configureOutput({
    writeOut: part => {
      text += part;
    },
    getOutHelpWidth: () => 100,
  });
  commander.outputHelp();
  return text;
}
