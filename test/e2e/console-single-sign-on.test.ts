import { afterAll, beforeAll, expect, test } from 'vitest';
import { TEST_CLIENT, TestIssuer } from '../support/backing-service/test-issuer.js';
import { Browser } from '../support/browser/browser.js';
import { freePort } from '../support/network/free-port.js';
import { APP_TIMEOUT_MS, EmbeddedApp } from '../support/server/embedded-app.js';

let app: EmbeddedApp;
let browser: Browser;
let issuer: TestIssuer;
beforeAll(async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  issuer = await TestIssuer.start(`${url}/session/sso/callback`);
  const environment = {
    PORT: String(port),
    PUBLIC_URL: url,
    OIDC_ISSUER: issuer.url,
    OIDC_CLIENT_ID: TEST_CLIENT.id,
    OIDC_CLIENT_SECRET: TEST_CLIENT.secret,
    OIDC_LABEL: 'Example ID',
    OIDC_ROLES: JSON.stringify([{ claim: 'groups', value: 'ops', scopes: ['read'] }]),
  };
  [app, browser] = await Promise.all([EmbeddedApp.start(environment), Browser.open()]);
}, APP_TIMEOUT_MS);
afterAll(async () => {
  await browser?.close();
  await app?.close();
  await issuer?.stop();
});

test('the button leads to the identity provider and back to the page that was open, with the rights of the person', async () => {
  issuer.person = { sub: 'u-1', email: 'ada@example.com', groups: ['ops'] };
  const page = await browser.newPage();
  await page.goto(`${app.url}/launch-metrics`);
  await page.getByRole('link', { name: 'Sign in with Example ID' }).click();
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/launch-metrics');
  await page.getByText('Read only').first().waitFor();
  expect(browser.errors).toEqual([]);
});

test('a person without a role reads that, and can continue with a token', async () => {
  issuer.person = { sub: 'u-2', email: 'eve@example.com' };
  const page = await browser.newPage();
  await page.goto(`${app.url}/session/sso`);
  await page.getByRole('heading', { name: 'You have no role here' }).waitFor();
  await page.getByText('eve@example.com').waitFor();
  await page.getByRole('link', { name: 'Sign in with a token' }).click();
  await page.getByLabel('Admin token').waitFor();
  expect(new URL(page.url()).pathname).toBe('/');
});
