// The line at the top: where this seat is, whether the server answers, the way to the organizer, the language.
import { makeCall } from "./call.js";
import { button, make, show, state as shape, write } from "./dom.js";

// Nobody is known yet, or nobody is here any more; at work the bar has the button.
const WITHOUT_CALL = new Set(["pairing", "sign_in", "work", "done", "moved"]);

export function mountTop(root, context) {
  const { agent, words, language, state: { screen } } = context;
  const place = make("span", { class: "top-place" });
  const link = make("span", { class: "top-link", role: "status" });
  const training = make("span", { class: "top-training" }, words.training);
  const other = language === "ru" ? "en" : "ru";
  const change = button(words.otherLanguage, () => agent.act("set_language", { language: other }),
    { class: "quiet", lang: other });
  const call = WITHOUT_CALL.has(screen) ? null : makeCall(context);
  root.replaceChildren(...[place, training, link, change, call?.element].filter(Boolean));
  let shown = null;
  return {
    update(state) {
      const { school, room, seat } = state.server;
      write(place, [school, room && words.room(room), seat && words.seat(seat)].filter(Boolean).join(" · ") || words.page);
      call?.update(state);
      show(training, Boolean(state.assessment?.training));
      show(link, state.screen !== "pairing");
      if (shown !== state.link.away) {
        shown = state.link.away;
        link.replaceChildren(shown ? shape("offline", words.linkAway) : shape("ready", words.linkGood));
      }
    },
  };
}
