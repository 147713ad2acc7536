// The page as an app: its service worker, its storage, and the way to the home screen.
import { signal } from "@preact/signals";

/** A newer version lies ready. */
export const update = signal<ServiceWorker | null>(null);
/** Does the browser promise to keep the data? null: not known yet. */
export const persistent = signal<boolean | null>(null);

interface InstallPrompt extends Event { prompt(): Promise<unknown> }
export const installable = signal<InstallPrompt | null>(null);

export const isInstalled = (): boolean =>
  matchMedia("(display-mode: standalone)").matches || (navigator as { standalone?: boolean }).standalone === true;
export const isIos = (): boolean => /iphone|ipad|ipod/i.test(navigator.userAgent);

export function takeUpdate(): void {
  update.value?.postMessage("take-over");
}

export async function install(): Promise<void> {
  const asked = installable.value;
  installable.value = null;
  await asked?.prompt();
}

export function prepare(url: string): void {
  window.addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    installable.value = event as InstallPrompt;
  });
  void navigator.storage?.persisted?.().then((is) => {
    persistent.value = is;
  });
  if (!("serviceWorker" in navigator)) return;
  // The very first worker only adds itself to a page that is of the same version.
  let first = navigator.serviceWorker.controller === null;
  let reloading = false;
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (first) first = false;
    else if (!reloading) {
      reloading = true;
      location.reload();
    }
  });
  void navigator.serviceWorker
    .register(url, { scope: "/drive/", updateViaCache: "none" })
    .then((registration) => {
      const offer = (worker: ServiceWorker | null): void => {
        if (worker && navigator.serviceWorker.controller) update.value = worker;
      };
      // A version that waited through the last visit takes over before anything is typed.
      if (registration.waiting && navigator.serviceWorker.controller) registration.waiting.postMessage("take-over");
      registration.addEventListener("updatefound", () => {
        const worker = registration.installing;
        worker?.addEventListener("statechange", () => {
          if (worker.state === "installed") offer(registration.waiting);
        });
      });
      window.setInterval(() => void registration.update().catch(() => undefined), 3_600_000);
    })
    .catch((error: unknown) => console.error(error));
}

/** Asked once the driver is signed in: browsers grant it to pages that are used. */
export async function askToPersist(): Promise<void> {
  if (!navigator.storage?.persist) return;
  persistent.value = (await navigator.storage.persisted()) || (await navigator.storage.persist());
}
