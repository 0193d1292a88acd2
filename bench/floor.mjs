// The least that an HTTP/2 server over TLS costs in Node.js: one kilobyte of JSON for every request.
//   node bench/floor.mjs FOLDER   writes FOLDER/floor.kubeconfig and prints a line when it is ready.
import { writeFileSync } from 'node:fs';
import http2 from 'node:http2';
import { join } from 'node:path';
import { ensureCertificates } from 'kcp/certificates/ensure-certificates';

const BODY = Buffer.from(JSON.stringify({ data: 'x'.repeat(1_000) }));
const { authority, serving, admin } = ensureCertificates({ directory: undefined, names: [], now: Date.now() });
const server = http2.createSecureServer({
  cert: serving.certificate,
  key: serving.key,
  ca: authority,
  requestCert: true,
  rejectUnauthorized: false,
});
server.on('stream', (stream) => {
  stream.respond({ ':status': 200, 'content-type': 'application/json', 'content-length': String(BODY.length) });
  stream.end(BODY);
});
server.listen(0, '127.0.0.1', () => {
  const data = (pem) => Buffer.from(pem).toString('base64');
  const lines = {
    server: `https://127.0.0.1:${server.address().port}`,
    'certificate-authority-data': data(authority),
    'client-certificate-data': data(admin.certificate),
    'client-key-data': data(admin.key),
  };
  writeFileSync(
    join(process.argv[2], 'floor.kubeconfig'),
    Object.entries(lines)
      .map(([name, value]) => `${name}: ${value}\n`)
      .join(''),
  );
  console.log('ready');
});
