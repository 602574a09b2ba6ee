import { connector } from '../../../src/connectors/neo4j/connector.ts';
import { guard } from '../../../src/core/guard.ts';
import { contractSuite } from '../../contract/contract.ts';
import { newCall } from '../../contract/directSubject.ts';
import { nativeText } from '../../contract/nativeText.ts';
import { describeServer } from '../../servers/server.ts';
import { profileOf } from './server.ts';

describeServer('neo4j', access => {
  const { options, secrets } = profileOf(access);
  contractSuite('neo4j', {
    provider: 'neo4j',
    facts: 'neo4j',
    async open() {
      const connect = async () => guard(await connector.connect(options, secrets, newCall()), connector);
      let database = await connect();
      return {
        database,
        async reopen() {
          await database.close();
          database = await connect();
          return database;
        },
        stored: name => nativeText(database, `match (n:\`${name}\`) return n`),
        close: () => database.close(),
      };
    },
  });
});
