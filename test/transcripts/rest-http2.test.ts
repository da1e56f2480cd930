// The recorded requests of the admin API once more, by HTTP/2 on the web port: the same cases, registered by their own file.
import { usualRoad } from '../helpers/admin-server.js';

usualRoad.name = 'http2';
await import('./rest.test.js');
