// What a seat without installation is and what it cannot promise: told to the technician on the pairing screen and to the
// organizer in the readiness table, in both languages.
export const SOFTWARE = "plain-seat/0.1.0";

const LITTLE_BYTES = 500 * 1024 * 1024;
const finding = (word, code, ru, en) => ({ subject: "plain_seat", word, code, ru, en });

/** The findings of this browser, what is wrong first. `facts`: {isKept, isPersisted, isSecret, freeBytes, hasSound}. */
export function listFindings({ isKept, isPersisted, isSecret, freeBytes, hasSound }) {
  return [
    ...(hasSound ? [] : [finding("stop", "no_recording",
      "Этот браузер не записывает звук: нужны защищённое соединение и браузер не старше Chromium 109. Работы с речью здесь не начинайте.",
      "This browser records no sound: it takes a secure connection and a browser not older than Chromium 109. Begin no work with speech here.")]),
    finding("attention", "plain_seat",
      "Место без установки: ответы и речь хранит браузер. Очистка данных, гостевой режим или сброс компьютера сотрут недоставленное; закрытая вкладка теряет до секунды речи.",
      "A seat without installation: answers and speech are kept by the browser. Clearing its data, guest mode or a reset of the computer erase what was not delivered; a closed tab loses up to a second of speech."),
    finding("attention", "not_locked",
      "Выход из страницы, другие окна и уровень звука системы не запираются и не видны: нужен надзор организатора.",
      "Leaving the page, other windows and the system's volume are neither locked nor seen: an organizer has to watch."),
    ...(isKept ? [] : [finding("attention", "not_kept",
      "Браузер не доверяет сертификату: пока сервера нет, страницу нельзя открыть заново. Установите сертификат сервера аудитории.",
      "The browser does not trust the certificate: while the server is away the page cannot be opened again. Install the classroom server's certificate.")]),
    ...(isPersisted ? [] : [finding("attention", "not_persistent",
      "Браузер может сам удалить данные, если кончится место. Не удаляйте их и не закрывайте браузер до конца работы.",
      "The browser may delete its data by itself when space runs out. Do not close the browser before the work is over.")]),
    ...(isSecret ? [] : [finding("attention", "open_key",
      "Старый браузер: ключ места можно прочитать из него. Снимите место с учёта после работы.",
      "An old browser: the seat's key can be read out of it. Remove this workstation after the work.")]),
    ...(freeBytes < LITTLE_BYTES ? [finding("stop", "little_space",
      "Браузеру отведено меньше 500 МБ: речь может не поместиться.", "The browser has less than 500 MB: speech may not fit.")] : []),
  ];
}

/** What this browser gives, as far as it tells. */
export async function lookAtBrowser(key) {
  const storage = navigator.storage;
  const isPersisted = await (storage?.persist?.() ?? false).catch?.(() => false) ?? false;
  const { quota = 0, usage = 0 } = await storage?.estimate?.() ?? {};
  const hasSound = Boolean(navigator.mediaDevices?.getUserMedia && globalThis.AudioWorkletNode);
  const isKept = Boolean(await navigator.serviceWorker?.getRegistration?.().catch(() => null));
  return { isKept, isPersisted, isSecret: key.isHidden, freeBytes: Math.max(0, Math.round(quota - usage)), hasSound };
}
