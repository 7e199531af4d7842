// The line at the top: where this seat is, whether the server answers, the language.
import { button, make, show, state as shape, write } from "./dom.js";

export function mountTop(root, { agent, words, language }) {
  const place = make("span", { class: "top-place" });
  const link = make("span", { class: "top-link", role: "status" });
  const training = make("span", { class: "top-training" }, words.training);
  const other = language === "ru" ? "en" : "ru";
  const change = button(words.otherLanguage, () => agent.act("set_language", { language: other }),
    { class: "quiet", lang: other });
  root.replaceChildren(place, training, link, change);
  let shown = null;
  return {
    update(state) {
      const { school, room, seat } = state.server;
      write(place, [school, room && words.room(room), seat && words.seat(seat)].filter(Boolean).join(" · ") || words.page);
      show(training, Boolean(state.assessment?.training));
      show(link, state.screen !== "pairing");
      if (shown !== state.link.away) {
        shown = state.link.away;
        link.replaceChildren(shown ? shape("offline", words.linkAway) : shape("ready", words.linkGood));
      }
    },
  };
}
