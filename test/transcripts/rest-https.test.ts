// The recorded requests of the admin API once more, by HTTP/1.1 over TLS on the web port: the same cases, registered by their own file.
import { usualRoad } from '../helpers/admin-server.js';

usualRoad.name = 'https';
await import('./rest.test.js');
