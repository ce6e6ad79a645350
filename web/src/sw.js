// SPDX-License-Identifier: MIT
//
// Keeps the page for when there is no network. All files of one build belong
// together, so they are kept, and replaced, together; the network is asked
// first, so that a new build is seen at once.

const NAME = 'basin-@VERSION@';
const FILES = "@FILES@";

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(FILES))
    .then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(caches.keys().then((names) => Promise.all(names
    .filter((name) => name.startsWith('basin-') && name !== NAME)
    .map((name) => caches.delete(name))))
    .then(() => self.clients.claim()));
});

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== location.origin) return;
  event.respondWith(fetch(event.request).catch(() =>
    caches.match(event.request, { ignoreSearch: true })
      .then((kept) => kept ?? Response.error())));
});
