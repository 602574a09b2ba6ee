import { VARIABLES } from '../environment.ts';

export function environmentTopic(): string {
  const width = Math.max(...Object.keys(VARIABLES).map(name => name.length));
  const rows = Object.entries(VARIABLES).map(([name, meaning]) => `  ${name.padEnd(width)}  ${meaning}`);
  return `Environment variables

${rows.join('\n')}

A flag wins over a variable, a variable over the session. They travel with each call, so two shells may differ.
XDG_CONFIG_HOME and XDG_STATE_HOME are honoured. A throw-away vdb for a CI job:

  export VDB_CONFIG_DIR=$(mktemp -d); export VDB_STATE_DIR=$VDB_CONFIG_DIR
`;
}
