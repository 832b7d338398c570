import { expect, test } from 'vitest';
import { FileDownloads } from '@launchlog/console/download/file-downloads';

const SOURCE = { path: '/admin/audit/export?format=csv', name: 'audit.csv' };

/** Downloads from a server that gives these answers, one after the other. */
function downloadsFrom(...answers: readonly (() => Response)[]) {
  const asked: string[] = [];
  const saved: { name: string; text: Promise<string>; type: string }[] = [];
  let signedOut = 0;
  const downloads = new FileDownloads({
    basePath: '/base',
    fetch: (input, init) => {
      asked.push(new Request(new URL(input as string, 'http://server')).url);
      init?.signal?.throwIfAborted();
      return Promise.resolve(answers[asked.length - 1]?.() ?? new Response('none', { status: 500 }));
    },
    save: (name, file) => saved.push({ name, text: file.text(), type: file.type }),
    onSignedOut: () => (signedOut += 1),
  });
  return { downloads, asked, saved, signedOut: () => signedOut };
}

const whole = () => new Response('a,b\r\n1,2\r\n', { headers: { 'content-type': 'text/csv' } });

/** An answer whose connection ends after these bytes. */
function broken(text: string): Response {
  let isSent = false;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      if (isSent) controller.error(new TypeError('network error'));
      else controller.enqueue(new TextEncoder().encode(text));
      isSent = true;
    },
  });
  return new Response(body);
}

test('a complete file is saved under its name and leaves the list', async () => {
  const { downloads, asked, saved } = downloadsFrom(whole);
  const done = downloads.start(SOURCE);
  expect(downloads.store.state).toMatchObject([{ name: 'audit.csv', bytes: 0, problem: undefined }]);
  await done;
  expect(asked).toEqual(['http://server/base/admin/audit/export?format=csv']);
  expect(saved).toMatchObject([{ name: 'audit.csv', type: 'text/csv' }]);
  expect(await saved[0]?.text).toBe('a,b\r\n1,2\r\n');
  expect(downloads.store.state).toEqual([]);
});

test('a file whose connection ends is not saved, is reported with what had arrived, and can be tried again', async () => {
  const { downloads, saved } = downloadsFrom(() => broken('a,b\r\n'), whole);
  await downloads.start(SOURCE);
  expect(saved).toEqual([]);
  expect(downloads.store.state).toMatchObject([{ bytes: 5, problem: 'the connection ended' }]);
  downloads.retry(downloads.store.state[0]?.id ?? 0);
  await expect.poll(() => saved.length).toBe(1);
  expect(downloads.store.state).toEqual([]);
});

test('a refusal is shown in the words of the server, and one without a session signs the page out', async () => {
  const refused = (status: number) => () => Response.json({ error: { message: 'not for you' } }, { status });
  const { downloads, saved, signedOut } = downloadsFrom(refused(403), refused(401));
  await downloads.start(SOURCE);
  expect(downloads.store.state).toMatchObject([{ problem: 'not for you' }]);
  expect(signedOut()).toBe(0);
  await downloads.start(SOURCE);
  expect(signedOut()).toBe(1);
  expect(saved).toEqual([]);
});

test('a file that is stopped leaves the list and is not saved', async () => {
  let give: (() => void) | undefined;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      give = () => controller.close();
    },
  });
  const { downloads, saved } = downloadsFrom(() => new Response(body));
  const done = downloads.start(SOURCE);
  await expect.poll(() => give).toBeDefined();
  downloads.dismiss(downloads.store.state[0]?.id ?? 0);
  give?.();
  await done;
  expect(saved).toEqual([]);
  expect(downloads.store.state).toEqual([]);
});
