import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface CertificateOptions {
  /** Where its files are put. */
  readonly folder: string;
  /** As in a certificate's alternative names: `DNS:localhost`, `IP:127.0.0.1`. */
  readonly names: readonly string[];
}

/** A certificate that vouches for itself, so that it is also the file of its own authority. */
export class Certificate {
  readonly keyFile: string;
  readonly certificateFile: string;

  constructor({ folder, names }: CertificateOptions) {
    this.keyFile = join(folder, 'key.pem');
    this.certificateFile = join(folder, 'certificate.pem');
    const subject = ['-subj', '/CN=launchlog-test', '-addext', `subjectAltName=${names.join(',')}`];
    const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject];
    const files = ['-keyout', this.keyFile, '-out', this.certificateFile];
    execFileSync('openssl', [...request, ...files], { stdio: 'pipe' });
  }

  /** As Node's TLS servers take it. */
  get pair(): { readonly key: Buffer; readonly cert: Buffer } {
    return { key: readFileSync(this.keyFile), cert: readFileSync(this.certificateFile) };
  }
}
