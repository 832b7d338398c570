// event-source.mjs URL TICKET PACKAGE: the same by an EventSource of npm.
import { createRequire } from 'node:module';

const [url, ticket, name] = process.argv.slice(2);
const require = createRequire(`${process.cwd()}/`);
const loaded = require(name === 'reconnecting-eventsource' ? 'eventsource' : name);
const Base = loaded.EventSource ?? loaded.EventSourcePolyfill ?? loaded;
let Source = Base;
if (name === 'reconnecting-eventsource') {
  globalThis.EventSource = Base;
  const wrapped = require(name);
  Source = wrapped.default ?? wrapped;
}
const source = new Source(`${url}?tail=10000&ticket=${ticket}`);
const seen = { entries: 0, done: 0 };
source.addEventListener('log', () => (seen.entries += 1));
source.addEventListener('done', () => {
  seen.done += 1;
  source.close();
  console.log(JSON.stringify(seen));
  process.exit(0);
});
