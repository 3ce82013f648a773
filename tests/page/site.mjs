// What every test file of the page has: the served build and a browser, there before its first test and gone after its last.
import { after, before } from "node:test";
import { launch, serve } from "./page.mjs";

/** Gives `address` and `browser`, which are there once the tests run; `ready` is awaited before the first of them. */
export function site(ready = () => {}) {
  const site = {};
  let server;
  before(async () => {
    server = await serve();
    site.address = server.address;
    site.browser = await launch();
    await ready(site);
  });
  after(async () => {
    await site.browser.close();
    server.close();
  });
  return site;
}
