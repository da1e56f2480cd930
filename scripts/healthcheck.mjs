// Ends with 0 when a Drawpile server on this machine greets, with 1 otherwise. For the container's health check.
import { connect } from 'node:net';

const port = Number(process.argv[2] ?? process.env.DP_PORT ?? 27750);
const end = (problem) => {
  if (problem) process.stderr.write(`port ${port}: ${problem}\n`);
  process.exit(problem ? 1 : 0);
};

let text = '';
setTimeout(() => end('no greeting within 4 seconds'), 4000);
connect({ port, host: '127.0.0.1' })
  .on('error', (error) => end(error.message))
  .on('close', () => end('closed without a greeting'))
  .on('data', (piece) => {
    text += piece.toString('latin1');
    if (/"type":\s*"login"/.test(text)) end();
  });
