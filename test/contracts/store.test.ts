import { after } from 'mocha';
import { openSqliteStore } from '../../controller/adapters/store/sqlite.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../support/temporary-directory.ts';
import { storeContract } from './store.contract.ts';

after(removeTemporaryDirectories);

storeContract('in memory', (now) => new MemoryStore(now));
storeContract('in SQLite', (now) => openSqliteStore({ directory: temporaryDirectory(), now }));
