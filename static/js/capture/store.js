// What is recorded and not sent yet, and drafts, in the phone's own store. Nothing here knows the network.

const opening = new Promise((resolve, reject) => {
  const request = indexedDB.open("isotrack-capture", 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("items", { keyPath: "uid" });
    request.result.createObjectStore("drafts", { keyPath: "key" });
    request.result.createObjectStore("questions", { keyPath: "audit" });
  };
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

async function within(store, mode, act) {
  const database = await opening;
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(store, mode);
    const request = act(transaction.objectStore(store));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

export const put = (store, row) => within(store, "readwrite", (rows) => rows.put(row));
export const get = (store, key) => within(store, "readonly", (rows) => rows.get(key));
export const all = (store) => within(store, "readonly", (rows) => rows.getAll());
export const remove = (store, key) => within(store, "readwrite", (rows) => rows.delete(key));

// Ask the browser not to throw the store away when space is short.
export const keep = () => navigator.storage?.persist?.();
