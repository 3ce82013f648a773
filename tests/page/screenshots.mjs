// Pictures of the page at 1280 and 360 pixels, light and dark, in target/screenshots/.
import { mkdir } from "node:fs/promises";
import { launch, open, run, serve } from "./page.mjs";

const folder = "target/screenshots";
await mkdir(folder, { recursive: true });
const server = await serve();
const browser = await launch();
for (const colorScheme of ["light", "dark"]) {
  const wide = await open(browser, server.address, { viewport: { width: 1280, height: 800 }, colorScheme });
  await run(wide, "kubectl exec web-0 -- sh -c 'echo hello > /usr/share/nginx/html/index.html'");
  await run(wide, "kubectl get pods,pvc");
  await wide.waitForTimeout(1500);
  await wide.screenshot({ path: `${folder}/desktop-${colorScheme}.png` });
  await wide.getByRole("button", { name: /^PersistentVolumeClaim www-web-0/ }).click();
  await wide.getByRole("button", { name: "Labs" }).click();
  await wide.screenshot({ path: `${folder}/details-${colorScheme}.png` });
  await wide.getByRole("button", { name: /A file outlives/ }).click();
  await wide.waitForTimeout(500);
  await wide.screenshot({ path: `${folder}/lab-${colorScheme}.png` });
  const phone = await open(browser, server.address, { viewport: { width: 360, height: 740 }, colorScheme });
  await run(phone, "kubectl get pods");
  for (const pane of ["Console", "Cluster", "Files", "Lab"]) {
    await phone.getByRole("navigation", { name: "Panes" }).getByRole("button", { name: pane }).click();
    await phone.screenshot({ path: `${folder}/phone-${pane.toLowerCase()}-${colorScheme}.png` });
  }
  console.log(colorScheme, wide.faults, phone.faults);
}
await browser.close();
server.close();
