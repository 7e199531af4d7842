// Cyrillic letters that look like Latin ones: found in an answer that is written in Latin letters, never changed by
// itself.
const PAIRS = {
  а: "a", е: "e", о: "o", с: "c", р: "p", х: "x", у: "y", к: "k", і: "i", ј: "j", ѕ: "s", ё: "ë",
  А: "A", В: "B", Е: "E", К: "K", М: "M", Н: "H", О: "O", Р: "P", С: "C", Т: "T", Х: "X", У: "Y", І: "I", Ј: "J", Ѕ: "S", Ё: "Ë",
};
const WORD = /\p{L}+/gu;
const LATIN = /\p{Script=Latin}/u;
const CYRILLIC = /\p{Script=Cyrillic}/u;
const LATIN_LANGUAGES = new Set(["en", "de", "fr", "es", "it", "pt", "pl", "cs", "nl", "fi", "sv"]);

export function isWrittenInLatin(language) {
  return LATIN_LANGUAGES.has(String(language ?? "").slice(0, 2));
}

const looksLatin = (word) => [...word].every((letter) => letter in PAIRS);

// Which words of a text are doubtful. A word that is Russian beyond doubt makes its neighbours Russian too: there only
// words of mixed letters are.
function makeDoubt(text) {
  const words = text.match(WORD) ?? [];
  const isRussian = words.some((word) => !LATIN.test(word) && CYRILLIC.test(word) && !looksLatin(word));
  return (word) => CYRILLIC.test(word) && (LATIN.test(word) || (!isRussian && looksLatin(word)));
}

// The look-alike letters of a text, each once, in the order in which they are met.
export function findLookAlikes(text) {
  const doubtful = (text.match(WORD) ?? []).filter(makeDoubt(text));
  return [...new Set(doubtful.flatMap((word) => [...word].filter((letter) => letter in PAIRS)))];
}

// The same text with these letters Latin, in the words where they were found.
export function replaceLookAlikes(text) {
  const isDoubtful = makeDoubt(text);
  return text.replace(WORD, (word) => (isDoubtful(word) ? [...word].map((letter) => PAIRS[letter] ?? letter).join("") : word));
}
