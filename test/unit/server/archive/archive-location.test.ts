import { describe, expect, it } from 'vitest';
import { parseArchiveLocation } from '@launchlog/server/archive/archive-location';

const parse = (text?: string) => parseArchiveLocation(text, '/data');

describe('ARCHIVE_URL', () => {
  it('is a folder of the data directory where it is not set, another folder, or none', () => {
    expect(parse()).toEqual({ kind: 'folder', folder: '/data/archive' });
    expect(parse('/var/archive')).toEqual({ kind: 'folder', folder: '/var/archive' });
    expect(parse('file:///var/a%20b')).toEqual({ kind: 'folder', folder: '/var/a b' });
    expect(parse('none')).toEqual({ kind: 'none' });
  });

  it('names a bucket, and where they are given a prefix, an endpoint and a region', () => {
    expect(parse('s3://logs')).toEqual({
      kind: 's3',
      target: { bucket: 'logs', prefix: '', endpoint: undefined, region: 'us-east-1' },
    });
    expect(parse('s3://logs/a/b/?endpoint=http://127.0.0.1:9000&region=eu-west-1')).toEqual({
      kind: 's3',
      target: { bucket: 'logs', prefix: 'a/b', endpoint: 'http://127.0.0.1:9000', region: 'eu-west-1' },
    });
  });

  it.each(['gs://logs', 's3://', 's3:///prefix', 's3://logs?endpoint=127.0.0.1:9000', 'https://logs'])(
    'is refused when it is %s',
    (text) => expect(() => parse(text)).toThrow(/ARCHIVE_URL/),
  );

  it('must not hold credentials, and the refusal does not repeat them', () => {
    expect(() => parse('s3://key:hush@logs/prefix')).toThrow(/credentials/);
    expect(() => parse('s3://key:hush@logs/prefix')).not.toThrow(/hush/);
  });
});
