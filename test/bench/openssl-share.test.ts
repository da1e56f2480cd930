import test from 'ava';
import { shareOf } from './server/openssl-share.js';

test('functions of OpenSSL are summed, those of the kernel, of libc and of Node are not', (t) => {
  const report = `
# Overhead  Symbol
    40.50%  [k] _copy_from_iter          -      -
    10.25%  [.] aesni_gcm_encrypt        -      -
     5.00%  [.] malloc                   -      -
     2.50%  [.] do_ssl3_write            -      -
     1.25%  [.] ossl_gcm_cipher          -      -
     1.00%  [.] node::crypto::TLSWrap::EncOut()
     0.50%  [.] Builtins_LoadIC
     1.00%  [k] ssl_in_kernel
`;
  t.is(shareOf(report), 0.14);
});
